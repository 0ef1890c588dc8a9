import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from local.cloud import Cloud
from local.directory import CONTACT
from local.graph import GraphEmulator
from photo_sync import __version__
from photo_sync.retries import Retry
from photo_sync.settings import PHOTOS, RETRIES, Settings
from photo_sync.wiring import connect
from pictures import noise, plain, save

PHOTO_SYNC = Path(sys.executable).with_name("photo-sync")
ADA = "users/ada@contoso.com.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as an admin might keep it: one good picture, and one file that is none."""
    (tmp_path / "users").mkdir()
    (tmp_path / ADA).write_bytes(plain(width=300, height=300, format_="PNG"))
    (tmp_path / "users" / "tim@contoso.com.jpg").write_bytes(b"%PDF-1.7")
    return tmp_path


def photo_sync(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the installed command in that folder."""
    return subprocess.run(  # noqa: S603 - the command is ours
        [str(PHOTO_SYNC), *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def test_check_says_whose_photo_a_file_would_be_and_how_it_comes_out(folder: Path) -> None:
    run = photo_sync("check", ADA, folder=folder)
    assert run.stdout.startswith(f"✓ {ADA} → /users/ada%40contoso.com/photo/$value: ")
    assert "PNG 300 x 300 becomes JPEG 300 x 300" in run.stdout
    assert run.returncode == 0


def test_check_warns_of_a_picture_without_a_face_where_one_is_wanted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUIRE_FACE", "warn")
    run = photo_sync("check", ADA, folder=folder)
    assert "(No face was found in this picture." in run.stdout
    assert run.returncode == 0


def test_check_says_why_a_file_would_be_refused_and_fails(folder: Path) -> None:
    run = photo_sync("check", ADA, "users/tim@contoso.com.jpg", folder=folder)
    assert "✗ users/tim@contoso.com.jpg: This file is a PDF document" in run.stdout
    assert f"✓ {ADA}" in run.stdout
    assert run.returncode == 1


def test_check_refuses_what_a_dropped_file_cannot_be(folder: Path) -> None:
    (folder / "me.jpg").write_bytes(plain(width=300, height=300, format_="PNG"))
    run = photo_sync("check", "me.jpg", folder=folder)
    assert "photo-sync put me" in run.stdout
    assert run.returncode == 1


def test_names_count_from_the_root_that_is_named(folder: Path) -> None:
    run = photo_sync("check", "--root", folder, folder / ADA, folder=folder / "users")
    assert "/users/ada%40contoso.com/photo/$value" in run.stdout


def test_a_file_outside_the_root_is_refused_with_advice(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    run = photo_sync("check", folder / ADA, folder=folder / "elsewhere")
    assert "Name the folder that holds users/ with --root" in run.stdout
    assert run.returncode == 1


def test_check_writes_the_jpeg_beside_the_file_when_asked(folder: Path) -> None:
    photo_sync("check", ADA, folder=folder)
    assert not (folder / f"{ADA}.checked.jpg").exists()
    photo_sync("check", "--write", ADA, folder=folder)
    with Image.open(folder / f"{ADA}.checked.jpg") as photo:
        assert (photo.format, photo.size) == ("JPEG", (300, 300))


def test_a_file_that_is_not_there_is_said_to_be_so(folder: Path) -> None:
    run = photo_sync("check", "users/nobody.jpg", folder=folder)
    assert "cannot be read: No such file or directory" in run.stdout
    assert run.returncode == 1


@pytest.mark.usefixtures("signed_in")
def test_put_sets_the_photo_of_whoever_is_signed_in(folder: Path, emulator: GraphEmulator) -> None:
    run = photo_sync("put", "me", ADA, folder=folder)
    assert run.stdout.startswith(f"✓ {ADA} → /me/photo/$value: ")
    assert [entry.name for entry in emulator.directory if entry.photo] == ["Ada Lovelace"]
    assert run.returncode == 0


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize("target", [f"me/contacts/{CONTACT}", f"users/ada@contoso.com/contacts/{CONTACT}.jpg"])
def test_put_takes_a_target_with_or_without_an_extension(folder: Path, emulator: GraphEmulator, target: str) -> None:
    assert photo_sync("put", target, ADA, folder=folder).returncode == 0
    assert [entry.name for entry in emulator.directory if entry.photo] == ["Charles Babbage"]


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(
    ("target", "file", "told"),
    [
        ("me", "users/tim@contoso.com.jpg", "is a PDF document"),
        ("nobody", ADA, "is in no folder"),
        ("users/grace@contoso.com", ADA, "may not set the photo of the user “grace@contoso.com”"),
        ("me/contacts/nobody", ADA, "Microsoft 365 does not know the contact “nobody”"),
    ],
)
def test_put_says_why_a_photo_was_refused(folder: Path, target: str, file: str, told: str) -> None:
    run = photo_sync("put", target, file, folder=folder)
    assert told in run.stderr
    assert run.returncode == 1


@pytest.mark.usefixtures("signed_in")
def test_put_says_how_to_sign_in_in_one_line(folder: Path) -> None:
    (folder / "bin" / "az").write_text("#!/bin/sh\necho 'Please run az login' >&2\nexit 1\n")
    run = photo_sync("put", "me", ADA, folder=folder)
    assert "run `az login` first" in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert run.returncode == 1


@pytest.mark.usefixtures("signed_in")
def test_put_tells_the_ids_of_a_refusal_by_graph(folder: Path) -> None:
    assert (
        "[403 ErrorAccessDenied, request-id " in photo_sync("put", "users/grace@contoso.com", ADA, folder=folder).stderr
    )


def test_a_link_is_named_by_its_own_name(folder: Path) -> None:
    (folder / "users" / "grace@contoso.com.png").symlink_to(folder / ADA)
    run = photo_sync("check", "users/grace@contoso.com.png", folder=folder)
    assert "→ /users/grace%40contoso.com/photo/$value" in run.stdout


def test_what_check_wrote_is_no_upload_to_check(folder: Path) -> None:
    photo_sync("check", "--write", ADA, folder=folder)
    run = photo_sync("check", ADA, f"{ADA}.checked.jpg", folder=folder)
    assert len(run.stdout.splitlines()) == 1


def test_the_limits_of_the_photo_are_settings_here_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_EDGE", "200")
    monkeypatch.setenv("MAX_PHOTO_BYTES", "10000")
    (folder / ADA).write_bytes(save(noise(300), "PNG"))
    photo_sync("check", "--write", ADA, folder=folder)
    written = folder / f"{ADA}.checked.jpg"
    with Image.open(written) as photo:
        assert photo.width <= 200
    assert written.stat().st_size <= 10_000


def test_a_report_in_a_code_page_without_check_marks_is_a_report(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    run = photo_sync("check", ADA, "users/tim@contoso.com.jpg", folder=folder)
    assert "is a PDF document" in run.stdout
    assert run.returncode == 1


def test_a_wrong_setting_is_named_without_a_traceback(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_EDGE", "huge")
    run = photo_sync("check", ADA, folder=folder)
    assert run.stderr.startswith("PHOTO_EDGE is “huge”")
    assert "Traceback" not in run.stderr
    assert run.returncode == 1


def test_the_version_is_told(folder: Path) -> None:
    assert photo_sync("--version", folder=folder).stdout == f"photo-sync {__version__}\n"


def test_reconcile_has_the_app_look_at_what_has_no_receipt(machine: Cloud, folder: Path) -> None:
    machine.blobs.get_blob_client(PHOTOS, ADA).upload_blob(plain())
    young = photo_sync("reconcile", folder=folder)
    assert young.stdout == "Photos compared with their receipts: 1. Handed to the app: 0.\n"
    now = photo_sync("reconcile", "--min-age", "0", folder=folder)
    assert now.stdout == "Photos compared with their receipts: 1. Handed to the app: 1.\n"
    assert told(machine) == [Retry(ADA)]


def test_resync_has_the_app_look_at_everything_and_decide(machine: Cloud, folder: Path) -> None:
    machine.blobs.get_blob_client(PHOTOS, ADA).upload_blob(plain())
    connect(Settings.from_env(os.environ)).sync(ADA)
    assert "app: 1." in photo_sync("resync", folder=folder).stdout
    assert told(machine) == [Retry(ADA)]


def test_resync_by_force_has_everything_sent_again(machine: Cloud, folder: Path) -> None:
    machine.blobs.get_blob_client(PHOTOS, ADA).upload_blob(plain())
    connect(Settings.from_env(os.environ)).sync(ADA)
    assert photo_sync("resync", "--force", folder=folder).returncode == 0
    assert told(machine) == [Retry(ADA, force=True)]


def told(machine: Cloud) -> list[Retry]:
    """The messages that wait in photo-retries."""
    messages = machine.queues.get_queue_client(RETRIES).peek_messages(max_messages=32)
    return [Retry.from_json(base64.b64decode(message.content)) for message in messages]


def test_storage_that_cannot_be_reached_is_told_without_a_traceback(
    machine: Cloud, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine.settings
    monkeypatch.setenv("PhotoStorage__queueServiceUri", "https://127.0.0.1:1/account")
    run = photo_sync("reconcile", folder=folder)
    assert run.stderr.startswith("Azure Storage did not do this: ")
    assert "Traceback" not in run.stderr
    assert run.returncode == 1


@pytest.mark.parametrize("command", ["check", "put", "reconcile", "resync"])
def test_every_command_has_help_with_an_example(folder: Path, command: str) -> None:
    run = photo_sync(command, "--help", folder=folder)
    assert f"Example: photo-sync {command}" in run.stdout
    assert run.returncode == 0
