"""Deleted files: their photos go from Microsoft 365, but for those that are somebody else's, and never many at once."""

import base64
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from azure.core.exceptions import ResourceNotFoundError

from local.cloud import Cloud
from local.directory import CONTACT, GROUP, TEAM, Entry
from local.faults import Fault
from photo_sync.backoff import TRIES
from photo_sync.errors import Answer, TryLater
from photo_sync.receipts import Outcome, Receipt
from photo_sync.reconcile import reconcile_hourly
from photo_sync.removal import begin
from photo_sync.retries import Retry
from photo_sync.settings import PHOTOS, RECEIPTS, RETRIES, Settings
from photo_sync.storage import Photos
from photo_sync.sync import PhotoSync
from photo_sync.target import Target
from photo_sync.wiring import connect
from pictures import plain

ADA, GRACE = "users/ada@contoso.com.jpg", "users/grace@contoso.com.jpg"


@pytest.fixture
def job(machine: Cloud, monkeypatch: pytest.MonkeyPatch) -> PhotoSync:
    """The job as it is wired in Azure, with SYNC_DELETES."""
    assert machine.settings.items() <= dict(os.environ).items()
    monkeypatch.setenv("SYNC_DELETES", "true")
    monkeypatch.setenv("MAX_DELETES", "2")
    return connect(Settings.from_env(os.environ))


def upload(machine: Cloud, name: str = ADA, colour: str = "red") -> None:
    machine.blobs.get_blob_client(PHOTOS, name).upload_blob(plain(colour), overwrite=True)


def delete(machine: Cloud, name: str = ADA) -> None:
    machine.blobs.get_blob_client(PHOTOS, name).delete_blob()


def after(job: PhotoSync, machine: Cloud, name: str = ADA) -> Receipt | None:
    """The receipt of a file that was synced, was deleted, and is looked at again."""
    upload(machine, name)
    job.sync(name)
    delete(machine, name)
    return job.sync(name)


def person(machine: Cloud, upn: str = "ada@contoso.com") -> Entry:
    return machine.graph.directory.known_user(upn)


def told(receipt: Receipt | None) -> tuple[str, str]:
    assert receipt is not None
    return receipt.outcome, receipt.code


@pytest.mark.parametrize("name", [ADA, f"groups/{GROUP}.jpg"])
def test_with_its_file_the_photo_goes_and_the_receipt_says_so(machine: Cloud, job: PhotoSync, name: str) -> None:
    receipt = after(job, machine, name)
    assert told(receipt) == (Outcome.REMOVED, "")
    assert receipt is not None
    assert (receipt.etag, receipt.reason, receipt.photo_etag, receipt.status) == ("", "", "", 204)
    assert [entry.name for entry in machine.graph.directory if entry.photo] == []
    assert receipt == job.ledger.read(name).receipt


def test_without_sync_deletes_the_photo_stays(machine: Cloud, job: PhotoSync) -> None:
    keeping = replace(job, sync_deletes=False)
    assert after(keeping, machine) is None
    assert told(job.ledger.read(ADA).receipt) == (Outcome.REMOVED, "photo-kept")
    assert person(machine).photo
    assert told(keeping.sync(ADA, remove=True)) == (Outcome.REMOVED, "")
    assert person(machine).photo is None


def test_a_person_s_order_removes_it_all_the_same(machine: Cloud, job: PhotoSync) -> None:
    keeping = replace(job, sync_deletes=False)
    upload(machine)
    keeping.sync(ADA)
    delete(machine)
    assert told(keeping.sync(ADA, remove=True)) == (Outcome.REMOVED, "")
    assert person(machine).photo is None


def test_an_order_that_comes_twice_leaves_what_the_receipt_says(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)
    job.sync(ADA)
    delete(machine)
    job.sync(ADA, remove=True)
    again = job.sync(ADA, remove=True)
    assert again is not None
    assert again.outcome == Outcome.REMOVED


def test_but_not_one_that_is_known_to_be_somebody_else_s(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)
    job.sync(ADA)
    person(machine).put(plain("blue"))
    delete(machine)
    assert told(job.sync(ADA, remove=True)) == (Outcome.REMOVED, "photo-changed")


def test_an_order_to_remove_a_photo_whose_file_is_there_does_nothing(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)
    job.sync(ADA)
    sent = len(machine.graph.seen())
    assert told(job.sync(ADA, remove=True)) == (Outcome.SYNCED, "")
    assert len(machine.graph.seen()) == sent


def test_a_photo_that_somebody_else_has_set_since_is_left(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)
    job.sync(ADA)
    person(machine).put(plain("blue"))
    delete(machine)
    assert told(job.sync(ADA)) == (Outcome.REMOVED, "photo-changed")
    assert person(machine).photo == plain("blue")


