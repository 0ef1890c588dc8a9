import base64
import os
import pty
import signal
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from local.cloud import Cloud
from photo_sync.receipts import Outcome
from photo_sync.removal import TOO_MANY
from photo_sync.retries import Retry
from photo_sync.settings import PHOTOS, RETRIES, Settings
from photo_sync.wiring import connect
from pictures import plain
from terminal import PHOTO_SYNC, Command, photo_sync

ADA, TIM = "users/ada@contoso.com.png", "users/tim@contoso.com.jpg"


@pytest.fixture
def uploaded(machine: Cloud) -> Cloud:
    for name in (ADA, TIM):
        machine.blobs.get_blob_client(PHOTOS, name).upload_blob(plain())
    return machine


def told(machine: Cloud) -> list[Retry]:
    """The messages that wait in photo-retries, by their photos: they are sent several at a time."""
    messages = machine.queues.get_queue_client(RETRIES).peek_messages(max_messages=32)
    retries = [Retry.from_json(base64.b64decode(message.content)) for message in messages]
    return sorted(retries, key=lambda retry: retry.photo)


def test_reconcile_has_the_app_look_at_what_has_no_receipt(uploaded: Cloud, command: Command, tmp_path: Path) -> None:
    young = photo_sync("reconcile", folder=tmp_path)
    assert young.stdout == "Photos compared with their receipts: 2. Handed to the app: 0.\n"
    assert young.returncode == 0
    now = command("reconcile", "--min-age", "0", "--json", folder=tmp_path)
    assert now.lines == [{"compared": 2, "queued": 2}]
    assert told(uploaded) == [Retry(ADA), Retry(TIM)]


@pytest.mark.parametrize("options", [[], ["--force"]])
def test_resync_has_the_app_look_at_everything_and_decide_or_send_it_by_force(
    uploaded: Cloud, command: Command, tmp_path: Path, options: list[str]
) -> None:
    connect(Settings.from_env(uploaded.settings)).sync(ADA)
    run = command("resync", *options, folder=tmp_path)
    assert "Handed to the app: 2." in run.stdout
    assert told(uploaded) == [
        Retry(ADA, bool(options)),
        Retry(TIM, bool(options)),
    ]
    assert run.returncode == 0


def test_photos_are_tried_again_by_name_with_or_without_an_extension(
    uploaded: Cloud, command: Command, tmp_path: Path
) -> None:
    run = command("retry", "users/ada@contoso.com", f"photos/{TIM}", ADA, folder=tmp_path)
    assert run.stdout == "2 files handed to the app, to be tried at once.\n"
    assert told(uploaded) == [Retry(ADA, force=True), Retry(TIM, force=True)]
    assert run.returncode == 0


def test_a_photo_that_there_is_not_is_not_tried(uploaded: Cloud, command: Command, tmp_path: Path) -> None:
    run = command("retry", "users/nobody", TIM, "--json", folder=tmp_path)
    assert run.lines == [{"queued": [TIM], "unknown": ["users/nobody"], "left_out": []}]
    assert told(uploaded) == [Retry(TIM, force=True)]
    assert run.returncode == 1


def fail(machine: Cloud, name: str, etag: str, code: str = "") -> None:
    """Give a photo a receipt that says it was given up."""
    job = connect(Settings.from_env(machine.settings))
    receipt = job.sync(name)
    assert receipt is not None
    job.ledger.write(replace(receipt, outcome=Outcome.FAILED, etag=etag, code=code), job.ledger.read(name))


def test_all_that_have_failed_are_tried_again(uploaded: Cloud, command: Command, tmp_path: Path) -> None:
    connect(Settings.from_env(uploaded.settings)).sync(TIM)
    found = connect(Settings.from_env(uploaded.settings)).photos.find(ADA)
    assert found is not None
    fail(uploaded, ADA, found.etag)
    run = command("retry", "--failed", "--json", folder=tmp_path)
    assert run.lines == [{"queued": [ADA], "unknown": [], "left_out": []}]
    assert told(uploaded) == [Retry(ADA, force=True)]


