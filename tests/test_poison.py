import base64
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from local.cloud import Cloud
from local.faults import Fault
from photo_sync.errors import Answer, Overtaken
from photo_sync.poison import Poison, give_up
from photo_sync.receipts import IN_PROGRESS, Outcome, Receipt
from photo_sync.retries import Retry
from photo_sync.settings import PHOTOS, RETRIES, Settings
from photo_sync.storage import Photos, Upload
from photo_sync.sync import PhotoSync
from photo_sync.target import Target
from photo_sync.wiring import connect
from pictures import plain

ADA = "users/ada@contoso.com.jpg"


@pytest.fixture
def job(machine: Cloud) -> PhotoSync:
    assert machine.settings.items() <= dict(os.environ).items()
    return connect(Settings.from_env(os.environ))


def upload(machine: Cloud, colour: str = "green") -> str:
    """Upload a picture of Ada; returns its ETag as the host tells it, in quotes."""
    blob = machine.blobs.get_blob_client(PHOTOS, ADA)
    return str(blob.upload_blob(plain(colour), overwrite=True)["etag"])


def of_upload(etag: str) -> Poison:
    """A message as the host writes it into the poison queue of its blob triggers."""
    message = {
        "Type": "BlobTrigger",
        "FunctionId": "Host.Functions.photo_uploaded",
        "BlobType": "BlockBlob",
        "ContainerName": PHOTOS,
        "BlobName": ADA,
        "ETag": etag,
    }
    return Poison.of_upload(json.dumps(message).encode())


def of_retry(etag: str) -> Poison:
    return Poison.of_retry(Retry(ADA, etag=etag.strip('"')).to_json())


OF_RETRY = Poison.of_retry(Retry(ADA).to_json())


def messages(machine: Cloud) -> list[Retry]:
    """What waits in photo-retries and may be looked at now."""
    queue = machine.queues.get_queue_client(RETRIES)
    return [Retry.from_json(base64.b64decode(message.content)) for message in queue.receive_messages()]


def later(job: PhotoSync, **how_much: float) -> PhotoSync:
    return replace(job, now=lambda: datetime.now(UTC) + timedelta(**how_much))


# Messages


def test_the_message_of_an_upload_says_which_photo_and_which_upload() -> None:
    assert of_upload('"0x8DE1"') == of_upload("0x8DE1") == Poison(ADA, "0x8DE1")


def test_the_message_of_a_retry_says_which_photo_and_which_upload_if_it_was_known() -> None:
    assert Poison.of_retry(Retry(ADA, force=True).to_json().encode()) == Poison(ADA, "", force=True)
    assert of_retry("0x8DE1") == Poison(ADA, "0x8DE1")


@pytest.mark.parametrize(
    "text",
    ["", "hello", "null", "7", "[]", '"BlobName"', "{}", '{"BlobName": "a.jpg"}', '{"ETag": "0x1"}', b"\xff\xfe"],
)
def test_what_is_no_message_of_a_blob_trigger_is_said_to_be_none(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"^This is no message of a blob trigger: "):
        Poison.of_upload(text)


def test_what_another_app_was_told_of_another_container_is_not_ours() -> None:
    with pytest.raises(ValueError, match=r"^This message is about another container"):
        Poison.of_upload('{"ContainerName": "invoices", "BlobName": "a.jpg", "ETag": "0x1"}')


@pytest.mark.parametrize("text", ["", "hello", "null", "[]", "{}", '{"BlobName": "a.jpg", "ETag": "0x1"}', b"\xff\xfe"])
def test_what_is_no_message_of_a_retry_is_said_to_be_none(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"^This is no message of photo-retries: "):
        Poison.of_retry(text)


# What becomes of them


@pytest.mark.parametrize("given_up", [of_upload, of_retry])
def test_what_was_given_up_has_failed_and_the_receipt_says_so(
    machine: Cloud, job: PhotoSync, given_up: Callable[[str], Poison]
) -> None:
    etag = upload(machine)
    receipt = give_up(job, given_up(etag))
    assert receipt is not None
    assert receipt == job.ledger.read(ADA).receipt
    assert (receipt.outcome, receipt.code, receipt.etag) == (Outcome.FAILED, "given-up", etag.strip('"'))
    assert receipt.reason.startswith("The app failed on this file several times in a row. The function's log tells why")
    assert messages(machine) == []
    assert machine.graph.directory.known_user("ada@contoso.com").photo is None


def test_a_retry_that_does_not_say_of_which_upload_it_is_gets_one_more_look(machine: Cloud, job: PhotoSync) -> None:
    etag = upload(machine)
    assert give_up(job, OF_RETRY) is None
    (message,) = messages(machine)
    assert message.etag == etag.strip('"')


def test_a_removal_that_was_given_up_has_failed(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)
    removing = replace(job, sync_deletes=True)
    removing.sync(ADA)
    machine.blobs.get_blob_client(PHOTOS, ADA).delete_blob()
    receipt = give_up(removing, Poison.of_retry(Retry(ADA).to_json()))
    assert receipt is not None
    assert (receipt.outcome, receipt.code, receipt.etag) == (Outcome.FAILED, "given-up", "")
    assert receipt.reason.endswith("when that is mended, run `photo-sync retry` for it.")
    assert messages(machine) == []
    assert machine.graph.directory.known_user("ada@contoso.com").photo


def test_where_photos_stay_a_file_that_is_gone_has_not_failed(machine: Cloud, job: PhotoSync) -> None:
    upload(machine)
    job.sync(ADA)
    machine.blobs.get_blob_client(PHOTOS, ADA).delete_blob()
    assert give_up(job, Poison(ADA)) is None
    receipt = job.ledger.read(ADA).receipt
    assert receipt is not None
    assert (receipt.outcome, receipt.code) == (Outcome.REMOVED, "photo-kept")