def test_so_is_one_that_somebody_sets_just_then(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)
    job.sync(ADA)
    delete(machine)

    def too_late(target: Target, etag: str) -> Answer:
        person(machine).put(plain("blue"))
        return job.removal.delete_photo(target, etag)

    hurried = replace(job, removal=replace(job.removal, delete_photo=too_late))
    assert told(hurried.sync(ADA)) == (Outcome.REMOVED, "photo-changed")
    assert person(machine).photo == plain("blue")


def test_a_photo_that_was_sent_before_sync_deletes_is_left_for_nobody_knows_whose_it_is(
    machine: Cloud, job: PhotoSync
) -> None:
    upload(machine)
    replace(job, sync_deletes=False).sync(ADA)
    delete(machine)
    assert told(job.sync(ADA)) == (Outcome.REMOVED, "photo-unknown")
    assert person(machine).photo


def test_a_photo_that_is_gone_already_is_removed(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)
    job.sync(ADA)
    person(machine).photo = None
    delete(machine)
    assert told(job.sync(ADA)) == (Outcome.REMOVED, "")


@pytest.mark.parametrize("name", [f"teams/{TEAM}.jpg", f"contacts/{CONTACT}.jpg"])
def test_what_graph_cannot_delete_is_left_and_told(machine: Cloud, job: PhotoSync, name: str) -> None:
    receipt = after(job, machine, name)
    assert told(receipt) == (Outcome.REMOVED, "cannot-remove")
    assert receipt is not None
    assert "Microsoft Graph cannot delete the photo of a" in receipt.reason
    assert [entry for entry in machine.graph.directory if entry.photo]


def test_of_a_refused_file_nothing_is_left_but_an_event(
    machine: Cloud, job: PhotoSync, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "photo_sync")
    machine.blobs.get_blob_client(PHOTOS, ADA).upload_blob(b"%PDF-1.7")
    job.sync(ADA)
    delete(machine)
    assert job.sync(ADA) is None
    assert job.ledger.read(ADA).version == ""
    event = json.loads(caplog.messages[-1])
    assert (event["event"], event["outcome"], event["photo"]) == ("photo", "removed", ADA)


def test_a_refused_picture_in_the_place_of_a_synced_one_takes_the_photo_along_when_it_goes(
    machine: Cloud, job: PhotoSync
) -> None:
    upload(machine)
    job.sync(ADA)
    machine.blobs.get_blob_client(PHOTOS, ADA).upload_blob(b"%PDF-1.7", overwrite=True)
    assert told(job.sync(ADA)) == (Outcome.REJECTED, "wrong-format")
    delete(machine)
    assert told(job.sync(ADA)) == (Outcome.REMOVED, "")
    assert person(machine).photo is None


def test_a_picture_that_comes_back_is_sent_again(machine: Cloud, job: PhotoSync) -> None:
    after(job, machine)
    upload(machine)
    assert told(job.sync(ADA)) == (Outcome.SYNCED, "")
    assert person(machine).photo


# Other files of the same one

PNG = ADA.replace(".jpg", ".png")


def queued(machine: Cloud) -> list[Retry]:
    """The messages that wait, and their end."""
    queue = machine.queues.get_queue_client(RETRIES)
    found = []
    for message in queue.receive_messages():
        found.append(Retry.from_json(base64.b64decode(message.content)))
        queue.delete_message(message)
    return found


@pytest.mark.parametrize(("name", "other"), [(ADA, PNG), (f"groups/{TEAM}.jpg", f"teams/{TEAM}.jpg")])
def test_another_file_of_the_same_one_is_sent_instead(machine: Cloud, job: PhotoSync, name: str, other: str) -> None:
    upload(machine, other, "blue")
    job.sync(other)
    receipt = after(job, machine, name)
    assert told(receipt) == (Outcome.REMOVED, "other-file")
    assert receipt is not None
    assert other in receipt.reason
    assert queued(machine) == [Retry(other, force=True)]
    assert [entry.name for entry in machine.graph.directory if entry.photo]


def test_where_its_photo_is_there_already_nothing_is_sent(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)
    job.sync(ADA)
    upload(machine, PNG, "blue")
    job.sync(PNG)
    delete(machine)
    assert told(job.sync(ADA)) == (Outcome.REMOVED, "other-file")
    assert queued(machine) == []


def test_it_does_not_replace_what_somebody_else_has_set(machine: Cloud, job: PhotoSync) -> None:
    for name in (PNG, ADA):
        upload(machine, name)
        job.sync(name)
    person(machine).put(plain("blue"))
    delete(machine)
    assert told(job.sync(ADA)) == (Outcome.REMOVED, "photo-changed")
    assert queued(machine) == []


