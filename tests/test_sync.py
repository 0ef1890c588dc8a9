import os
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from local.cloud import Cloud
from local.directory import CONTACT, GROUP, TEAM, Entry
from local.faults import Fault
from photo_sync.errors import TryLater
from photo_sync.receipts import Outcome, Receipt, Receipts
from photo_sync.settings import PHOTOS, RECEIPTS, Settings
from photo_sync.sync import PhotoSync
from photo_sync.wiring import connect
from pictures import noise, plain, save

ADA = "users/ada@contoso.com.jpg"


@pytest.fixture
def job(machine: Cloud) -> PhotoSync:
    """The job as it is wired in Azure: from the environment, with a managed identity."""
    assert machine.settings.items() <= dict(os.environ).items()
    return connect(Settings.from_env(os.environ))


def picture(colour: str = "green", edge: int = 300) -> bytes:
    return plain(colour, edge, edge * 2, "PNG")


def upload(machine: Cloud, name: str, data: bytes) -> None:
    machine.blobs.get_blob_client(PHOTOS, name).upload_blob(data, overwrite=True)


def synced(job: PhotoSync, name: str = ADA) -> Receipt:
    receipt = job.sync(name)
    assert receipt is not None
    return receipt


def written(machine: Cloud, name: str = ADA) -> Receipt | None:
    return Receipts(machine.blobs.get_container_client(RECEIPTS)).read(name)


def person(machine: Cloud) -> Entry:
    return machine.graph.directory.known_user("ada@contoso.com")


def test_a_picture_becomes_the_persons_photo(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture("#ff0000"))
    synced(job)
    with Image.open(BytesIO(person(machine).photo or b"")) as photo:
        assert (photo.format, photo.size) == ("JPEG", (300, 300))
        assert photo.getpixel((150, 150)) == (254, 0, 0)


def test_the_receipt_tells_what_became_of_it(machine: Cloud, job: PhotoSync) -> None:
    data = picture()
    upload(machine, ADA, data)
    receipt = synced(job)
    assert receipt == written(machine)
    assert receipt.outcome == Outcome.SYNCED
    assert receipt.graph_path == "/users/ada%40contoso.com/photo/$value"
    assert receipt.sha256 == sha256(data).hexdigest()
    assert (receipt.source_format, receipt.source_bytes) == ("PNG", len(data))
    assert (receipt.source_width, receipt.source_height) == (300, 600)
    assert (receipt.photo_width, receipt.photo_height) == (300, 300)
    assert receipt.photo_bytes == len(person(machine).photo or b"")
    assert (receipt.status, receipt.reason, receipt.code) == (200, "", "")
    assert {receipt.client_request_id} == {seen.client_request_id for seen in machine.graph.seen()[-1:]}
    assert receipt.request_id
    assert receipt.uploaded <= receipt.finished


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        (f"groups/{GROUP}.png", "Engineering"),
        (f"teams/{TEAM}.png", "Launch 2027"),
        (f"contacts/{CONTACT}.png", "Charles Babbage"),
        ("Users/ADA@contoso.com.PNG", "Ada Lovelace"),
    ],
)
def test_every_kind_finds_its_way(machine: Cloud, job: PhotoSync, name: str, whose: str) -> None:
    upload(machine, name, picture())
    assert synced(job, name).outcome == Outcome.SYNCED
    assert [entry.name for entry in machine.graph.directory if entry.photo] == [whose]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("people/ada@contoso.com.jpg", picture(), "unknown-kind"),
        ("me.jpg", picture(), "needs-sign-in"),
        (ADA, b"%PDF-1.7", "wrong-format"),
        (ADA, b"", "empty"),
        (ADA, picture(edge=20), "too-small"),
        ("users/nobody@contoso.com.jpg", picture(), "no-such-target"),
    ],
)
def test_a_refusal_is_written_down_with_its_reason(
    machine: Cloud, job: PhotoSync, name: str, data: bytes, code: str
) -> None:
    upload(machine, name, data)
    receipt = synced(job, name)
    assert receipt == written(machine, name)
    assert (receipt.outcome, receipt.code) == (Outcome.REJECTED, code)
    assert receipt.reason.endswith(".")
    assert not [entry for entry in machine.graph.directory if entry.photo]


def test_a_refusal_by_graph_keeps_graphs_answer(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, "users/nobody@contoso.com.jpg", picture())
    receipt = synced(job, "users/nobody@contoso.com.jpg")
    assert (receipt.status, receipt.error_code) == (404, "Request_ResourceNotFound")
    assert receipt.request_id
    assert receipt.photo_bytes > 0


