import pytest

from photo_sync.spelling import escaped, shown


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("josé.jpg", "josé.jpg"),
        ("a\u202eb", "a\\u202eb"),
        ("a\nb", "a\\nb"),
        ("\ud800", "\\ud800"),
        ("a" * 200, "a" * 200),
        ("a" * 201, "a" * 199 + "…"),
    ],
)
def test_a_name_stands_in_a_sentence_as_it_is_but_for_what_cannot_be_seen_and_what_is_endless(
    name: str, sentence: str
) -> None:
    assert shown(name) == sentence


def test_a_whole_text_is_escaped_and_not_cut() -> None:
    assert escaped("\x1b" + "é" * 300) == "\\x1b" + "é" * 300