def test_a_removal_that_has_failed_is_ordered_again(uploaded: Cloud, command: Command, tmp_path: Path) -> None:
    fail(uploaded, ADA, etag="")
    uploaded.blobs.get_blob_client(PHOTOS, ADA).delete_blob()
    command("retry", "--failed", folder=tmp_path)
    assert told(uploaded) == [Retry(ADA, force=True, remove=True)]


# Too many deleted at once


@pytest.fixture
def stopped(uploaded: Cloud) -> Cloud:
    """Ada's photo has failed; Tim's file was deleted with so many others that his photo was left."""
    found = connect(Settings.from_env(uploaded.settings)).photos.find(ADA)
    assert found is not None
    fail(uploaded, ADA, found.etag)
    fail(uploaded, TIM, "", TOO_MANY)
    uploaded.blobs.get_blob_client(PHOTOS, TIM).delete_blob()
    return uploaded


def test_all_that_have_failed_are_not_those_that_a_person_has_to_decide_on(
    stopped: Cloud, command: Command, tmp_path: Path
) -> None:
    run = command("retry", "--failed", folder=tmp_path)
    assert run.stdout == (
        "1 file handed to the app, to be tried at once.\n"
        "Left out: the photos of 1 deleted file, too many within an hour. Bring the files back; or, if that was meant, "
        "have the photos deleted: each by `photo-sync retry NAME`, or all by "
        "`photo-sync retry --too-many-deletes`.\n"
    )
    assert told(stopped) == [Retry(ADA, force=True)]
    assert run.returncode == 0


def test_those_that_were_left_out_are_told_to_programs(stopped: Cloud, command: Command, tmp_path: Path) -> None:
    assert stopped.settings
    run = command("retry", "--failed", "--json", folder=tmp_path)
    assert run.lines == [{"queued": [ADA], "unknown": [], "left_out": [TIM]}]


@pytest.mark.parametrize(("options", "also"), [([], []), (["--failed"], [Retry(ADA, force=True)])])
def test_they_are_removed_when_a_person_says_so(
    stopped: Cloud, command: Command, tmp_path: Path, options: list[str], also: list[Retry]
) -> None:
    run = command("retry", "--too-many-deletes", *options, "--yes", "--json", folder=tmp_path)
    assert (run.lines[0]["left_out"], run.returncode) == ([], 0)
    assert told(stopped) == [*also, Retry(TIM, force=True, remove=True)]


def test_so_is_one_that_is_named(stopped: Cloud, command: Command, tmp_path: Path) -> None:
    command("retry", TIM, folder=tmp_path)
    assert told(stopped) == [Retry(TIM, force=True, remove=True)]


def test_somebody_is_asked_first(stopped: Cloud, command: Command, tmp_path: Path) -> None:
    run = command("retry", "--too-many-deletes", folder=tmp_path)
    question = "Delete the photos of 1 deleted file, in Microsoft 365? Nobody can be asked here: say --yes."
    assert question in run.stderr
    assert (told(stopped), run.returncode) == ([], 2)


# A line that is dead


