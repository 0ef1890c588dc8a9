import signal
import subprocess
from pathlib import Path

import pytest

from local.cloud import Cloud
from photo_sync.cli.status import Stands
from photo_sync.overview import OUTCOMES
from photo_sync.settings import PHOTOS, RECEIPTS, Settings
from photo_sync.wiring import connect
from pictures import plain
from terminal import PHOTO_SYNC, Command
from waiting import eventually

ADA, TIM, NOBODY, HEDY, NEW = (
    *("users/ada@contoso.com.jpg", "users/tim@contoso.com.jpg", "users/nobody@contoso.com.jpg"),
    *("people/hedy@contoso.com.jpg", "users/grace@contoso.com.jpg"),
)


@pytest.fixture
def photos(machine: Cloud) -> Cloud:
    """One photo that is synced, three that are not, and one that the app has not seen yet."""
    job = connect(Settings.from_env(machine.settings))
    for name, data in ((ADA, plain()), (TIM, b"%PDF-1.7"), (NOBODY, plain()), (HEDY, plain()), (NEW, plain())):
        machine.blobs.get_blob_client(PHOTOS, name).upload_blob(data)
        if name != NEW:
            job.sync(name)
    return machine


def test_status_counts_and_shows_first_what_needs_somebody(photos: Cloud, command: Command, tmp_path: Path) -> None:
    assert photos.settings
    run = command("status", folder=tmp_path)
    lines = run.stdout.splitlines()
    assert [line.split()[1] for line in lines[1:-1]] == ["rejected", "rejected", "retrying", "waiting", "synced"]
    assert lines[-1] == "5 photos: 2 rejected, 1 retrying, 1 waiting, 1 synced"
    assert f"{TIM}" in run.stdout
    assert "This file is a PDF document" in run.stdout
    assert run.returncode == 0


def test_status_shows_only_what_is_asked_for(photos: Cloud, command: Command, tmp_path: Path) -> None:
    assert photos.settings
    run = command("status", "users/", "--outcome", "rejected", "--outcome", "waiting", "--json", folder=tmp_path)
    (told,) = run.lines
    assert [photo["photo"] for photo in told["photos"]] == [TIM, NEW]
    assert told["counts"] == {"synced": 1, "retrying": 1, "rejected": 1, "waiting": 1}
    assert told["asked"] == 2
    assert (told["photos"][0]["code"], told["photos"][0]["since"][:2]) == ("wrong-format", "20")


def test_status_says_how_many_more_there_are(photos: Cloud, command: Command, tmp_path: Path) -> None:
    assert photos.settings
    assert "… and 3 more (--limit).\n5 photos: " in command("status", "--limit", "2", folder=tmp_path).stdout


def test_an_empty_container_has_no_photos(machine: Cloud, command: Command, tmp_path: Path) -> None:
    assert machine.settings
    assert command("status", folder=tmp_path).stdout == "There are no photos.\n"


def test_every_outcome_can_be_asked_for() -> None:
    assert set(Stands) == set(OUTCOMES)


def test_watching_looks_again_until_it_is_interrupted(photos: Cloud, tmp_path: Path) -> None:
    assert photos.settings
    told = tmp_path / "told.txt"
    with (
        told.open("wb") as output,
        subprocess.Popen(  # noqa: S603 - the command is ours
            [str(PHOTO_SYNC), "status", "--watch", "--json"], cwd=tmp_path, stdout=output, stderr=subprocess.STDOUT
        ) as run,
    ):
        assert eventually(lambda: '"waiting": 1' in told.read_text("utf-8"))
        run.send_signal(signal.SIGINT)
    assert "Traceback" not in told.read_text("utf-8")
    assert run.returncode == 0


# One photo


@pytest.mark.parametrize("name", [ADA, "users/ada@contoso.com", f"photos/{ADA}", f"photo-receipts/{ADA}", f"/{ADA}"])
def test_a_photo_is_found_by_any_of_its_names(photos: Cloud, command: Command, tmp_path: Path, name: str) -> None:
    assert photos.settings
    run = command("show", name, folder=tmp_path)
    assert run.stdout.startswith(f"{ADA}: synced\nMicrosoft 365 has accepted it, and may show it hours later.\n")
    assert run.returncode == 0


def test_a_receipt_is_told_in_words(photos: Cloud, command: Command, tmp_path: Path) -> None:
    assert photos.settings
    told = command("show", ADA, folder=tmp_path).stdout
    lines = {" ".join(words[:-1]): words[-1] for line in told.splitlines()[2:] if (words := line.rsplit("  ", 1))}
    found = {heading.strip(): text.strip() for heading, text in lines.items()}
    assert found["picture"] == "JPEG 64 x 64"
    assert found["photo"].startswith("JPEG 64 x 64, ")
    assert found["Graph path"] == "/users/ada%40contoso.com/photo/$value"
    assert (found["Graph answered"], found["tries"]) == ("200", "1")
    assert {"request-id", "client-request-id"} < set(found)


def test_what_was_refused_says_why_and_what_waits_says_for_whom(
    photos: Cloud, command: Command, tmp_path: Path
) -> None:
    assert photos.settings
    assert (
        "It will not work as it is. “people” is not a kind of photo." in command("show", HEDY, folder=tmp_path).stdout
    )
    told = command("show", NOBODY, folder=tmp_path).stdout
    assert "It is tried again by itself." in told
    assert "next try" in told
    assert "There is no receipt for this picture yet" in command("show", NEW, folder=tmp_path).stdout


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (True, "The file was deleted, and the photo in Microsoft 365 with it."),
        (False, "The file was deleted, and its photo was left: SYNC_DELETES is off."),
    ],
)
def test_of_a_deleted_file_it_is_said_once_what_became_of_its_photo(
    photos: Cloud, command: Command, tmp_path: Path, *, order: bool, told: str
) -> None:
    photos.blobs.get_blob_client(PHOTOS, ADA).delete_blob()
    connect(Settings.from_env(photos.settings)).sync(ADA, remove=order)
    assert command("show", ADA, folder=tmp_path).stdout.splitlines()[:2] == [f"{ADA}: removed", told]


def test_the_receipt_of_an_older_picture_is_not_told_as_its_own(
    photos: Cloud, command: Command, tmp_path: Path
) -> None:
    photos.blobs.get_blob_client(PHOTOS, ADA).upload_blob(plain("blue"), overwrite=True)
    told = command("show", ADA, folder=tmp_path).stdout
    assert told.startswith(f"{ADA}: waiting\n")
    assert "request-id" not in told


def test_what_there_is_not_is_said_to_be_so(photos: Cloud, command: Command, tmp_path: Path) -> None:
    assert photos.settings
    run = command("show", "users/nobody", folder=tmp_path)
    assert run.stderr == "✗ users/nobody: there is neither a picture nor a receipt of this name.\n"
    assert run.returncode == 1


def test_a_photo_is_shown_as_json_with_its_whole_receipt(photos: Cloud, command: Command, tmp_path: Path) -> None:
    photos.blobs.get_blob_client(PHOTOS, TIM).delete_blob()
    (ada,), (tim,) = (command("show", name, "--json", folder=tmp_path).lines for name in (ADA, TIM))
    assert (ada["picture"]["etag"], ada["receipt"]["outcome"]) == (ada["receipt"]["etag"], "synced")
    assert (tim["picture"], tim["receipt"]["code"]) == (None, "wrong-format")
    photos.blobs.get_blob_client(RECEIPTS, ADA).delete_blob()
    (ada,) = command("show", ADA, "--json", folder=tmp_path).lines
    assert ada["receipt"] is None
