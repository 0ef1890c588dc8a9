from pathlib import Path

import pytest

from photo_sync.folder.files import File
from photo_sync.folder.judge import Judged, judge
from photo_sync.settings import Settings
from photo_sync.storage import too_large
from pictures import noise, plain, save


def judged(folder: Path, name: str, data: bytes = b"", **environ: str) -> Judged:
    """What is judged of a file of that name and content."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if data:
        path.write_bytes(data)
    return judge(File(path, folder), Settings.from_env(environ, needs_storage=False))


def test_a_good_file_is_accepted_with_whose_it_is_and_how_it_comes_out(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "groups/0d9a.png", plain(width=90, height=60, format_="PNG")).verdict
    assert (verdict.is_accepted, verdict.kind, verdict.target) == (True, "groups", "/groups/0d9a/photo/$value")
    assert (verdict.source_width, verdict.photo_width, verdict.photo_height) == (90, 60, 60)


def test_the_name_is_judged_before_the_picture(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "people/ada@contoso.com.jpg", b"%PDF-1.7").verdict
    assert verdict.code == "unknown-kind"
    assert verdict.besides.startswith("This file is a PDF document")
    assert verdict.suggestion == ""


def test_a_good_picture_under_a_wrong_name_has_a_suggestion(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "people/ada@contoso.com.pdf", plain(format_="GIF")).verdict
    assert (verdict.suggestion, verdict.besides) == ("users/ada@contoso.com.gif", "")


def test_a_name_with_two_extensions_is_asked_about(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "users/ada@contoso.com.jpg.png", plain()).verdict
    assert verdict.is_accepted
    assert verdict.warning == "The name ends in two extensions, and “ada@contoso.com.jpg” is taken for the id."
    assert verdict.suggestion == "users/ada@contoso.com.png"


def test_what_is_denied_is_not_suggested_either(tmp_path: Path) -> None:
    guard = {"ALLOW": "users/*", "DENY": "users/ada*"}
    assert judged(tmp_path, "people/ada@contoso.com.jpg", plain(), **guard).verdict.suggestion == ""
    assert judged(tmp_path, "people/tim@contoso.com.jpg", plain(), **guard).verdict.suggestion


def test_nothing_is_suggested_for_what_must_not_be_touched(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "users/ada@contoso.com.png.jpg", plain(), ALLOW="users/*@contoso.com").verdict
    assert (verdict.code, verdict.suggestion) == ("not-allowed", "")


@pytest.mark.parametrize(
    ("match", "name", "target"),
    [
        ("employeeId", "users/E1001.jpg", "the person with the employeeId “E1001”"),
        ("mail", "users/a@b.c/contacts/AAMk.jpg", "the contact “AAMk” of the person with the mail “a@b.c”"),
        ("mail", "groups/0d9a.jpg", "/groups/0d9a/photo/$value"),
    ],
)
def test_whoever_is_looked_up_is_told_in_words(tmp_path: Path, match: str, name: str, target: str) -> None:
    assert judged(tmp_path, name, plain(), USER_MATCH=match).verdict.target == target


def test_a_bare_number_may_be_a_person_s_where_they_are_known_by_numbers(tmp_path: Path) -> None:
    assert judged(tmp_path, "E1001.jpg", plain()).verdict.suggestion == ""
    assert judged(tmp_path, "E1001.jpg", plain(), USER_MATCH="employeeId").verdict.suggestion == "users/E1001.jpg"


def test_a_file_over_the_limit_is_refused_unread_in_the_app_s_words(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "users/ada.jpg", save(noise(64), "PNG"), MAX_UPLOAD_BYTES="1000").verdict
    assert verdict.reason == too_large((tmp_path / "users" / "ada.jpg").stat().st_size, 1_000).reason
    assert verdict.md5 == ""


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "users" / "ada.jpg").mkdir(parents=True)
    assert "No such file or directory" in judged(tmp_path, "users/nobody.jpg").verdict.reason
    assert "no file but a folder" in judged(tmp_path, "users/ada.jpg").verdict.reason


def test_a_picture_that_is_settled_is_not_looked_at_again(tmp_path: Path) -> None:
    (tmp_path / "users").mkdir()
    (tmp_path / "users" / "ada.jpg").write_bytes(b"anything")
    file, settings = File(tmp_path / "users" / "ada.jpg", tmp_path), Settings.from_env({}, needs_storage=False)
    settled = judge(file, settings, is_settled=lambda verdict: verdict.md5 == "8OFm3DTRTWwij/rFdsmkPA==")
    assert settled.verdict.is_accepted
    assert judge(file, settings, is_settled=lambda _: False).verdict.code == "not-a-picture"