def test_a_file_over_the_limit_is_refused(machine: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_UPLOAD_BYTES", "100")
    upload(machine, ADA, picture())
    assert synced(connect(Settings.from_env(os.environ))).code == "file-too-large"


def test_edge_and_bytes_of_the_photo_are_settings(machine: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_EDGE", "200")
    monkeypatch.setenv("MAX_PHOTO_BYTES", "10000")
    upload(machine, ADA, save(noise(300), "PNG"))
    receipt = synced(connect(Settings.from_env(os.environ)))
    assert receipt.photo_width <= 200
    assert receipt.photo_bytes <= 10_000


def test_the_same_event_again_costs_no_call_and_changes_nothing(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture())
    first, calls = synced(job), len(machine.graph.seen())
    assert synced(job) == first == written(machine)
    assert len(machine.graph.seen()) == calls


def test_the_same_bytes_again_end_unchanged_without_a_call(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture())
    first, calls = synced(job), len(machine.graph.seen())
    upload(machine, ADA, picture())
    again = synced(job)
    assert again.outcome == Outcome.UNCHANGED
    assert again.etag != first.etag
    assert (again.photo_bytes, again.request_id) == (first.photo_bytes, first.request_id)
    assert len(machine.graph.seen()) == calls


def test_unchanged_stays_unchanged_the_third_time(machine: Cloud, job: PhotoSync) -> None:
    outcomes = []
    for _ in range(3):
        upload(machine, ADA, picture())
        outcomes.append(synced(job).outcome)
    assert outcomes == ["synced", "unchanged", "unchanged"]


def test_another_picture_is_sent(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture("red"))
    synced(job)
    before = person(machine).photo
    upload(machine, ADA, picture("blue"))
    assert synced(job).outcome == Outcome.SYNCED
    assert person(machine).photo != before


def test_the_same_bytes_for_another_mailbox_are_sent(
    machine: Cloud, job: PhotoSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"contacts/{CONTACT}.jpg"
    upload(machine, name, picture())
    synced(job, name)
    monkeypatch.setenv("CONTACTS_MAILBOX", "grace@contoso.com")
    upload(machine, name, picture())
    assert synced(connect(Settings.from_env(os.environ)), name).code == "no-such-target"


def test_the_same_bytes_are_sent_when_another_file_was_sent_for_the_same_person_meanwhile(
    machine: Cloud, job: PhotoSync
) -> None:
    upload(machine, ADA, picture("red"))
    synced(job)
    red = person(machine).photo
    upload(machine, "users/ada@contoso.com.png", picture("blue"))
    synced(job, "users/ada@contoso.com.png")
    upload(machine, ADA, picture("red"))
    assert synced(job).outcome == Outcome.SYNCED
    assert person(machine).photo == red


def test_what_was_refused_is_tried_anew_when_it_is_uploaded_anew(machine: Cloud, job: PhotoSync) -> None:
    machine.graph.faults.set([Fault(status=404, error_code="Request_ResourceNotFound", times=1)])
    upload(machine, ADA, picture())
    assert synced(job).outcome == Outcome.REJECTED
    upload(machine, ADA, picture())
    assert synced(job).outcome == Outcome.SYNCED


def test_a_passing_fault_is_raised_and_leaves_no_receipt(machine: Cloud, job: PhotoSync) -> None:
    machine.graph.faults.set([Fault(status=429, retry_after=7, times=1)])
    upload(machine, ADA, picture())
    with pytest.raises(TryLater) as fault:
        job.sync(ADA)
    assert fault.value.retry_after == 7
    assert written(machine) is None
    assert synced(job).outcome == Outcome.SYNCED


def test_the_log_tells_outcome_and_ids_and_nothing_of_the_libraries_requests(
    machine: Cloud, job: PhotoSync, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    upload(machine, ADA, picture())
    caplog.clear()
    receipt = synced(job)
    (record,) = caplog.records
    assert record.getMessage().startswith(f"synced: '{ADA}', ETag {receipt.etag}, request-id {receipt.request_id}")


def test_what_was_deleted_meanwhile_ends_quietly(machine: Cloud, job: PhotoSync) -> None:
    assert job.sync(ADA) is None
    assert written(machine) is None
    assert not [entry for entry in machine.graph.directory if entry.photo]
