import os
import sys
from pathlib import Path

import pytest
from PIL import Image

from photo_sync.settings import Settings
from pictures import noise, plain, save
from terminal import Command, photo_sync

ADA = "users/ada@contoso.com.png"
TIM = "users/tim@contoso.com.jpg"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as an admin might keep it: one good picture, one file that is none, one of no kind, and hidden ones."""
    for name in (".git", "users", "people"):
        (tmp_path / name).mkdir()
    (tmp_path / ADA).write_bytes(plain(width=300, height=300, format_="PNG"))
    (tmp_path / TIM).write_bytes(b"%PDF-1.7")
    (tmp_path / "people" / "hedy@contoso.com.jfif").write_bytes(plain())
    for name in (".DS_Store", "Thumbs.db", ".git/ada.jpg"):
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def test_check_says_whose_photo_a_file_would_be_and_how_it_comes_out(folder: Path) -> None:
    run = photo_sync("check", ADA, folder=folder)
    measures = "PNG 300 x 300 becomes JPEG 300 x 300"
    assert run.stdout.startswith(f"✓ {ADA} → /users/ada%40contoso.com/photo/$value: {measures}, ")
    assert len(run.stdout.splitlines()) == 1
    assert run.returncode == 0


def test_check_goes_through_a_folder_and_counts(command: Command, folder: Path) -> None:
    run = command("check", ".", folder=folder)
    assert [line.split(":")[0].split(" →")[0] for line in run.stdout.splitlines()] == [
        "✗ people/hedy@contoso.com.jfif",
        f"✓ {ADA}",
        f"✗ {TIM}",
        "3 files",
    ]
    assert run.stdout.endswith("3 files: 1 accepted, 2 would be refused.\n")
    assert run.returncode == 1


def test_check_says_what_a_file_should_be_called(command: Command, folder: Path) -> None:
    (line,) = command("check", "people/hedy@contoso.com.jfif", folder=folder).stdout.splitlines()
    assert line.endswith("Call it “users/hedy@contoso.com.jpg”.")


def test_what_is_wrong_with_the_picture_is_told_beside_the_name(command: Command, folder: Path) -> None:
    (folder / "people" / "tim@contoso.com.jpg").write_bytes(b"%PDF-1.7")
    (line,) = command("check", "people/tim@contoso.com.jpg", folder=folder).stdout.splitlines()
    assert "“people” is not a kind of photo." in line
    assert "Besides: This file is a PDF document" in line
    assert "Call it" not in line


def test_check_prints_a_line_of_json_for_each_file(command: Command, folder: Path) -> None:
    hedy, ada, tim = command("check", ".", "--json", folder=folder).lines
    assert (ada["accepted"], ada["name"], ada["target"]) == (True, ADA, "/users/ada%40contoso.com/photo/$value")
    assert (ada["photo_width"], ada["source_format"]) == (300, "PNG")
    assert (tim["accepted"], tim["code"]) == (False, "wrong-format")
    assert (hedy["code"], hedy["suggestion"]) == ("unknown-extension", "users/hedy@contoso.com.jpg")


def test_names_in_a_folder_count_from_that_folder(command: Command, folder: Path) -> None:
    (ada,) = command("check", folder, "--json", folder=folder / "users").lines[1:2]
    assert ada["name"] == ADA


def test_a_folder_that_is_a_kind_itself_is_asked_about(command: Command, folder: Path) -> None:
    run = command("check", "users", folder=folder)
    assert "is in no folder" in run.stdout
    assert "Name the one above it" in run.stderr


def test_names_of_files_count_from_the_root_that_is_named(command: Command, folder: Path) -> None:
    run = command("check", "--root", folder, folder / ADA, folder=folder / "users")
    assert "/users/ada%40contoso.com/photo/$value" in run.stdout


def test_a_file_outside_the_root_is_refused_with_advice(command: Command, folder: Path) -> None:
    run = command("check", folder / ADA, folder=folder / "people")
    assert "Name the folder that holds users/ with --root" in run.stdout
    assert run.returncode == 1


def test_check_warns_of_a_picture_without_a_face_where_one_is_wanted(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUIRE_FACE", "warn")
    run = command("check", ADA, folder=folder)
    assert " bytes, no face (No face was found in this picture." in run.stdout
    assert run.returncode == 0


def test_check_refuses_what_a_dropped_file_cannot_be(command: Command, folder: Path) -> None:
    (folder / "me.jpg").write_bytes(plain())
    run = command("check", "me.jpg", folder=folder)
    assert "photo-sync put me" in run.stdout
    assert run.returncode == 1


def test_check_obeys_the_guard(command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW", "users/*@contoso.com")
    monkeypatch.setenv("DENY", "users/ada*")
    run = command("check", ADA, folder=folder)
    assert "is never touched: DENY has “users/ada*”" in run.stdout
    assert run.returncode == 1


def test_somebody_who_has_to_be_looked_up_is_told_in_words(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USER_MATCH", "employeeId")
    (folder / "users" / "E1001.png").write_bytes((folder / ADA).read_bytes())
    assert "→ the person with the employeeId “E1001”: PNG" in command("check", "users/E1001.png", folder=folder).stdout


def test_check_writes_the_jpeg_beside_the_file_when_asked(command: Command, folder: Path) -> None:
    command("check", ADA, folder=folder)
    assert not (folder / f"{ADA}.checked.jpg").exists()
    command("check", "--write", ADA, TIM, folder=folder)
    with Image.open(folder / f"{ADA}.checked.jpg") as photo:
        assert (photo.format, photo.size) == ("JPEG", (300, 300))
    assert not (folder / f"{TIM}.checked.jpg").exists()


def test_what_check_wrote_is_no_upload_to_check(command: Command, folder: Path) -> None:
    first = command("check", ".", "--write", "--contact-sheet", "sheet.html", folder=folder)
    assert first.stdout.endswith("3 files: 1 accepted, 2 would be refused.\n")
    assert command("check", ".", folder=folder).stdout.endswith("3 files: 1 accepted, 2 would be refused.\n")


def test_a_contact_sheet_that_cannot_be_written_is_told(command: Command, folder: Path) -> None:
    run = command("check", ".", "--contact-sheet", "nowhere/sheet.html", folder=folder)
    assert run.stderr == "nowhere/sheet.html.part: No such file or directory.\n"
    assert run.returncode == 1


@pytest.mark.parametrize("name", [ADA, "sheet.html", "new.html.part"])
def test_a_file_that_is_no_contact_sheet_is_not_overwritten(command: Command, folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"not ours")
    run = command("check", ".", "--contact-sheet", name.removesuffix(".part"), folder=folder)
    assert run.stderr == f"{name} is there already and is no contact sheet: name another file.\n"
    assert (run.stdout, run.returncode) == ("", 2)
    assert (folder / name).read_bytes() == b"not ours"


def test_a_contact_sheet_takes_the_place_of_the_last_one(command: Command, folder: Path) -> None:
    sheet = folder / "sheet.txt"
    sheet.touch()
    for count in (2, 3):
        command("check", *(ADA, TIM, "people")[:count], "--contact-sheet", sheet, folder=folder)
        assert f">{count} files: " in sheet.read_text("utf-8")
    assert command("check", ".", folder=folder).stdout.count("\n") == 4


def test_two_files_for_the_same_photo_are_refused_together(command: Command, folder: Path) -> None:
    (folder / "users" / "Ada@contoso.com.jpg").write_bytes(plain())
    run = command("check", ".", "--contact-sheet", "sheet.html", folder=folder)
    assert f"✗ users/Ada@contoso.com.jpg: “{ADA}” is for the same photo." in run.stdout
    assert f"✗ {ADA}: “users/Ada@contoso.com.jpg” is for the same photo." in run.stdout
    assert run.stdout.endswith("4 files: 0 accepted, 4 would be refused.\n")
    assert f"“{ADA}” is for the same photo." in (folder / "sheet.html").read_text("utf-8")


def test_a_file_that_is_named_twice_is_one(command: Command, folder: Path) -> None:
    assert command("check", ADA, folder / ADA, ".", folder=folder).stdout.count("✓") == 1


def test_a_name_that_two_files_should_have_is_not_suggested(command: Command, folder: Path) -> None:
    (folder / "hedy@contoso.com.png").write_bytes(plain(format_="PNG"))
    assert "Call it" not in command("check", ".", folder=folder).stdout


def test_check_names_files_by_a_pattern_as_upload_does(command: Command, folder: Path) -> None:
    (line,) = command("check", ADA, "--rename", "users/x{stem}", "--json", folder=folder).lines
    assert line["name"] == "users/xada@contoso.com.png"


def test_check_names_files_by_a_list_as_upload_does(command: Command, folder: Path) -> None:
    (folder / "people.csv").write_text(
        f"sep=;\nfile;target\n{ADA};users/grace@contoso.com\nE1.jpg;users/tim\n", "utf-8"
    )
    run = command("check", ".", "--map", "people.csv", "--json", folder=folder)
    names = {line["file"]: (line["name"], line["code"]) for line in run.lines}
    assert names == {
        "people/hedy@contoso.com.jfif": ("", "not-in-list"),
        ADA: ("users/grace@contoso.com.png", ""),
        TIM: ("", "not-in-list"),
    }
    assert run.stderr == "people.csv names 1 file that is not in the folder: “E1.jpg”.\n"


def test_a_pattern_and_a_list_are_one_too_many(command: Command, folder: Path) -> None:
    run = command("check", ".", "--map", "people.csv", "--rename", "users/{stem}", folder=folder)
    assert (run.stderr, run.returncode) == ("--rename and --map both name the files: use one of them.\n", 2)


def test_a_file_that_is_not_there_is_said_to_be_so(command: Command, folder: Path) -> None:
    run = command("check", "users/nobody.jpg", folder=folder)
    assert "cannot be read: No such file or directory" in run.stdout
    assert run.returncode == 1


def test_a_link_is_named_by_its_own_name(command: Command, folder: Path) -> None:
    (folder / "users" / "grace@contoso.com.png").symlink_to(folder / ADA)
    run = command("check", "users/grace@contoso.com.png", folder=folder)
    assert "→ /users/grace%40contoso.com/photo/$value" in run.stdout


def test_a_file_name_cannot_write_to_the_terminal(command: Command, folder: Path) -> None:
    (folder / "users" / "\x1b[2Jeve@contoso.com.jpg").write_bytes(plain())
    run = command("check", ".", folder=folder)
    assert "\x1b" not in run.stdout
    assert "users/\\x1b[2Jeve@contoso.com.jpg" in run.stdout


def test_nor_can_the_name_of_a_list_or_a_folder(command: Command, folder: Path) -> None:
    (folder / "\x1b[2J.csv").write_text(f"file,target\n{ADA},a\n{ADA},b\n\x1b[2J,c\n\x1b[2J,d\n", "utf-8")
    (folder / "\x1b[2J").mkdir()
    for arguments in ((".", "--map", "\x1b[2J.csv"), (ADA, "--root", "\x1b[2J")):
        run = command("check", *arguments, folder=folder)
        assert "\x1b" not in run.stdout + run.stderr
        assert "\\x1b[2J" in run.stdout + run.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only here a name may be no text")
def test_a_name_that_is_no_text_comes_through_json_whole(command: Command, folder: Path) -> None:
    (folder / "users" / os.fsdecode(b"ren\xe9@contoso.com.jpg")).write_bytes(plain())
    *_, rene, _ = command("check", ".", "--json", folder=folder).lines
    assert os.fsencode(rene["file"]) == b"users/ren\xe9@contoso.com.jpg"


def test_the_limits_of_the_photo_are_settings_here_too(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTO_EDGE", "200")
    monkeypatch.setenv("MAX_PHOTO_BYTES", "10000")
    (folder / ADA).write_bytes(save(noise(300), "PNG"))
    command("check", "--write", ADA, folder=folder)
    written = folder / f"{ADA}.checked.jpg"
    with Image.open(written) as photo:
        assert photo.width <= 200
    assert written.stat().st_size <= 10_000


def test_a_file_over_the_limit_is_refused_in_the_app_s_own_words(
    command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_UPLOAD_BYTES", "100")
    size = (folder / ADA).stat().st_size
    assert Settings.from_env({"MAX_UPLOAD_BYTES": "100"}, needs_storage=False).max_upload_bytes == 100
    assert (
        f"This file has {size:,} bytes, more than the 100 that are read here."
        in command("check", ADA, folder=folder).stdout
    )
