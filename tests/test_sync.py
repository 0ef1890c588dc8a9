import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO

import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import ContainerClient, ContentSettings
from PIL import Image
from werkzeug.wrappers import Request, Response

from local.cloud import Cloud
from local.directory import CONTACT, GROUP, TEAM, Entry
from local.faults import Fault
from local.server import serve
from photo_sync.errors import Answer
from photo_sync.ledger import Ledger
from photo_sync.receipts import IN_PROGRESS, Outcome, Receipt
from photo_sync.retries import Retry
from photo_sync.settings import PHOTOS, RECEIPTS, RETRIES, Settings
from photo_sync.storage import Photos, Upload
from photo_sync.sync import PhotoSync
from photo_sync.target import Target
from photo_sync.telemetry import photo_event
from photo_sync.wiring import connect
from pictures import noise, plain, save
from waiting import eventually

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


def ledger(machine: Cloud) -> Ledger:
    return Ledger(machine.blobs.get_container_client(RECEIPTS))


def written(machine: Cloud, name: str = ADA) -> Receipt | None:
    return ledger(machine).read(name).receipt


def waiting(machine: Cloud) -> int:
    """How many messages there are in photo-retries, those included whose time has not come."""
    return machine.queues.get_queue_client(RETRIES).get_queue_properties().approximate_message_count or 0


def later(job: PhotoSync, **how_much: float) -> PhotoSync:
    """The same job, so much later."""
    return replace(job, now=lambda: datetime.now(UTC) + timedelta(**how_much))


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
    machine.graph.faults.set([Fault(status=400, error_code="ValidationWidthTooSmall")])
    upload(machine, ADA, picture())
    receipt = synced(job)
    assert receipt == written(machine)
    assert (receipt.outcome, receipt.status, receipt.error_code) == ("rejected", 400, "ValidationWidthTooSmall")
    assert receipt.request_id
    assert receipt.photo_bytes > 0


