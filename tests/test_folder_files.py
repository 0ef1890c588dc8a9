from pathlib import Path

import pytest

from photo_sync.errors import Rejected
from photo_sync.folder.files import SHEET, File, files, misplaced


def keep(folder: Path, *names: str, data: bytes = b"") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def names(folder: Path) -> list[str]:
    return [file.name() for file in files([folder], folder)]


def test_all_that_is_below_a_folder_is_found_in_order(tmp_path: Path) -> None:
    keep(tmp_path, "users/b.jpg", "users/a.jpg", "b.jpg", "groups/deep/c.jpg")
    assert names(tmp_path) == ["b.jpg", "groups/deep/c.jpg", "users/a.jpg", "users/b.jpg"]


def test_what_is_hidden_is_left_out(tmp_path: Path) -> None:
    keep(tmp_path, ".DS_Store", ".git/a.jpg", "users/._a.jpg", "Thumbs.db", "users/desktop.ini", "users/a.jpg")
    assert names(tmp_path) == ["users/a.jpg"]


def test_what_photo_sync_has_written_itself_is_left_out(tmp_path: Path) -> None:
    keep(tmp_path, "users/a.jpg.checked.jpg", "users/a.jpg", "other.html")
    keep(tmp_path, "sheet.html", "sheet.HTM", "sheet.html.part", "sheet", data=SHEET + b"\n<html>")
    assert names(tmp_path) == ["other.html", "users/a.jpg"]


def test_a_link_to_a_folder_is_a_file_of_its_own_and_not_followed(tmp_path: Path) -> None:
    keep(tmp_path, "users/a.jpg")
    (tmp_path / "again").symlink_to(tmp_path)
    assert names(tmp_path) == ["again", "users/a.jpg"]


def test_a_single_file_s_name_counts_from_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(tmp_path, "users/a.jpg")
    monkeypatch.chdir(tmp_path / "users")
    (file,) = files([Path("a.jpg")], Path(".."))
    assert file.name() == "users/a.jpg"


def test_a_file_outside_the_root_has_no_name(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="--root"):
        File(tmp_path / "a.jpg", tmp_path / "users").name()


def test_a_folder_that_goes_while_it_is_listed_is_an_error(tmp_path: Path) -> None:
    keep(tmp_path, "a.jpg", "users/a.jpg")
    found = files([tmp_path], tmp_path)
    next(found)
    (tmp_path / "users" / "a.jpg").unlink()
    (tmp_path / "users").rmdir()
    with pytest.raises(FileNotFoundError):
        next(found)


@pytest.mark.parametrize(("name", "is_told"), [("users", True), ("Groups", True), ("portraits", False)])
def test_a_folder_that_is_a_kind_itself_is_told_of(tmp_path: Path, name: str, *, is_told: bool) -> None:
    assert ("Name the one above it" in misplaced(tmp_path / name)) == is_told