@pytest.mark.parametrize("other", [PNG, ADA.replace(".jpg", ".json")])
def test_a_refused_one_keeps_no_photo(machine: Cloud, job: PhotoSync, other: str) -> None:
    machine.blobs.get_blob_client(PHOTOS, other).upload_blob(b"%PDF-1.7")
    assert told(job.sync(other))[0] == Outcome.REJECTED
    assert told(after(job, machine)) == (Outcome.REMOVED, "")


def test_a_receipt_that_tells_the_other_one_of_a_photo_stays_and_is_settled(machine: Cloud, job: PhotoSync) -> None:
    keeping = replace(job, sync_deletes=False)
    for name, colour in ((PNG, "blue"), (ADA, "red")):
        upload(machine, name, colour)
        keeping.sync(name)
    machine.blobs.get_blob_client(PHOTOS, ADA).upload_blob(b"%PDF-1.7", overwrite=True)
    keeping.sync(ADA)
    delete(machine)
    keeping.sync(ADA)
    assert told(job.ledger.read(ADA).receipt) == (Outcome.REMOVED, "photo-kept")
    assert reconcile_hourly(replace(keeping, now=lambda: datetime.now(UTC) + timedelta(hours=3))).queued == 0
    upload(machine, PNG, "blue")
    assert told(keeping.sync(PNG)) == (Outcome.SYNCED, "")
    assert person(machine).photo == job.make_photo(plain("blue"), "users").jpeg


# Other people


def test_a_name_that_means_somebody_else_by_now_takes_nobody_s_photo(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)
    job.sync(ADA)
    upload(machine, GRACE)
    job.sync(GRACE)
    delete(machine)
    moved = replace(job, recipient=lambda _name: job.recipient(GRACE))
    receipt = moved.sync(ADA)
    assert told(receipt) == (Outcome.REMOVED, "other-person")
    assert receipt is not None
    assert "/users/ada%40contoso.com/photo" in receipt.reason
    assert photos(machine) == {"Ada Lovelace", "Grace Hopper"}


def test_of_somebody_who_is_gone_the_receipt_does_not_say_that_the_photo_was_deleted(
    machine: Cloud, job: PhotoSync
) -> None:
    upload(machine)
    job.sync(ADA)
    nobody = replace(job.recipient(ADA), parts=("users", "nobody@contoso.com"))
    delete(machine)
    receipt = job.ledger.read(ADA)
    assert receipt.receipt is not None
    job.ledger.write(replace(receipt.receipt, photo_path=nobody.photo_path), receipt)
    assert told(replace(job, recipient=lambda _name: nobody).sync(ADA)) == (Outcome.REMOVED, "owner-gone")


def test_a_photo_whose_etag_came_late_may_be_somebody_else_s(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)
    times = iter(range(0, 1_000, 10))
    slow = replace(job, now=lambda: datetime(2026, 11, 24, tzinfo=UTC) + timedelta(seconds=next(times)))
    receipt = slow.sync(ADA)
    assert told(receipt) == (Outcome.SYNCED, "")
    assert receipt is not None
    assert receipt.photo_etag == ""


def test_a_container_that_is_gone_says_nothing_about_files(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)
    job.sync(ADA)
    gone = Photos(machine.blobs.get_container_client("photos-elsewhere"), 1_000_000)
    with pytest.raises(ResourceNotFoundError):
        replace(job, photos=gone).sync(ADA)
    assert person(machine).photo


def test_a_receipt_that_nobody_can_read_goes_with_its_file(machine: Cloud, job: PhotoSync) -> None:
    machine.blobs.get_blob_client(RECEIPTS, ADA).upload_blob(b"{", metadata={"etag": "0x1", "outcome": "synced"})
    assert reconcile_hourly(job).queued == 1
    assert job.sync(ADA) is None
    assert job.ledger.read(ADA).version == ""


# Never many at once


def people(job: PhotoSync, machine: Cloud) -> list[str]:
    """Four people, all synced, all of whose files are deleted."""
    names = [f"users/{who}@contoso.com.jpg" for who in ("ada", "alan", "grace", "linus")]
    for name in names:
        upload(machine, name)
        job.sync(name)
    for name in names:
        delete(machine, name)
    return names


def photos(machine: Cloud) -> set[str]:
    return {entry.name for entry in machine.graph.directory if entry.photo}


def test_more_than_may_be_deleted_within_an_hour_stay_and_have_failed(machine: Cloud, job: PhotoSync) -> None:
    receipts = [job.sync(name) for name in people(job, machine)]
    removed, left = (Outcome.REMOVED, ""), (Outcome.FAILED, "too-many-deletes")
    assert [told(receipt) for receipt in receipts] == [removed, removed, left, left]
    assert photos(machine) == {"Grace Hopper", "Linus Pauling"}