@pytest.mark.parametrize("sync_deletes", [True, False])
def test_an_order_to_remove_that_was_given_up_has_failed(machine: Cloud, job: PhotoSync, *, sync_deletes: bool) -> None:
    upload(machine)
    job.sync(ADA)
    machine.blobs.get_blob_client(PHOTOS, ADA).delete_blob()
    order = Poison.of_retry(Retry(ADA, remove=True).to_json())
    receipt = give_up(replace(job, sync_deletes=sync_deletes), order)
    assert receipt is not None
    assert (receipt.outcome, receipt.code) == (Outcome.FAILED, "given-up")


def test_what_was_given_up_and_is_gone_by_now_gets_one_more_look(machine: Cloud, job: PhotoSync) -> None:
    etag = upload(machine)
    machine.graph.faults.set([Fault(status=503)])
    job.sync(ADA)
    messages(machine)
    machine.blobs.get_blob_client(PHOTOS, ADA).delete_blob()
    later_on = later(job, hours=1)
    give_up(later_on, of_upload(etag))
    assert later_on.ledger.read(ADA).receipt is not None


def test_what_was_tried_before_it_was_given_up_is_remembered(machine: Cloud, job: PhotoSync) -> None:
    machine.graph.faults.set([Fault(status=503)])
    etag = upload(machine)
    tried = job.sync(ADA)
    given_up = give_up(later(job, hours=1), of_upload(etag))
    assert tried is not None
    assert given_up is not None
    assert (given_up.outcome, given_up.attempts, given_up.first_tried) == (Outcome.FAILED, 1, tried.first_tried)
    assert given_up.unanswered_until == tried.unanswered_until is not None


@pytest.mark.parametrize("fault", [None, Fault(status=413)], ids=["synced", "rejected"])
def test_what_is_settled_by_now_stays_as_it_is(machine: Cloud, job: PhotoSync, fault: Fault | None) -> None:
    machine.graph.faults.set([fault] if fault else [])
    etag = upload(machine)
    settled = job.sync(ADA)
    assert settled is not None
    assert settled.is_final
    for poison in (of_upload(etag), OF_RETRY):
        assert give_up(job, poison) == settled == job.ledger.read(ADA).receipt
    assert messages(machine) == []


def test_what_is_tried_again_anyway_stays_as_it_is(machine: Cloud, job: PhotoSync) -> None:
    machine.graph.faults.set([Fault(status=429, retry_after=60)])
    etag = upload(machine)
    postponed = job.sync(ADA)
    assert postponed is not None
    assert give_up(job, of_upload(etag)) == postponed == job.ledger.read(ADA).receipt


@pytest.mark.parametrize("has_receipt", [False, True])
@pytest.mark.parametrize("given_up", [of_upload, of_retry])
def test_a_newer_upload_is_looked_at_instead(
    machine: Cloud, job: PhotoSync, given_up: Callable[[str], Poison], *, has_receipt: bool
) -> None:
    poisoned = upload(machine, "red")
    before = job.sync(ADA) if has_receipt else None
    upload(machine, "blue")
    assert give_up(job, given_up(poisoned)) == before == job.ledger.read(ADA).receipt
    assert messages(machine) == [Retry(ADA)]


def test_what_another_run_is_at_work_on_is_looked_at_afterwards(machine: Cloud, job: PhotoSync) -> None:
    etag = upload(machine)

    def put(target: Target, jpeg: bytes) -> Answer:
        claim = give_up(job, of_upload(etag))
        assert claim is not None
        assert claim.code == IN_PROGRESS
        return job.put_photo(target, jpeg)

    receipt = replace(job, put_photo=put).sync(ADA)
    assert receipt is not None
    assert receipt.outcome == Outcome.SYNCED
    assert messages(machine) == [Retry(ADA)]


def test_the_receipt_of_what_is_gone_is_settled_by_another_look(machine: Cloud, job: PhotoSync) -> None:
    etag = upload(machine)
    job.sync(ADA)
    machine.blobs.get_blob_client(PHOTOS, ADA).delete_blob()
    give_up(job, of_upload(etag))
    assert messages(machine) == [Retry(ADA)]
    assert job.sync(ADA) is None
    receipt = job.ledger.read(ADA).receipt
    assert receipt is not None
    assert receipt.outcome == Outcome.REMOVED


def test_a_receipt_that_was_written_meanwhile_is_not_written_over(machine: Cloud, job: PhotoSync) -> None:
    """The host then tries the message again, and finds what is there."""
    etag = upload(machine)

    class Slow(Photos):
        def find(self, name: str) -> Upload | None:
            synced.append(job.sync(name))
            return super().find(name)

    synced = list[Receipt | None]()
    container = machine.blobs.get_container_client(PHOTOS)
    with pytest.raises(Overtaken):
        give_up(replace(job, photos=Slow(container, 10**6)), of_upload(etag))
    assert [job.ledger.read(ADA).receipt] == synced
    assert give_up(job, of_upload(etag)) == synced[0]


def test_an_order_to_send_a_photo_again_is_not_lost_for_the_receipt_of_what_was_sent_before(
    machine: Cloud, job: PhotoSync
) -> None:
    etag = upload(machine)
    job.sync(ADA)
    receipt = give_up(job, Poison.of_retry(Retry(ADA, force=True, etag=etag.strip('"')).to_json()))
    assert receipt is not None
    assert receipt.outcome == Outcome.FAILED
