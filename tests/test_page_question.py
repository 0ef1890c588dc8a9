import pytest

from photo_sync.ledger import Line
from photo_sync.page.question import Question, text
from photo_sync.page.reply import Declined


def line(photo: str = "users/Ada@contoso.com.jpg", outcome: str = "rejected", code: str = "too-small") -> Line:
    return Line(photo, "0x1", outcome, None, code, "This picture is too small.")


def test_a_request_without_parameters_wants_everything_from_the_beginning() -> None:
    question = Question.read({})
    assert (question.token, question.prefix, question.after, question.size) == ("", "", "", 5_000)
    assert question.wants(line())


@pytest.mark.parametrize(
    ("params", "wanted"),
    [
        ({"outcome": "rejected"}, True),
        ({"outcome": "failed,rejected"}, True),
        ({"outcome": "synced"}, False),
        ({"search": "ADA@"}, True),
        ({"search": " ada "}, True),
        ({"search": "users/a"}, True),
        ({"search": "too-small"}, True),
        ({"search": "picture is"}, False),
        ({"search": "grace"}, False),
        ({"after": "users/Ada@contoso.com"}, True),
        ({"after": "users/Ada@contoso.com.jpg"}, False),
        ({"outcome": "synced", "search": "ada"}, False),
    ],
)
def test_lines_are_wanted_by_outcome_by_name_or_code_and_behind_a_name(params: dict[str, str], wanted: bool) -> None:  # noqa: FBT001
    assert Question.read(params).wants(line()) is wanted


def test_a_search_finds_letters_whatever_their_case() -> None:
    assert Question.read({"search": "JOSÉ"}).wants(line("users/josé@contoso.com.jpg"))
    assert Question.read({"search": "strasse"}).wants(line("users/Straße@contoso.com.jpg"))


@pytest.mark.parametrize("size", ["0", "5001", "-1", "1e3", "٣", "", " 7", "99999999999999999999"])
def test_a_size_is_a_number_that_storage_takes(size: str) -> None:
    with pytest.raises(Declined, match="from 1 to 5000"):
        Question.read({"size": size})


@pytest.mark.parametrize("outcome", ["lost", "synced,lost", "synced;failed", "x" * 10_000])
def test_an_outcome_is_one_that_there_is(outcome: str) -> None:
    with pytest.raises(Declined, match="synced, unchanged, rejected"):
        Question.read({"outcome": outcome})


@pytest.mark.parametrize("name", ["token", "search", "prefix", "after"])
def test_no_parameter_is_endless(name: str) -> None:
    with pytest.raises(Declined, match=f"“{name}” has 5,000 characters") as refusal:
        Question.read({name: "x" * 5_000})
    assert refusal.value.status == 400


@pytest.mark.parametrize("name", ["token", "etag"])
def test_what_was_given_out_has_no_control_characters(name: str) -> None:
    with pytest.raises(Declined, match="control character"):
        text({name: "2!92\n"}, name)


def test_a_name_may_have_any_character() -> None:
    assert text({"name": "users/a\x07b.jpg"}, "name") == "users/a\x07b.jpg"