def test_they_stay_until_a_person_orders_it(machine: Cloud, job: PhotoSync) -> None:
    names = people(job, machine)
    for name in names:
        job.sync(name)
    tomorrow = replace(job, now=lambda: datetime.now(UTC) + timedelta(days=1))
    assert reconcile_hourly(tomorrow).queued == 0
    tomorrow.sync(GRACE)
    assert photos(machine) == {"Grace Hopper", "Linus Pauling"}
    assert told(job.sync(GRACE, remove=True)) == (Outcome.REMOVED, "")
    assert photos(machine) == {"Linus Pauling"}


# Faults


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("fault", [Fault(status=503, times=1), Fault(status=403, times=1), Fault(drop=True, times=1)])
def test_a_passing_fault_is_tried_again(machine: Cloud, job: PhotoSync, fault: Fault, method: str) -> None:
    upload(machine)
    job.sync(ADA)
    delete(machine)
    struck = replace(job, removal=replace(job.removal, photo_etag=lambda target: _first(machine, job, target, fault)))
    if method == "DELETE":
        struck = replace(job, removal=replace(job.removal, delete_photo=_faulty(machine, job, fault)))
    receipt = struck.sync(ADA)
    assert receipt is not None
    assert (receipt.outcome, receipt.etag, receipt.attempts) == (Outcome.RETRYING, "", 1)
    assert receipt.due is not None
    due = receipt.due + timedelta(seconds=1)
    assert told(replace(job, now=lambda: due).sync(ADA)) == (Outcome.REMOVED, "")
    assert person(machine).photo is None


def _first(machine: Cloud, job: PhotoSync, target: Target, fault: Fault) -> str:
    machine.graph.faults.set([fault])
    return job.removal.photo_etag(target)


def _faulty(machine: Cloud, job: PhotoSync, fault: Fault) -> Callable[[Target, str], Answer]:
    def delete_photo(target: Target, etag: str) -> Answer:
        machine.graph.faults.set([fault])
        return job.removal.delete_photo(target, etag)

    return delete_photo


def test_what_graph_never_deletes_has_failed_and_says_what_to_do(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)
    job.sync(ADA)
    delete(machine)
    struck = replace(job, removal=replace(job.removal, delete_photo=_faulty(machine, job, Fault(status=400))))
    receipt = struck.sync(ADA)
    assert told(receipt) == (Outcome.FAILED, "delete-refused")
    assert receipt is not None
    assert (receipt.kind, receipt.graph_path) == ("users", "/users/ada%40contoso.com/photo/$value")
    assert "Delete it by hand" in receipt.reason


def test_a_removal_whose_runs_die_again_and_again_is_given_up(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)
    job.sync(ADA)
    delete(machine)
    entry, long_ago = job.ledger.read(ADA), datetime.now(UTC) - timedelta(days=2)
    assert entry.receipt is not None
    tried = replace(begin(entry.receipt, long_ago), attempts=TRIES, unanswered_until=None)
    job.ledger.write(tried.claimed(long_ago, long_ago + timedelta(minutes=10)), entry)
    assert told(job.sync(ADA)) == (Outcome.FAILED, "given-up")


def test_what_cannot_be_deleted_for_a_day_has_failed(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)
    job.sync(ADA)
    delete(machine)
    machine.graph.faults.set([Fault(status=403)])
    receipt = job.sync(ADA)
    for _ in range(40):
        assert receipt is not None
        if receipt.due is not None:
            receipt = replace(job, now=partial(max, receipt.due, receipt.due), chance=lambda: 1.0).sync(ADA)
    assert told(receipt) == (Outcome.FAILED, "permission-missing")
    assert receipt is not None
    assert receipt.reason.endswith("When that is mended, run `photo-sync retry` for it.")


def test_a_photo_whose_etag_graph_does_not_tell_is_synced_all_the_same(machine: Cloud, job: PhotoSync) -> None:
    def silent(_target: Target) -> str:
        raise TryLater("no-answer", "Microsoft Graph did not answer.")

    upload(machine)
    receipt = replace(job, removal=replace(job.removal, photo_etag=silent)).sync(ADA)
    assert told(receipt) == (Outcome.SYNCED, "")
    delete(machine)
    assert told(job.sync(ADA)) == (Outcome.REMOVED, "photo-unknown")


def test_a_file_that_is_deleted_while_its_photo_is_made_is_not_sent(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)

    def make_photo(data: bytes, kind: str) -> object:
        delete(machine)
        return job.make_photo(data, kind)  # type: ignore[arg-type]

    receipt = replace(job, make_photo=make_photo).sync(ADA)  # type: ignore[arg-type]
    assert told(receipt) == (Outcome.RETRYING, "deleted")
    assert person(machine).photo is None
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert replace(job, now=lambda: later).sync(ADA) is None
    assert job.ledger.read(ADA).version == ""