def test_a_picture_without_a_face_is_warned_of_in_its_receipt(machine: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_FACE", "warn")
    job = connect(Settings.from_env(os.environ))
    upload(machine, ADA, picture())
    upload(machine, f"groups/{GROUP}.png", picture())
    warned, spared = synced(job), synced(job, f"groups/{GROUP}.png")
    assert warned == written(machine)
    assert (warned.outcome, warned.faces, warned.reason) == (Outcome.SYNCED, "0", "")
    assert warned.warning.startswith("No face was found in this picture.")
    assert (spared.outcome, spared.faces, spared.warning) == (Outcome.SYNCED, "", "")
    upload(machine, ADA, picture())
    again = synced(job)
    assert (again.outcome, again.faces, again.warning) == (Outcome.UNCHANGED, warned.faces, warned.warning)


def test_a_picture_without_a_face_is_rejected_where_there_must_be_one(
    machine: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUIRE_FACE", "reject")
    upload(machine, ADA, picture())
    assert synced(connect(Settings.from_env(os.environ))).code == "no-face"
    assert person(machine).photo is None


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


def test_the_same_bytes_are_known_by_the_blobs_own_md5_without_a_download(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture())
    synced(job)
    upload(machine, ADA, picture())

    class Unreadable(Photos):
        def read(self, upload: Upload) -> bytes:
            pytest.fail(f"{upload.name} is downloaded")

    unread = replace(job, photos=Unreadable(machine.blobs.get_container_client(PHOTOS), 1))
    assert synced(unread).outcome == Outcome.UNCHANGED


def test_the_same_bytes_are_known_where_the_blob_has_no_md5(machine: Cloud, job: PhotoSync) -> None:
    for _ in range(2):
        upload(machine, ADA, picture())
        blob = machine.blobs.get_blob_client(PHOTOS, ADA)
        blob.set_http_headers(ContentSettings(content_type="image/png"))  # that takes the MD5 away
        assert blob.get_blob_properties().content_settings.content_md5 is None
        receipt = synced(job)
    assert receipt.outcome == Outcome.UNCHANGED


def test_another_way_of_making_photos_sends_the_same_upload_again(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture())
    synced(job)
    newer = replace(job, pipeline="another")
    calls = len(machine.graph.seen())
    assert [synced(newer).pipeline for _ in range(2)] == ["another", "another"]
    assert len(machine.graph.seen()) == calls + 1


def test_with_force_a_photo_is_sent_again(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture())
    synced(job)
    calls = len(machine.graph.seen())
    again = job.sync(ADA, force=True)
    assert again is not None
    assert again.outcome == Outcome.SYNCED
    assert len(machine.graph.seen()) == calls + 1


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
    machine.graph.faults.set([Fault(status=400, error_code="ValidationWidthTooSmall", times=1)])
    upload(machine, ADA, picture())
    assert synced(job).outcome == Outcome.REJECTED
    upload(machine, ADA, picture())
    assert synced(job).outcome == Outcome.SYNCED


def die(_target: Target, _jpeg: bytes) -> Answer:
    """End a run at the moment it sends, with what no code expects."""
    raise ZeroDivisionError


# What passes


def test_a_passing_fault_becomes_retrying_and_a_message_for_when_it_is_due(machine: Cloud, job: PhotoSync) -> None:
    machine.graph.faults.set([Fault(status=429, retry_after=2, times=1)])
    upload(machine, ADA, picture())
    receipt = synced(job)
    assert receipt == written(machine)
    assert (receipt.outcome, receipt.code, receipt.status, receipt.attempts) == ("retrying", "throttled", 429, 1)
    assert receipt.due is not None
    assert timedelta(seconds=2) <= receipt.due - receipt.finished <= timedelta(seconds=6)
    queue = machine.queues.get_queue_client(RETRIES)
    assert queue.peek_messages() == []
    assert eventually(lambda: queue.peek_messages() != [])
    (message,) = queue.receive_messages()
    assert datetime.now(UTC) >= receipt.due
    assert Retry.from_json(base64.b64decode(message.content)) == Retry(ADA)
    assert synced(job).outcome == Outcome.SYNCED


def test_what_is_due_later_is_left_alone_until_then(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, "users/nobody@contoso.com.jpg", picture())
    first, calls = synced(job, "users/nobody@contoso.com.jpg"), len(machine.graph.seen())
    assert synced(job, "users/nobody@contoso.com.jpg") == first
    assert (len(machine.graph.seen()), waiting(machine)) == (calls, 1)


def test_somebody_new_is_tried_again_slowly_until_they_are_there(machine: Cloud, job: PhotoSync) -> None:
    machine.graph.faults.set([Fault(status=404, error_code="Request_ResourceNotFound", times=2)])
    upload(machine, ADA, picture())
    receipts = [synced(later(replace(job, chance=lambda: 1.0), hours=hours)) for hours in range(3)]
    assert [receipt.outcome for receipt in receipts] == ["retrying", "retrying", "synced"]
    assert [receipt.attempts for receipt in receipts] == [1, 2, 3]
    waits = [receipt.due - receipt.finished for receipt in receipts if receipt.due]
    assert [round(wait.total_seconds()) for wait in waits] == [600, 1200]
    assert len({receipt.first_tried for receipt in receipts}) == 1


def test_a_permission_that_is_granted_later_is_enough(machine: Cloud, job: PhotoSync) -> None:
    machine.graph.faults.set([Fault(status=403, error_code="Authorization_RequestDenied", times=1)])
    upload(machine, ADA, picture())
    assert synced(job).code == "permission-missing"
    assert synced(later(job, hours=2)).outcome == Outcome.SYNCED


def test_after_a_day_it_has_failed_and_nothing_more_is_sent(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, "users/nobody@contoso.com.jpg", picture())
    receipts = [synced(later(job, hours=4 * tries), "users/nobody@contoso.com.jpg") for tries in range(8)]
    assert [receipt.outcome for receipt in receipts] == ["retrying"] * 7 + ["failed"]
    assert (receipts[-1].code, receipts[-1].attempts, receipts[-1].due) == ("no-such-target", 8, None)
    calls = len(machine.graph.seen())
    assert synced(later(job, hours=33), "users/nobody@contoso.com.jpg") == receipts[-1]
    assert (len(machine.graph.seen()), waiting(machine)) == (calls, 7)


def test_a_day_in_which_nothing_could_be_sent_is_no_failure(machine: Cloud, job: PhotoSync) -> None:
    job.throttle.pause(3600)
    upload(machine, ADA, picture())
    receipts = [synced(later(job, days=days)) for days in range(3)]
    assert {(receipt.outcome, receipt.code, receipt.attempts) for receipt in receipts} == {("retrying", "throttled", 0)}


def test_a_new_upload_is_tried_at_once_and_has_a_day_of_its_own(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, "users/nobody@contoso.com.jpg", picture("red"))
    first = synced(job, "users/nobody@contoso.com.jpg")
    upload(machine, "users/nobody@contoso.com.jpg", picture("blue"))
    second = synced(later(job, hours=1), "users/nobody@contoso.com.jpg")
    assert second.attempts == 1
    assert second.first_tried > first.first_tried


def test_during_a_pause_nothing_is_downloaded_or_sent_and_all_come_back_one_after_the_other(
    machine: Cloud, job: PhotoSync
) -> None:
    machine.graph.faults.set([Fault(status=429, retry_after=30, times=1)])
    names = [f"users/{who}@contoso.com.jpg" for who in ("ada", "grace", "alan", "katherine")]
    for name in names:
        upload(machine, name, picture())
    calls = len(machine.graph.seen())
    receipts = [synced(replace(job, chance=lambda: 0.0), name) for name in names]
    assert len(machine.graph.seen()) == calls + 1
    assert {receipt.code for receipt in receipts} == {"throttled"}
    assert [receipt.sha256 for receipt in receipts[1:]] == [""] * 3
    dues = [receipt.due for receipt in receipts if receipt.due]
    assert len(dues) == 4
    assert dues == sorted(dues)


# One run at a time


def test_while_a_run_is_at_work_another_one_sends_nothing_and_comes_back(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture("red"))
    others = list[Receipt | None]()

    def put(target: Target, jpeg: bytes) -> Answer:
        upload(machine, ADA, picture("blue"))
        others.append(job.sync(ADA))
        return job.put_photo(target, jpeg)

    assert synced(replace(job, put_photo=put)).outcome == Outcome.SYNCED
    (other,) = others
    assert other is not None
    assert (other.code, waiting(machine)) == (IN_PROGRESS, 1)
    red = person(machine).photo
    assert synced(job).outcome == Outcome.SYNCED
    assert person(machine).photo != red


def test_a_run_that_died_at_work_is_waited_for_and_then_replaced(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture())
    with pytest.raises(ZeroDivisionError):
        replace(job, put_photo=die).sync(ADA)
    assert synced(job).code == IN_PROGRESS
    assert person(machine).photo is None
    assert synced(later(job, minutes=9)).code == IN_PROGRESS
    assert synced(later(job, minutes=11)).outcome == Outcome.SYNCED
    assert person(machine).photo is not None


def test_a_run_that_comes_too_late_sends_the_newest_photo_again(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture("red"))

    def put(target: Target, jpeg: bytes) -> Answer:
        upload(machine, ADA, picture("blue"))
        assert synced(later(job, minutes=11)).outcome == Outcome.SYNCED
        return job.put_photo(target, jpeg)

    assert replace(job, put_photo=put).sync(ADA) is None
    red = person(machine).photo
    queue = machine.queues.get_queue_client(RETRIES)
    assert eventually(lambda: queue.peek_messages() != [])
    (message,) = queue.peek_messages()
    assert Retry.from_json(base64.b64decode(message.content)) == Retry(ADA, force=True)
    assert synced(later(job, minutes=11)).outcome == Outcome.SYNCED
    assert person(machine).photo == red


def test_a_run_that_stood_still_before_it_sent_sends_nothing(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture())
    times = iter([0, 0, 0, 0, *[6] * 20])
    slow = replace(job, now=lambda: datetime.now(UTC) + timedelta(minutes=next(times)))
    calls = len(machine.graph.seen())
    assert synced(slow).code == "paused"
    assert len(machine.graph.seen()) == calls


def test_what_graph_did_not_answer_is_waited_for_before_another_picture_is_sent(machine: Cloud, job: PhotoSync) -> None:
    machine.graph.faults.set([Fault(drop=True, late=1.0, times=1)])
    upload(machine, ADA, picture("red"))
    first = synced(job)
    assert (first.outcome, first.code) == ("retrying", "no-answer")
    upload(machine, ADA, picture("blue"))
    assert synced(job) == first
    assert person(machine).photo is None
    assert eventually(lambda: person(machine).photo is not None)
    red = person(machine).photo
    assert synced(later(job, minutes=11)).outcome == Outcome.SYNCED
    assert person(machine).photo != red


def test_what_graph_did_not_answer_is_sent_again_soon_when_the_picture_is_the_same(
    machine: Cloud, job: PhotoSync
) -> None:
    machine.graph.faults.set([Fault(status=503, times=1)])
    upload(machine, ADA, picture())
    assert synced(job).code == "service-fault"
    assert synced(later(job, seconds=10)).outcome == Outcome.SYNCED


def test_a_photo_on_which_the_app_dies_for_a_day_has_failed(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture())
    for tries in range(8):
        with pytest.raises(ZeroDivisionError):
            later(replace(job, put_photo=die), hours=3 * tries).sync(ADA)
    assert synced(later(job, hours=25)).code == "given-up"


def test_a_name_that_would_become_another_on_its_way_to_storage_is_nobodys(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture())
    before = machine.blobs.get_blob_client(PHOTOS, ADA).get_blob_properties().etag
    assert job.sync(f"users/../../{PHOTOS}/{ADA}") is None
    assert machine.blobs.get_blob_client(PHOTOS, ADA).get_blob_properties().etag == before


def test_what_was_due_while_the_app_was_switched_off_is_tried_when_it_is_on_again(
    machine: Cloud, job: PhotoSync
) -> None:
    machine.graph.faults.set([Fault(status=503, times=1)])
    upload(machine, ADA, picture())
    synced(job)
    assert synced(later(job, days=3)).outcome == Outcome.SYNCED


def test_a_pause_that_graph_asks_for_again_and_again_gets_longer(machine: Cloud) -> None:
    machine.graph.faults.set([Fault(status=429, retry_after=1)])
    upload(machine, ADA, picture())
    waits = []
    for hours in range(5):
        fresh = replace(connect(Settings.from_env(os.environ)), chance=lambda: 1.0)
        receipt = synced(later(fresh, hours=hours))
        waits.append(round((receipt.due or receipt.finished).timestamp() - receipt.finished.timestamp()))
    assert waits == [5, 8, 16, 32, 64]


# Storage


def test_a_receipt_that_is_no_receipt_is_replaced_and_told(
    machine: Cloud, job: PhotoSync, caplog: pytest.LogCaptureFixture
) -> None:
    machine.blobs.get_blob_client(RECEIPTS, ADA).upload_blob(b"no receipt")
    upload(machine, ADA, picture())
    assert synced(job) == written(machine)
    assert f"The receipt of '{ADA}' cannot be read" in caplog.text


def test_a_blob_that_was_overwritten_while_it_was_read_is_looked_at_again(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture("red"))

    class Overwritten(Photos):
        def read(self, found: Upload) -> bytes:
            upload(machine, ADA, picture("blue"))
            return super().read(found)

    photos = Overwritten(machine.blobs.get_container_client(PHOTOS), 10**6)
    assert replace(job, photos=photos).sync(ADA) is None
    assert (written(machine), waiting(machine)) == (None, 1)
    assert synced(job).outcome == Outcome.SYNCED


@contextmanager
def failing_storage(status: int | None) -> Iterator[Photos]:
    """The photos of a storage that answers everything with this status; None is no answer at all."""

    @Request.application
    def fail(_request: Request) -> Response:
        if status is None:
            raise ConnectionResetError
        return Response(status=status)

    with (
        serve(fail) as root,
        ContainerClient.from_container_url(f"{root}/account/{PHOTOS}", retry_total=0) as container,
    ):
        yield Photos(container, 10**6)


@pytest.mark.parametrize("status", [409, 429, 500, 503, None])
def test_what_storage_does_not_do_now_is_done_later(machine: Cloud, job: PhotoSync, status: int | None) -> None:
    upload(machine, ADA, picture())
    with failing_storage(status) as photos:
        assert replace(job, photos=photos).sync(ADA) is None
    assert (written(machine), waiting(machine)) == (None, 1)


@pytest.mark.parametrize("status", [400, 403])
def test_what_storage_never_does_is_left_to_the_host_and_its_poison_queue(job: PhotoSync, status: int) -> None:
    with failing_storage(status) as photos, pytest.raises(HttpResponseError):
        replace(job, photos=photos).sync(ADA)


def test_the_log_tells_the_event_and_nothing_of_the_libraries_requests(
    machine: Cloud, job: PhotoSync, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    upload(machine, ADA, picture())
    caplog.clear()
    receipt = synced(job)
    (record,) = caplog.records
    assert record.levelname == "INFO"
    assert record.getMessage() == photo_event(receipt)


def test_the_times_of_the_steps_follow_each_other(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture())
    receipt = synced(job)
    times = [receipt.uploaded, receipt.started, receipt.downloaded, receipt.made, receipt.finished]
    assert None not in times
    assert times == sorted(times, key=str)
    assert receipt.kind == "users"


def test_the_log_tells_of_a_refusal_as_a_warning(
    machine: Cloud, job: PhotoSync, caplog: pytest.LogCaptureFixture
) -> None:
    upload(machine, "people/ada.jpg", picture())
    receipt = synced(job, "people/ada.jpg")
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [photo_event(receipt)]


def test_what_was_deleted_meanwhile_ends_quietly(machine: Cloud, job: PhotoSync) -> None:
    assert job.sync(ADA) is None
    assert written(machine) is None
    assert not [entry for entry in machine.graph.directory if entry.photo]


def test_the_receipt_of_what_was_deleted_says_that_the_photo_stays(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, ADA, picture())
    synced(job)
    machine.blobs.get_blob_client(PHOTOS, ADA).delete_blob()
    assert job.sync(ADA) is None
    receipt = written(machine)
    assert receipt is not None
    assert (receipt.outcome, receipt.code) == (Outcome.REMOVED, "photo-kept")


def test_the_receipt_of_what_was_deleted_stays_for_another_file_of_the_same_one(machine: Cloud, job: PhotoSync) -> None:
    other = "users/ada@contoso.com.png"
    for name, colour in ((ADA, "red"), (other, "blue")):
        upload(machine, name, picture(colour))
        synced(job, name)
    machine.blobs.get_blob_client(PHOTOS, other).delete_blob()
    assert job.sync(other) is None
    upload(machine, ADA, picture("red"))
    assert synced(job).outcome == Outcome.SYNCED


def test_the_receipt_of_what_was_deleted_stays_while_something_may_still_be_on_its_way(
    machine: Cloud, job: PhotoSync
) -> None:
    machine.graph.faults.set([Fault(drop=True, times=1)])
    upload(machine, ADA, picture())
    first = synced(job)
    machine.blobs.get_blob_client(PHOTOS, ADA).delete_blob()
    assert synced(job) == first
    assert later(job, minutes=11).sync(ADA) is None
    receipt = written(machine)
    assert receipt is not None
    assert (receipt.outcome, receipt.code) == (Outcome.REMOVED, "photo-kept")
