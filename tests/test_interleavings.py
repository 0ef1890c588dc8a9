"""The newest upload wins in every interleaving; where a protection is taken out, there is one in which it loses."""

import functools
import hashlib
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import pytest

from azure_memory import Blob, Condition, MemoryContainer, Unconditional
from exploration import Explored, Violation, explore
from interleaving import Body, Interleaving
from memory_cloud import ADA, MemoryCloud, Removes
from memory_queue import MemoryQueue
from photo_sync.errors import Answer, Overtaken, TryLater
from photo_sync.receipts import Outcome, Receipt
from photo_sync.retries import Retry
from photo_sync.storage import Photos, Upload
from photo_sync.sync import PhotoSync
from photo_sync.target import Target
from photo_sync.turn import CLAIM
from schedule import Left, State
from stepping import numbered_uuid

TWO = ("red", "blue")


@pytest.fixture(autouse=True)
def repeatable(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(uuid, "uuid4", numbered_uuid)
    caplog.set_level(logging.CRITICAL)


def as_it_is(job: PhotoSync, retry: Retry) -> object:
    return job.sync(retry.photo, force=retry.force)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What is explored: how it begins, what may happen, and what is different from the real thing."""

    left: Left
    before: str = ""
    """The colour of a picture that was synced earlier."""
    runs: int = 2
    crowded: bool = False
    cloud: Callable[[], MemoryCloud] = MemoryCloud
    claim: timedelta = CLAIM
    job: Callable[[PhotoSync], PhotoSync] = replace
    body: Body = as_it_is

    def explored(self) -> Explored:
        cloud = self.cloud()
        job = self.job(cloud.job(self.claim))
        if self.before:
            cloud.upload(self.before)
            job.sync(ADA)
        game = Interleaving(cloud, job, self.body, crowded=self.crowded)
        return explore(State(cloud.save(), self.left, (None,) * self.runs), game.moves, lambda state: state.wrong)

    def violation(self) -> Violation:
        with pytest.raises(Violation) as found:
            self.explored()
        return found.value


# The protocol as it is


@pytest.mark.parametrize(
    ("trial", "states", "schedules"),
    [
        pytest.param(Trial(left=Left(TWO)), 200, 4e3, id="uploads"),
        pytest.param(Trial(left=Left(TWO), crowded=True), 15_000, 1e6, id="messages-and-time-at-any-moment"),
        pytest.param(Trial(left=Left(TWO, duplicates=1), runs=3), 5_000, 3e8, id="three-runs-for-two-uploads"),
        pytest.param(Trial(left=Left((*TWO, "green")), runs=3), 7_000, 4e8, id="three-runs-for-three-uploads"),
        pytest.param(Trial(before="green", left=Left(("red", "green"), orphans=1)), 3_600, 1e9, id="earlier-picture"),
        pytest.param(Trial(before="red", left=Left(("red", "red"), crashes=2)), 280, 1e6, id="always-the-same-picture"),
        pytest.param(Trial(left=Left(TWO, orders=1)), 6_000, 5e7, id="order-to-send-it-again"),
        pytest.param(Trial(left=Left(TWO, duplicates=1, crashes=1)), 130_000, 3e15, id="duplicate-and-crash"),
        pytest.param(Trial(left=Left(TWO, duplicates=1, orphans=1)), 130_000, 1e17, id="duplicate-and-orphan"),
        pytest.param(Trial(left=Left(TWO, crashes=2)), 38_000, 4e15, id="two-crashes"),
        pytest.param(Trial(left=Left(TWO, crashes=1, orphans=1)), 59_000, 2e17, id="crash-and-orphan"),
        pytest.param(Trial(left=Left(TWO, unanswered=2)), 9_000, 3e10, id="no-answer-twice"),
        pytest.param(Trial(left=Left(TWO, unanswered=1, orphans=1)), 35_000, 2e16, id="no-answer-and-orphan"),
        pytest.param(Trial(left=Left(TWO, doubled=1, crashes=1)), 19_000, 1e10, id="receipts-written-twice"),
        pytest.param(Trial(left=Left(TWO, jumps=1)), 1_000, 9e6, id="everything-ended-by-the-host"),
        pytest.param(Trial(left=Left(TWO, pauses=1)), 3_900, 8e5, id="a-run-that-stands-still"),
        pytest.param(Trial(left=Left(("red", ""), duplicates=1, crashes=1)), 11_000, 1e11, id="deletion-and-crash"),
        pytest.param(Trial(left=Left(("red", ""), duplicates=1, orphans=1)), 10_000, 2e12, id="deletion-and-orphan"),
        pytest.param(Trial(left=Left(("red", "", "blue"), orphans=1)), 13_000, 2e11, id="deletion-and-another-upload"),
    ],
)
def test_the_newest_upload_wins_in_every_interleaving(trial: Trial, states: int, schedules: float) -> None:
    explored = trial.explored()
    assert explored.states >= states
    assert explored.schedules >= schedules


# Deleted files, with SYNC_DELETES

removing = partial(MemoryCloud, removes=Removes(wanted=True))
removing_surely = partial(MemoryCloud, removes=Removes(wanted=True, surely=True))
GO, COME_BACK = ("red", ""), ("red", "", "blue")


@pytest.mark.parametrize(
    ("trial", "states", "schedules"),
    [
        pytest.param(Trial(left=Left(GO)), 130, 180, id="deletion"),
        pytest.param(Trial(before="green", left=Left(("",))), 10, 1, id="earlier-picture"),
        pytest.param(Trial(left=Left(GO, duplicates=1), runs=3), 3_500, 1e8, id="duplicate"),
        pytest.param(Trial(left=Left(COME_BACK)), 3_000, 1e7, id="another-upload"),
        pytest.param(Trial(left=Left((*TWO, ""))), 5_000, 2e8, id="two-uploads"),
        pytest.param(Trial(before="red", left=Left(("", "red"), duplicates=1)), 2_500, 1e8, id="the-same-again"),
        pytest.param(Trial(left=Left(GO, orders=1)), 6_000, 7e8, id="order-to-send-it-again"),
    ],
)
def test_the_photo_of_a_deleted_file_goes_in_every_interleaving(trial: Trial, states: int, schedules: float) -> None:
    explored = replace(trial, cloud=removing_surely).explored()
    assert explored.states >= states
    assert explored.schedules >= schedules


@pytest.mark.parametrize(
    ("trial", "states", "schedules"),
    [
        pytest.param(Trial(left=Left(GO, crashes=1)), 3_900, 2e10, id="crash"),
        pytest.param(Trial(left=Left(COME_BACK, orphans=1)), 200_000, 7e17, id="orphan"),
        pytest.param(Trial(left=Left(COME_BACK, unanswered=1)), 77_000, 4e14, id="no-answer"),
        pytest.param(Trial(left=Left(GO, crashes=1, orphans=1)), 30_000, 5e13, id="crash-and-orphan"),
        pytest.param(Trial(left=Left(COME_BACK, doubled=1)), 12_000, 9e7, id="receipts-written-twice"),
        pytest.param(Trial(left=Left(GO, pauses=1)), 1_700, 4e4, id="a-run-that-stands-still"),
        pytest.param(Trial(left=Left(GO, jumps=1)), 1_100, 5e5, id="everything-ended-by-the-host"),
    ],
)
def test_a_photo_that_may_be_somebody_else_s_is_left_and_told_and_the_newest_upload_wins(
    trial: Trial, states: int, schedules: float
) -> None:
    explored = replace(trial, cloud=removing).explored()
    assert explored.states >= states
    assert explored.schedules >= schedules


# One protection less


OLD = "Graph has red, the newest upload is blue."
ANOTHER = "The receipt is of another upload."
STAYS = "Graph has red, and its file is gone."
PENDING = "There is a receipt “retrying”."


class Recurring(MemoryContainer):
    """Storage that gives the same bytes the same ETag."""

    def write(self, name: str, data: bytes, metadata: Mapping[str, str], condition: Condition) -> Blob:
        blob = replace(super().write(name, data, metadata, condition), etag=hashlib.sha256(data).hexdigest())
        self.kept = self.kept._replace(blobs=(*self.kept.others(name), blob))
        return blob


class Forgetful(MemoryQueue):
    """A queue that loses messages."""

    def put(self, text: str, seconds: int) -> None:
        pass


class Earlier(Photos):
    """What was found in the container at an earlier moment."""

    def __init__(self, photos: Photos, name: str) -> None:
        self._photos = photos
        self._found = photos.find(name)

    def find(self, _name: str) -> Upload | None:
        return self._found

    def read(self, upload: Upload) -> bytes:
        return self._photos.read(upload)


def blob_first(job: PhotoSync, retry: Retry) -> object:
    """A run that looks at the photo before it reads the receipt."""
    return as_it_is(replace(job, photos=Earlier(job.photos, retry.photo)), retry)


class Remembering(Photos):
    """What was found once is never looked for again."""

    def __init__(self, photos: Photos) -> None:
        self.find = functools.cache(photos.find)  # type: ignore[method-assign]
        self.read = photos.read  # type: ignore[method-assign]


def looking_once(job: PhotoSync, retry: Retry) -> object:
    """A run that does not look whether the file is still there when it has its claim."""
    return as_it_is(replace(job, photos=Remembering(job.photos)), retry)


unconditional = partial(MemoryCloud, Unconditional)
recurring = partial(MemoryCloud, Recurring)
forgetful = partial(MemoryCloud, queue=Forgetful)


def careless(job: PhotoSync) -> PhotoSync:
    """A client that takes a request without an answer for one without effect."""

    def put_photo(target: Target, jpeg: bytes) -> Answer:
        try:
            return job.put_photo(target, jpeg)
        except TryLater as fault:
            raise TryLater(fault.code, fault.reason) from fault

    return replace(job, put_photo=put_photo)


@pytest.mark.parametrize(
    ("trial", "rule"),
    [
        pytest.param(Trial(left=Left(TWO), cloud=unconditional), ANOTHER, id="writes-without-conditions"),
        pytest.param(Trial(left=Left((*TWO, "red")), cloud=recurring), ANOTHER, id="etags-that-come-again"),
        pytest.param(Trial(left=Left(TWO), cloud=forgetful), ANOTHER, id="messages-that-get-lost"),
        pytest.param(Trial(left=Left(("red",), crashes=1), cloud=forgetful), PENDING, id="claims-nobody-comes-back-to"),
        pytest.param(Trial(left=Left(TWO, crashes=1), claim=timedelta(0)), OLD, id="claims-that-hold-no-time"),
        pytest.param(Trial(left=Left(TWO, orphans=1), claim=CLAIM / 2), OLD, id="claims-shorter-than-a-put-may-take"),
        pytest.param(Trial(left=Left(TWO, unanswered=1), job=careless), OLD, id="no-answer-taken-for-no-effect"),
        pytest.param(Trial(left=Left(TWO, pauses=1, crashes=1)), OLD, id="runs-that-outlive-their-claims-and-die"),
        pytest.param(Trial(before="red", left=Left(("red",) * 2), body=blob_first), ANOTHER, id="blob-before-receipt"),
        pytest.param(Trial(left=Left(GO), cloud=removing_surely, body=looking_once), STAYS, id="files-looked-for-once"),
    ],
)
def test_without_one_of_its_protections_the_newest_upload_may_lose(trial: Trial, rule: str) -> None:
    assert trial.violation().rule == rule


# Simpler designs


def without_claim(job: PhotoSync, retry: Retry, *, again: bool) -> None:
    """Who finds after its PUT that something newer was done meanwhile skips the rest; or has that sent `again`."""
    entry, upload = job.ledger.read(retry.photo), job.photos.find(retry.photo)
    if upload is None or (entry.receipt and entry.receipt.etag == upload.etag and not retry.force):
        return
    answer = job.put_photo(Target.parse(upload.name), job.make_photo(job.photos.read(upload), "users").jpeg)
    receipt = Receipt.start(upload, None, job.pipeline, job.now()).ended(Outcome.SYNCED, job.now(), answer)
    try:
        job.ledger.write(receipt, over=entry)
    except Overtaken:
        if not is_newer(job.ledger.read(retry.photo).receipt, upload):
            raise
        if again:
            job.retries.send(replace(retry, force=True), after=1)


def is_newer(receipt: Receipt | None, upload: Upload) -> bool:
    """In memory, ETags count up."""
    return receipt is not None and int(receipt.etag, 16) > int(upload.etag, 16)


def test_hole_one_a_run_that_put_an_old_picture_finds_a_newer_receipt_and_skips() -> None:
    found = Trial(left=Left(TWO), body=partial(without_claim, again=False)).violation()
    assert found.rule == OLD
    assert since_the_last_put(found) == [
        "run 1: PUT",
        "run 2: write photo-receipts",
        "run 1: write photo-receipts",
        "run 1: read photo-receipts",
        "run 1: read photo-receipts",
    ]


def test_hole_two_a_run_dies_right_after_such_a_put_and_what_is_redelivered_skips_as_a_duplicate() -> None:
    trial = Trial(left=Left(TWO), body=partial(without_claim, again=True))
    assert trial.explored().schedules > 1_000
    found = replace(trial, left=Left(TWO, crashes=1)).violation()
    assert found.rule == OLD
    assert since_the_last_put(found) == [
        "run 1: PUT",
        "run 1 dies before it can write photo-receipts",
        "run 2: write photo-receipts",
        "run 1 begins",
        "run 1: read photo-receipts",
        "run 1: look at photos",
    ]


def since_the_last_put(violation: Violation) -> list[str]:
    return violation.schedule[max(at for at, move in enumerate(violation.schedule) if move.endswith("PUT")) :]
