import os
import pty
import re
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from local.cloud import Cloud
from local.demo import host
from local.queue_listener import from_base64
from photo_sync.retries import Retry
from photo_sync.settings import PHOTOS, RECEIPTS, RETRIES, Settings
from photo_sync.wiring import connect
from pictures import flat, noise, plain, save
from terminal import PHOTO_SYNC, Command
from waiting import eventually

ADA, GRACE, ALAN = (f"users/{who}@contoso.com" for who in ("ada", "grace", "alan"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two good pictures, and one that is named wrong."""
    keep(tmp_path, f"{ADA}.jpg", plain("red"))
    keep(tmp_path, f"{GRACE}.png", plain("green", format_="PNG"))
    keep(tmp_path, "people/alan@contoso.com.jpg", plain("blue"))
    return tmp_path


def keep(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def there(machine: Cloud, container: str = PHOTOS) -> dict[str, str]:
    """The blobs of a container, by name, with their ETags."""
    return {blob.name: blob.etag for blob in machine.blobs.get_container_client(container).list_blobs()}


def work(machine: Cloud) -> None:
    """What the app does with everything that is there and waits, once."""
    job = connect(Settings.from_env(machine.settings))
    queue = machine.queues.get_queue_client(RETRIES)
    for message in queue.receive_messages():
        retry = Retry.from_json(from_base64(message.content))
        job.sync(retry.photo, force=retry.force, remove=retry.remove)
        queue.delete_message(message)
    for name in there(machine):
        job.sync(name)


def test_a_folder_goes_up_and_its_plan_says_what_will_be_refused(
    machine: Cloud, command: Command, folder: Path
) -> None:
    run = command("upload", ".", "--yes", folder=folder)
    assert "people/alan@contoso.com.jpg   refused   “people” is not a kind of photo." in run.stdout
    assert "   users/alan@contoso.com.jpg\n" in run.stdout
    assert "3 files: 3 new, 0 replace another picture, 0 there already, 0 left out.\n" in run.stdout
    assert set(there(machine)) == {f"{ADA}.jpg", f"{GRACE}.png", "people/alan@contoso.com.jpg"}
    assert run.returncode == 1


def test_what_may_not_be_meant_so_is_shown_before_it_is_uploaded(
    machine: Cloud, command: Command, tmp_path: Path
) -> None:
    assert machine.settings
    keep(tmp_path, f"{ADA}.jpg.png", plain())
    run = command("upload", ".", "--yes", folder=tmp_path)
    assert f"{ADA}.jpg.png   look twice   The name ends in two extensions" in run.stdout
    assert run.stdout.partition("\n1 file: ")[0].endswith(f"   {ADA}.png")


def test_a_folder_in_which_all_is_well_ends_with_status_0(machine: Cloud, command: Command, folder: Path) -> None:
    assert machine.settings
    (folder / "people" / "alan@contoso.com.jpg").unlink()
    assert command("upload", ".", "--yes", folder=folder).returncode == 0


def test_what_will_be_refused_can_be_left_out(machine: Cloud, command: Command, folder: Path) -> None:
    run = command("upload", ".", "--yes", "--matched-only", folder=folder)
    assert "3 files: 2 new, 0 replace another picture, 0 there already, 1 left out.\n" in run.stdout
    assert set(there(machine)) == {f"{ADA}.jpg", f"{GRACE}.png"}
    assert run.returncode == 1


def test_what_is_there_already_is_not_sent_again(machine: Cloud, command: Command, folder: Path) -> None:
    command("upload", ".", "--yes", folder=folder)
    before = there(machine)
    keep(folder, f"{ADA}.jpg", plain("yellow"))
    run = command("upload", ".", "--yes", folder=folder)
    assert "3 files: 0 new, 1 replaces another picture, 2 there already, 0 left out.\n" in run.stdout
    assert {name for name, etag in there(machine).items() if before[name] != etag} == {f"{ADA}.jpg"}


def test_the_app_is_told_the_md5_and_need_not_read_the_same_file_again(
    machine: Cloud, command: Command, folder: Path
) -> None:
    command("upload", ".", "--yes", "--matched-only", folder=folder)
    found = connect(Settings.from_env(machine.settings)).photos.find(f"{ADA}.jpg")
    (told,) = (line["md5"] for line in command("check", ".", "--json", folder=folder).lines if "ada" in line["name"])
    assert found is not None
    assert found.md5 == told != ""


def test_nobody_is_asked_where_there_is_nobody(machine: Cloud, command: Command, folder: Path) -> None:
    run = command("upload", ".", folder=folder)
    assert "Upload 3 files? 1 will be refused, with a receipt that says why. Nobody can be asked here: say --yes." in (
        run.stderr
    )
    assert there(machine) == {}
    assert run.returncode == 2


@pytest.mark.parametrize(("answer", "status", "count"), [("n", 1, 0), ("y", 1, 3)])
def test_a_person_is_asked_before_anything_is_sent(
    machine: Cloud, folder: Path, answer: str, status: int, count: int
) -> None:
    terminal, inner = pty.openpty()
    os.write(terminal, f"{answer}\n".encode())
    run = subprocess.run(  # noqa: S603 - the command is ours
        [str(PHOTO_SYNC), "upload", "."], cwd=folder, stdin=inner, capture_output=True, text=True, check=False
    )
    for end in (terminal, inner):
        os.close(end)
    assert "Upload 3 files? 1 will be refused, with a receipt that says why. [y/N]" in run.stderr
    assert len(there(machine)) == count
    assert run.returncode == status


def test_a_picture_that_would_be_replaced_is_shown_with_its_time_and_asked_about(
    machine: Cloud, command: Command, folder: Path
) -> None:
    blob = machine.blobs.get_blob_client(PHOTOS, f"{ADA}.jpg")
    blob.upload_blob(plain("yellow"))
    uploaded = blob.get_blob_properties().last_modified.astimezone().strftime("%Y-%m-%d %H:%M")
    run = command("upload", ".", folder=folder)
    assert f"{ADA}.jpg   {uploaded}\n" in run.stdout.partition("replaces the picture of\n")[2]
    assert "3 files: 2 new, 1 replaces another picture, 0 there already, 0 left out.\n" in run.stdout
    assert "Upload 3 files? 1 replaces another picture. 1 will be refused" in run.stderr
    lines = command("upload", ".", "--yes", "--json", folder=folder).lines
    assert {line["name"]: line["action"] for line in lines}[f"{ADA}.jpg"] == "replace"


def test_another_file_for_the_same_photo_that_is_there_is_to_be_looked_at(
    machine: Cloud, command: Command, tmp_path: Path
) -> None:
    machine.blobs.get_blob_client(PHOTOS, f"{ADA}.jpg").upload_blob(plain())
    keep(tmp_path, f"{ADA}.png", plain("red", format_="PNG"))
    run = command("upload", ".", folder=tmp_path)
    assert f"{ADA}.png   look twice   “{ADA}.jpg” is there already for the same photo; " in run.stdout
    (line,) = command("upload", ".", "--yes", "--json", folder=tmp_path).lines
    assert line["warning"].endswith("the one that is sent last stays. Take one of them away.")
    assert set(there(machine)) == {f"{ADA}.jpg", f"{ADA}.png"}


def test_what_is_too_large_is_left_out(
    machine: Cloud, command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_UPLOAD_BYTES", "2000")
    keep(folder, f"{GRACE}.png", b"x" * 3000)
    run = command("upload", ".", "--yes", folder=folder)
    assert f"{GRACE}.png   left out   This file has 3,000 bytes" in re.sub(" {3,}", "   ", run.stdout)
    assert f"{GRACE}.png" not in there(machine)


def test_where_storage_stops_it_what_was_done_is_told_before_the_reason(
    machine: Cloud, command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("upload", ".", "--yes", folder=folder)
    work(machine)
    (folder / "people" / "alan@contoso.com.jpg").rename(folder / f"{ALAN}.jpg")
    monkeypatch.setenv("PhotoStorage__queueServiceUri", f"{machine.storage.blob_uri}/no-queues")
    run = command("upload", ".", "--yes", "--json", folder=folder)
    assert [line["action"] for line in run.lines] == ["keep", "upload", "keep", "delete"]
    assert run.stderr.startswith("Azure Storage did not do this: ")
    assert run.returncode == 1


def test_an_upload_that_was_interrupted_goes_on_where_it_was(machine: Cloud, command: Command, tmp_path: Path) -> None:
    for number in range(300):
        keep(tmp_path, f"users/{number}@contoso.com.jpg", plain())
    with subprocess.Popen(  # noqa: S603 - the command is ours
        [str(PHOTO_SYNC), "upload", ".", "--yes"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert eventually(lambda: len(there(machine)) > 10)
        run.send_signal(signal.SIGINT)
        _, told = run.communicate(timeout=10)
    assert "of 300 files are up. Run the same command again to go on." in told
    assert "Traceback" not in told
    assert run.returncode == 130
    kept = len(there(machine))
    assert kept < 300
    went_on = command("upload", ".", "--yes", folder=tmp_path)
    assert f"300 files: {300 - kept} new, 0 replace another picture, {kept} there already" in went_on.stdout
    assert len(there(machine)) == 300


# Other names


def test_a_pattern_names_the_files(machine: Cloud, command: Command, tmp_path: Path) -> None:
    keep(tmp_path, "2026/ada.JPG", plain())
    run = command("upload", ".", "--yes", "--rename", "users/{stem}@contoso.com", folder=tmp_path)
    assert set(there(machine)) == {f"{ADA}.JPG"}
    assert run.returncode == 0


def test_a_list_names_the_files(machine: Cloud, command: Command, tmp_path: Path) -> None:
    keep(tmp_path, "E1001.jpg", plain())
    keep(tmp_path, "E1002.jpg", plain())
    keep(tmp_path, "people.csv", "file;target\nE1001.jpg;users/ada@contoso.com\n".encode("utf-8-sig"))
    run = command("upload", ".", "--yes", "--map", "people.csv", folder=tmp_path)
    assert "E1002.jpg   left out   No line of people.csv names this file." in run.stdout
    assert set(there(machine)) == {f"{ADA}.jpg"}
    assert run.returncode == 1


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([1], ""),
        ([1, 2], "people.csv names 1 file that is not in the folder: “E2.jpg”.\n"),
        (
            range(1, 9),
            "people.csv names 7 files that are not in the folder: "
            + ", ".join(f"“E{number}.jpg”" for number in range(2, 7))
            + " and 2 more.\n",
        ),
    ],
)
def test_files_that_the_list_names_and_the_folder_does_not_have_are_told(
    machine: Cloud, command: Command, tmp_path: Path, numbers: Sequence[int], told: str
) -> None:
    keep(tmp_path, "E1.jpg", plain())
    lines = "".join(f"E{number}.jpg,users/{number}@contoso.com\n" for number in numbers)
    keep(tmp_path, "people.csv", f"file,target\n{lines}".encode())
    run = command("upload", ".", "--yes", "--map", "people.csv", folder=tmp_path)
    assert run.stderr == told
    assert (list(there(machine)), run.returncode) == (["users/1@contoso.com.jpg"], 0)


def test_two_files_for_the_same_photo_are_both_left_out(machine: Cloud, command: Command, folder: Path) -> None:
    keep(folder, "users/Ada@contoso.com.png", plain(format_="PNG"))
    run = command("upload", ".", "--yes", folder=folder)
    assert "is for the same photo. Keep one of them in the folder" in run.stdout
    assert f"{ADA}.jpg" not in there(machine)
    assert run.returncode == 1


def test_a_file_that_was_refused_under_another_name_is_taken_away(
    machine: Cloud, command: Command, folder: Path
) -> None:
    command("upload", ".", "--yes", folder=folder)
    work(machine)
    (folder / "people" / "alan@contoso.com.jpg").rename(folder / f"{ALAN}.jpg")
    run = command("upload", ".", "--yes", folder=folder)
    assert "people/alan@contoso.com.jpg   users/alan@contoso.com.jpg\n" in run.stdout
    assert "people/alan@contoso.com.jpg" not in there(machine)
    assert "people/alan@contoso.com.jpg" in there(machine, RECEIPTS)
    work(machine)
    assert set(there(machine, RECEIPTS)) == {f"{ADA}.jpg", f"{GRACE}.png", f"{ALAN}.jpg"}


def test_each_file_that_is_taken_away_is_a_line_of_json(machine: Cloud, command: Command, folder: Path) -> None:
    command("upload", ".", "--yes", folder=folder)
    work(machine)
    (folder / "people" / "alan@contoso.com.jpg").rename(folder / f"{ALAN}.jpg")
    *_, deleted = command("upload", ".", "--yes", "--json", folder=folder).lines
    old = "people/alan@contoso.com.jpg"
    assert deleted == {"file": "", "name": old, "action": "delete", "renamed_to": f"{ALAN}.jpg"}
    assert old not in there(machine)


def test_the_file_of_somebody_who_is_not_known_yet_stays_whoever_has_the_same_picture(
    machine: Cloud, command: Command, tmp_path: Path
) -> None:
    machine.blobs.get_blob_client(PHOTOS, "users/newhire@contoso.com.jpg").upload_blob(plain())
    work(machine)
    keep(tmp_path, f"{GRACE}.jpg", plain())
    assert command("upload", ".", "--yes", folder=tmp_path).returncode == 0
    assert set(there(machine)) == {"users/newhire@contoso.com.jpg", f"{GRACE}.jpg"}


# Waiting


def test_waiting_ends_when_the_time_is_over_and_says_what_waits(machine: Cloud, command: Command, folder: Path) -> None:
    assert machine.settings
    run = command("upload", ".", "--yes", "--wait", "--timeout", "0", folder=folder)
    assert f"{ADA}.jpg" in run.stdout.partition("left out.")[2]
    assert run.stdout.endswith("3 files: 3 waiting.\n")
    assert run.returncode == 1


def test_what_will_be_tried_again_only_after_the_time_is_told_with_the_reason(
    machine: Cloud, command: Command, tmp_path: Path
) -> None:
    keep(tmp_path, "users/nobody@contoso.com.jpg", plain())
    command("upload", ".", "--yes", folder=tmp_path)
    work(machine)
    run = command("upload", ".", "--wait", "--timeout", "0.02", folder=tmp_path)
    assert "retrying   Microsoft 365 does not know the user “nobody@contoso.com”." in run.stdout
    assert "The next try is at " in run.stdout
    assert run.returncode == 1


def test_each_file_s_result_is_a_line_of_json(machine: Cloud, command: Command, folder: Path) -> None:
    command("upload", ".", "--yes", folder=folder)
    work(machine)
    alan, ada, _ = command("upload", ".", "--wait", "--json", folder=folder).lines
    assert (ada["name"], ada["action"], ada["outcome"]) == (f"{ADA}.jpg", "keep", "synced")
    assert (alan["outcome"], alan["code"], alan["suggestion"]) == ("rejected", "unknown-kind", f"{ALAN}.jpg")


# As a new user would


def test_a_mixed_folder_is_checked_uploaded_mended_by_the_hints_and_synced(
    machine: Cloud, command: Command, tmp_path: Path
) -> None:
    """Check, upload and status name the same files with the same reasons, and the hints lead to all being synced."""
    people = fill(machine, tmp_path)
    checked = {line["name"]: line for line in command("check", ".", "--json", folder=tmp_path).lines}
    refused = {name: line["reason"] for name, line in checked.items() if not line["accepted"]}
    with host(machine):
        first = command("upload", ".", "--yes", "--wait", "--timeout", "1", folder=tmp_path)
        assert first.stdout.endswith("40 files: 32 synced, 8 rejected.\n")
        assert first.returncode == 1
        (status,) = command("status", "--outcome", "rejected", "--json", folder=tmp_path).lines
        assert {photo["photo"]: photo["reason"] for photo in status["photos"]} == refused
        assert status["counts"] == {"synced": 32, "rejected": 8}
        assert all(reason in first.stdout for reason in refused.values())
        mend(tmp_path, checked)
        second = command("upload", ".", "--yes", "--wait", "--timeout", "1", folder=tmp_path)
        assert second.stdout.endswith("40 files: 40 synced.\n")
        assert second.returncode == 0
        assert eventually(lambda: set(there(machine, RECEIPTS)) == set(there(machine)) and len(there(machine)) == 40)
    assert all(machine.graph.directory.known_user(upn).photo for upn in people)


def fill(machine: Cloud, folder: Path) -> list[str]:
    """Make 40 files, 8 of them wrong; returns whose photos they are to be."""
    people = [f"new{number}@contoso.com" for number in range(40)]
    for number, upn in enumerate(people):
        machine.graph.directory.add_user(upn, upn)
        format_, extension = (("JPEG", ".jpg"), ("PNG", ".png"), ("WebP", ".webp"))[number % 3]
        if number >= 8:
            keep(folder, f"users/{upn}{extension}", save(flat((6 * number, 100, 50)), format_))
    names = ("people/{}.jpg", "usres/{}.jpg", "{}.jpg", "users/{}.jfif", "users/{} .jpg", "photos/users/{}\u200b.jpg")
    for number, name in enumerate(names):
        keep(folder, name.format(people[number]), save(flat((6 * number, 100, 50)), "JPEG"))
    keep(folder, f"users/{people[6]}.jpg", b"%PDF-1.7")
    keep(folder, f"users/{people[7]}.jpg", save(noise(100), "JPEG")[:4000])
    return people


def mend(folder: Path, checked: dict[str, dict[str, Any]]) -> None:
    """Rename each file as it should be called, and put another picture in the place of each that is none."""
    for name, line in checked.items():
        if line["suggestion"]:
            (folder / name).rename(folder / line["suggestion"])
        elif not line["accepted"]:
            keep(folder, name, save(flat((1, 2, len(name))), "JPEG"))
