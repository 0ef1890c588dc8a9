from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chaos.crowd import Crowd, blob_name, queued, tenant, upn
from chaos.run import run
from chaos.verdict import impatient, outdated, unsettled
from local.cloud import Cloud, cloud
from local.graph import Seen
from photo_sync.photo import normalise
from photo_sync.settings import PHOTOS, RECEIPTS, RETRIES

ADA = "users/ada@contoso.com.jpg"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.usefixtures("shared_machine")
def test_whatever_goes_wrong_nothing_is_lost_and_the_newest_wins(tmp_path: Path) -> None:
    happened, lost = run(people=60, seed=7, log=tmp_path / "hosts.log")
    assert set(lost.values()) == {0}, (lost, (tmp_path / "hosts.log").read_text("utf-8")[-10_000:])
    assert happened["uploads"] == 90
    assert min(happened[what] for what in ("told twice", "not told", "processes killed")) > 0
    assert min(happened[f"Graph: {status}"] for status in ("200", "429", "503")) > 0


# A verdict that cannot find anything would be none


@pytest.fixture
def crowd(machine: Cloud) -> Crowd:
    return Crowd(machine, people=0, seed=0)


def uploaded(crowd: Crowd, outcome: str, *, stale: bool = False) -> None:
    """A picture of Ada's, with a receipt that says this of it, or of an earlier upload."""
    etag = crowd.machine.blobs.get_blob_client(PHOTOS, ADA).upload_blob(b"picture")["etag"].strip('"')
    receipt = {"etag": "0x1" if stale else etag, "outcome": outcome}
    crowd.machine.blobs.get_blob_client(RECEIPTS, ADA).upload_blob(b"", metadata=receipt)


@pytest.mark.parametrize(
    ("outcome", "stale", "found"),
    [
        ("synced", False, []),
        ("unchanged", False, []),
        ("synced", True, [ADA]),
        ("retrying", False, [ADA]),
        ("failed", False, [ADA]),
        ("rejected", False, [ADA]),
    ],
)
def test_a_receipt_that_is_not_for_the_newest_upload_is_found(
    crowd: Crowd, outcome: str, found: list[str], *, stale: bool
) -> None:
    uploaded(crowd, outcome, stale=stale)
    assert unsettled(crowd.machine) == found


def test_a_photo_without_a_receipt_is_found(crowd: Crowd) -> None:
    crowd.machine.blobs.get_blob_client(PHOTOS, ADA).upload_blob(b"picture")
    assert unsettled(crowd.machine) == [ADA]


def test_a_message_that_is_left_is_counted(crowd: Crowd) -> None:
    before = queued(crowd.machine)
    crowd.machine.queues.get_queue_client(RETRIES).send_message("left", visibility_timeout=60)
    assert queued(crowd.machine) == before + 1


@pytest.fixture
def town(shared_machine: Cloud) -> Iterator[Crowd]:
    """Two people in a cloud of their own, who have uploaded three pictures."""
    del shared_machine  # it has found Azurite, or said that there is none
    with cloud(tenant(2)) as machine:
        crowd = Crowd(machine, people=2, seed=1)
        crowd.upload_all()
        yield crowd


def test_a_photo_that_is_not_the_newest_is_found(town: Crowd) -> None:
    for number, picture in town.newest.items():
        town.machine.graph.directory.known_user(upn(number)).put(normalise(picture).jpeg)
    assert outdated(town.machine, town) == []
    town.machine.graph.directory.known_user(upn(1)).put(normalise(town.newest[0]).jpeg)
    assert outdated(town.machine, town) == [upn(1)]


def test_everybody_uploads_and_the_last_picture_counts(town: Crowd) -> None:
    photos = town.machine.blobs.get_container_client(PHOTOS)
    assert {blob_name(number): photos.download_blob(blob_name(number)).readall() for number in range(2)} == {
        blob_name(number): picture for number, picture in town.newest.items()
    }
    assert town.counted["uploads"] == 3


def request(seconds: float, process: str = "one", *, retry_after: str = "") -> Seen:
    at = NOON + timedelta(seconds=seconds)
    return Seen(at, at, "PUT", "/", 429 if retry_after else 200, "", "", process, retry_after)


@pytest.mark.parametrize(
    ("requests", "found"),
    [
        ([request(0, retry_after="10"), request(5)], 1),
        ([request(0, retry_after="10"), request(5), request(9.9), request(10)], 2),
        ([request(0, retry_after="10"), request(0.5)], 0),
        ([request(0, retry_after="10"), request(5, "another process")], 0),
        ([request(0), request(5)], 0),
        ([request(0, retry_after="10"), request(3, retry_after="10"), request(12)], 2),
    ],
    ids=["meanwhile", "until it is over", "already on its way", "another process", "no pause", "two pauses"],
)
def test_a_request_that_left_during_a_pause_is_counted(requests: list[Seen], found: int) -> None:
    assert impatient(requests) == found