def test_a_command_that_is_interrupted_ends_at_once_though_storage_does_not_answer(
    uploaded: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert uploaded.settings
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(10)
        monkeypatch.setenv("PhotoStorage__queueServiceUri", f"https://127.0.0.1:{silent.getsockname()[1]}/account")
        command = [str(PHOTO_SYNC), "retry", ADA]
        with (
            subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run,  # noqa: S603 - it is ours
            silent.accept()[0],
        ):
            run.send_signal(signal.SIGINT)
            told, _ = run.communicate(timeout=5)
    assert told == ""
    assert run.returncode == 130


# Removing


def test_a_file_is_removed_and_the_app_is_ordered_to_remove_its_photo(
    uploaded: Cloud, command: Command, tmp_path: Path
) -> None:
    run = command("remove", "users/ada@contoso.com", "--yes", "--json", folder=tmp_path)
    assert run.lines == [{"removed": [ADA], "unknown": []}]
    assert list(uploaded.blobs.get_container_client(PHOTOS).list_blob_names()) == [TIM]
    assert told(uploaded) == [Retry(ADA, remove=True)]
    assert run.returncode == 0


def test_the_app_is_ordered_so_before_the_file_goes(uploaded: Cloud, command: Command, tmp_path: Path) -> None:
    """Whatever ends the command between the two, the order is there; one that comes too early does nothing."""
    lease = uploaded.blobs.get_blob_client(PHOTOS, ADA).acquire_lease()
    try:
        assert command("remove", ADA, "--yes", folder=tmp_path).returncode == 1
    finally:
        lease.release()
    retries = connect(Settings.from_env(uploaded.settings)).retries
    assert (retries.waiting(), told(uploaded)) == (1, [])  # its time has not come


def test_nothing_is_removed_where_nobody_can_be_asked(uploaded: Cloud, command: Command, tmp_path: Path) -> None:
    run = command("remove", ADA, TIM, folder=tmp_path)
    assert "Delete 2 files, and the photo in Microsoft 365? Nobody can be asked here: say --yes." in run.stderr
    assert told(uploaded) == []
    assert run.returncode == 2


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "contacts/AAMk.jpg",
            "contacts/AAMk.jpg: the file only. Microsoft Graph cannot delete the photo of a contact or team.",
        ),
        (
            "teams/6e6f.jpg",
            "teams/6e6f.jpg: the file only. Microsoft Graph cannot delete the photo of a contact or team.",
        ),
        (TIM, TIM),
    ],
)
def test_it_is_said_before_which_photos_graph_cannot_delete(
    uploaded: Cloud, command: Command, tmp_path: Path, name: str, told: str
) -> None:
    uploaded.blobs.get_blob_client(PHOTOS, name).upload_blob(plain(), overwrite=True)
    assert command("remove", name, "--yes", folder=tmp_path).stderr == f"{told}\n"


def test_an_empty_name_removes_nothing_and_is_wrong_use(uploaded: Cloud, command: Command, tmp_path: Path) -> None:
    run = command("remove", "/", ADA, "--yes", folder=tmp_path)
    assert run.stderr == "“/” names no photo. Name one, such as users/ada@contoso.com.\n"
    assert list(uploaded.blobs.get_container_client(PHOTOS).list_blob_names()) == [ADA, TIM]
    assert run.returncode == 2


@pytest.mark.parametrize(("answer", "status"), [("no\n", 1), ("\x04", 1), ("", 130)], ids=["no", "Ctrl-D", "Ctrl-C"])
def test_whoever_is_asked_can_leave(uploaded: Cloud, tmp_path: Path, answer: str, status: int) -> None:
    terminal, inner = pty.openpty()
    command = [str(PHOTO_SYNC), "remove", ADA]
    with subprocess.Popen(command, cwd=tmp_path, stdin=inner, stderr=subprocess.PIPE) as run:  # noqa: S603 - it is ours
        assert run.stderr
        asked = b""
        while not asked.endswith(b"[y/N]: "):
            asked += (more := os.read(run.stderr.fileno(), 1_000))
            assert more
        os.write(terminal, answer.encode()) if answer else run.send_signal(signal.SIGINT)
        assert run.wait(timeout=20) == status
    for end in (terminal, inner):
        os.close(end)
    assert list(uploaded.blobs.get_container_client(PHOTOS).list_blob_names()) == [ADA, TIM]


def test_what_is_not_there_is_not_removed(uploaded: Cloud, command: Command, tmp_path: Path) -> None:
    run = command("remove", "users/nobody", "--yes", folder=tmp_path)
    assert "there is neither a picture nor a receipt of this name" in run.stderr
    assert told(uploaded) == []
    assert run.returncode == 1
