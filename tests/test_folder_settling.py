from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from azure.storage.blob import BlobServiceClient

from local.cloud import Cloud
from pages import in_small_pages
from photo_sync.folder.settling import settle
from photo_sync.ledger import Ledger
from photo_sync.receipts import IN_PROGRESS, Outcome, Receipt
from photo_sync.settings import PHOTOS, RECEIPTS
from photo_sync.storage import Photos

NOW = datetime.now(UTC)
NAMES = [f"users/{number:02}@contoso.com.jpg" for number in range(30)]


@pytest.fixture
def ledger(machine: Cloud) -> Ledger:
    return Ledger(machine.blobs.get_container_client(RECEIPTS))


@pytest.fixture
def photos(machine: Cloud) -> Photos:
    return Photos(machine.blobs.get_container_client(PHOTOS), 0)


def put(machine: Cloud, name: str = NAMES[0]) -> str:
    """Upload something, and return its ETag."""
    return str(machine.blobs.get_blob_client(PHOTOS, name).upload_blob(b"", overwrite=True)["etag"]).strip('"')


def write(
    ledger: Ledger,
    name: str,
    outcome: Outcome = Outcome.SYNCED,
    *,
    code: str = "",
    due: int | None = None,
    etag: str = "1",
) -> None:
    """Write a receipt for an upload; `due` is in so many seconds."""
    at = None if due is None else datetime.now(UTC) + timedelta(seconds=due)
    receipt = Receipt(
        photo=name, etag=etag, outcome=outcome, code=code, uploaded=NOW, first_tried=NOW, finished=NOW, due=at
    )
    ledger.write(receipt, over=ledger.read(name))


def looks(
    ledger: Ledger, photos: Photos, uploaded: dict[str, str], seconds: float, *happens: Callable[[], None]
) -> list[dict[str, str]]:
    """The outcomes by name as they were seen; after each look, the next thing happens."""
    steps = iter(happens)
    return [
        {name: line.outcome for name, line in lines.items()}
        for lines in settle(ledger, photos, uploaded, seconds, sleep=lambda _: next(steps)())
    ]


def test_it_looks_until_all_is_settled(ledger: Ledger, photos: Photos) -> None:
    ada, tim = NAMES[:2]
    write(ledger, ada)
    write(ledger, tim, Outcome.RETRYING, code=IN_PROGRESS, due=600)
    seen = looks(ledger, photos, {ada: "1", tim: "1"}, 60, lambda: None, lambda: write(ledger, tim, Outcome.REJECTED))
    assert seen == [{ada: "synced", tim: "retrying"}] * 2 + [{ada: "synced", tim: "rejected"}]


def test_a_receipt_of_an_older_upload_does_not_count(machine: Cloud, ledger: Ledger, photos: Photos) -> None:
    write(ledger, NAMES[0])
    assert looks(ledger, photos, {NAMES[0]: put(machine)}, -1) == [{}]


def test_what_somebody_else_has_uploaded_or_deleted_since_is_not_waited_for(
    machine: Cloud, ledger: Ledger, photos: Photos
) -> None:
    ada, tim, grace = NAMES[:3]
    uploaded = {name: put(machine, name) for name in (ada, tim, grace)}

    def go_on() -> None:
        put(machine, ada)
        machine.blobs.get_blob_client(PHOTOS, tim).delete_blob()
        for name in (ada, tim):
            write(ledger, name)
        write(ledger, grace, etag=uploaded[grace])

    assert looks(ledger, photos, uploaded, 60, go_on) == [
        {},
        {ada: "overtaken", tim: "overtaken", grace: "synced"},
    ]


def test_a_receipt_of_an_older_upload_has_the_pictures_listed_only_once(machine: Cloud, ledger: Ledger) -> None:
    listed = list[str]()
    service = BlobServiceClient(
        machine.storage.blob_uri,
        machine.blobs.credential,
        connection_verify=str(machine.storage.certificate),
        raw_request_hook=lambda request: listed.append(request.http_request.url),
    )
    etag, photos = put(machine), Photos(service.get_container_client(PHOTOS), 0)
    write(ledger, NAMES[0])
    happens = (lambda: None, lambda: None, lambda: write(ledger, NAMES[0], etag=etag))
    assert looks(ledger, photos, {NAMES[0]: etag}, 60, *happens) == [{}, {}, {}, {NAMES[0]: "synced"}]
    assert len(listed) == 1


def test_many_that_were_replaced_are_looked_for_in_one_listing(machine: Cloud, ledger: Ledger) -> None:
    uploaded = {name: put(machine, name) for name in NAMES}
    for name in NAMES:
        write(ledger, name)
    put(machine, NAMES[20])
    (seen,) = looks(ledger, Photos(in_small_pages(machine, PHOTOS, 7), 0), uploaded, -1)
    assert seen == {NAMES[20]: "overtaken"}


def test_it_ends_when_the_time_is_over(ledger: Ledger, photos: Photos) -> None:
    assert looks(ledger, photos, {NAMES[0]: "1"}, -1) == [{}]


def test_it_ends_when_nothing_more_happens_in_time(ledger: Ledger, photos: Photos) -> None:
    write(ledger, NAMES[0], Outcome.RETRYING, code="no-such-target", due=120)
    assert looks(ledger, photos, {NAMES[0]: "1"}, 60) == [{NAMES[0]: "retrying"}]


def test_what_will_be_tried_again_in_time_is_waited_for(ledger: Ledger, photos: Photos) -> None:
    write(ledger, NAMES[0], Outcome.RETRYING, code="throttled", due=30)
    assert len(looks(ledger, photos, {NAMES[0]: "1"}, 60, lambda: write(ledger, NAMES[0]))) == 2


def test_many_are_looked_for_in_one_listing_and_few_one_by_one(machine: Cloud, photos: Photos) -> None:
    ledger = Ledger(in_small_pages(machine, RECEIPTS, 7))
    for name in NAMES:
        write(ledger, name)
    (seen,) = looks(ledger, photos, dict.fromkeys(NAMES, "1"), 60)
    assert len(seen) == 30
    (seen,) = looks(ledger, photos, dict.fromkeys(NAMES[3:6], "1"), 60)
    assert set(seen) == set(NAMES[3:6])


def test_nothing_uploaded_is_settled_at_once(ledger: Ledger, photos: Photos) -> None:
    assert looks(ledger, photos, {}, 60) == [{}]
