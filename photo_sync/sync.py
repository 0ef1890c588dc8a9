"""The whole job, in order: whose photo it is, what was uploaded, the JPEG it becomes, Graph, the receipt.

Why nothing is lost and the newest upload wins: docs/reliability.md.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from azure.core.exceptions import AzureError

from photo_sync.errors import Answer, Overtaken, Rejected, TryLater
from photo_sync.ledger import Entry, Ledger
from photo_sync.receipts import Outcome, Receipt
from photo_sync.removal import Removal, begin, left, removed
from photo_sync.repeat import repeated, stands_for
from photo_sync.retries import Retries, Retry
from photo_sync.storage import Photos, Upload, is_passing
from photo_sync.target import Kind, Target
from photo_sync.telemetry import LEVELS, photo_event
from photo_sync.throttle import Throttle
from photo_sync.turn import CLAIM, Turn, turn, wait

if TYPE_CHECKING:
    from photo_sync.photo import Photo

_MOMENT: Final = 2.0  # seconds until a photo is looked at again that somebody else has just touched
_STORAGE_REST: Final = 30.0  # seconds to leave storage alone when it does not answer
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PhotoSync:
    """The job with all that it works on; `pipeline` names the way in which `make_photo` makes a photo.

    With `sync_deletes`, a photo is removed when its file was deleted.
    """

    photos: Photos
    ledger: Ledger
    retries: Retries
    throttle: Throttle
    recipient: Callable[[str], Target]
    put_photo: Callable[[Target, bytes], Answer]
    make_photo: Callable[[bytes, Kind], "Photo"]
    pipeline: str
    removal: Removal
    sync_deletes: bool
    claim: timedelta = CLAIM
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    chance: Callable[[], float] = random.random

    def sync(self, name: str, *, force: bool = False, remove: bool = False) -> Receipt | None:
        """Make the picture in blob `name` the photo of whom the name says, and write down what became of it.

        What cannot be done now is done later, by a message in `photo-retries`. With `force`, the photo is sent even if
        its receipt says that it was; with `remove`, it is removed if the blob is gone. Returns the receipt as it is
        then; None where there is none, or where it is not known. Raises storage's own faults: those that will not
        pass, and whatever keeps that message from being sent.
        """
        retry = Retry(name, force, remove)
        try:
            return self._sync(retry)
        except Overtaken as event:
            _log.info("%s It is looked at again in a moment.", event)
            self.retries.send(retry, after=_MOMENT + self.chance())
        except AzureError as fault:
            if not is_passing(fault):
                raise
            _log.warning("Storage failed for now; %r is tried again: %s", name, fault)
            self.retries.send(retry, after=_STORAGE_REST * (1 + self.chance()))
        return None

    def look(self, name: str) -> tuple[Entry, Upload | None]:
        """Return the receipt, and the blob as it is after that: what claims over that receipt has the newest blob.

        A name with `.` or `..` in its path is nobody's: on its way to storage it would become another one.
        """
        if {".", ".."} & set(name.split("/")):
            return Entry(), None
        return self.ledger.read(name), self.photos.find(name)

    def turn(self, entry: Entry, upload: Upload | None, *, force: bool = False) -> Turn:
        """Say what a run may do now."""
        return turn(entry.receipt, upload, pipeline=self.pipeline, now=self.now(), force=force)

    def file(self, receipt: Receipt, over: Entry) -> Receipt:
        """Write a receipt over what was read, and tell the log; raises `Overtaken`."""
        self.ledger.write(receipt, over)
        _log.log(LEVELS[receipt.outcome], photo_event(receipt))
        return receipt

    def _sync(self, retry: Retry) -> Receipt | None:
        entry, upload = self.look(retry.photo)
        is_due = retry.remove and upload is None and entry.receipt is not None and entry.receipt.may_be_in_graph
        match self.turn(entry, upload, force=retry.force or is_due):
            case Turn.WORK if upload:
                return self._work(retry, upload, entry)
            case Turn.GONE if entry.receipt:
                return self._clear(retry, entry.receipt, entry)
            case Turn.WAIT if entry.receipt:
                etag = upload.etag if upload else ""
                self.retries.send(replace(retry, etag=etag), after=wait(entry.receipt, self.now()))
            case Turn.END if not entry.receipt:
                self.ledger.remove(retry.photo, entry)  # nobody can read it, and its file is gone
        return entry.receipt

    def _work(self, retry: Retry, upload: Upload, entry: Entry) -> Receipt | None:
        receipt = Receipt.start(upload, entry.receipt, self.pipeline, self.now())
        if entry.receipt is not None and entry.receipt.is_claim and receipt.is_hopeless(self.now()):
            return self.file(receipt.given_up(self.now()), entry)
        previous = None if retry.force else entry.receipt
        try:
            target = self.recipient(upload.name)
            receipt = replace(receipt, kind=target.kind, graph_path=target.photo_path, md5=upload.md5)
            if repeated := self._repeated(receipt, previous):
                return self.file(repeated, entry)
            self.throttle.check()
            data = self.photos.read(upload)
            receipt = receipt.with_source(data, self.now())
            if repeated := self._repeated(receipt, previous):
                return self.file(repeated, entry)
            photo = self.make_photo(data, target.kind)
        except Rejected as refusal:
            return self.file(receipt.rejected(refusal, self.now()), entry)
        except TryLater as fault:
            return self._postpone(retry, receipt.tried(fault), fault, entry)
        put = partial(self._put, target=target, jpeg=photo.jpeg)
        return self._send(retry, receipt.with_photo(photo), put, entry)

    def _clear(self, retry: Retry, previous: Receipt, entry: Entry) -> Receipt | None:
        """See to what a deleted file has left: its photo, where that is wanted, else its receipt alone."""
        if not (self.sync_deletes or retry.remove) or not previous.may_be_in_graph:
            self.removal.forget(previous, entry, self.now())
            return None
        receipt = begin(previous, self.now())
        if previous.is_claim and receipt.is_hopeless(self.now()):
            return self.file(receipt.given_up(self.now()), entry)
        try:
            target = self.recipient(retry.photo)
            receipt = replace(receipt, kind=target.kind, graph_path=target.photo_path)
            etag = self.removal.check(receipt, target, self.now(), ordered=retry.remove)
        except Rejected as refusal:
            return self.file(left(receipt, refusal, self.now()), entry)
        except TryLater as fault:
            return self._postpone(retry, receipt.tried(fault), fault, entry)
        if not etag:
            return self.file(removed(receipt, self.now()), entry)
        delete = partial(self.removal.delete, target=target, etag=etag, now=self.now)
        return self._send(retry, receipt, delete, entry)

    def _repeated(self, receipt: Receipt, previous: Receipt | None) -> Receipt | None:
        """The receipt to write where Graph has this photo: from this very file, and no other was sent for the same."""
        if previous is None or not stands_for(previous, receipt) or any(self.ledger.siblings(receipt.photo)):
            return None
        return repeated(previous, receipt, self.now())

    def _send(self, retry: Retry, receipt: Receipt, send: Callable[[Receipt], Receipt], entry: Entry) -> Receipt | None:
        """Claim the photo over the entry that was read, have Graph change it, and write down what Graph said."""
        claim = receipt.claimed(self.now(), self.now() + self.claim)
        entry = self.ledger.write(claim, over=entry)
        answered = replace(claim, unanswered_until=receipt.unanswered_until)
        try:
            try:
                self._check_time(answered)
                return self.file(send(answered), entry)
            except TryLater as fault:
                return self._postpone(retry, answered if fault.is_over else claim, fault, entry)
        except Overtaken as event:
            _log.warning("%s The photo was sent too late, and is sent again.", event)
            self.retries.send(replace(retry, force=True), after=_MOMENT)
            return None

    def _check_time(self, claim: Receipt) -> None:
        if self.now() > claim.finished + self.claim / 2:
            raise TryLater("paused", "The app stood still for a while.")

    def _put(self, receipt: Receipt, target: Target, jpeg: bytes) -> Receipt:
        if self.sync_deletes and not self.photos.find(receipt.photo):  # who was told of that may have seen no receipt
            raise TryLater("deleted", "The file was deleted meanwhile.")
        try:
            answer = self.put_photo(target, jpeg)
        except Rejected as refusal:
            return receipt.rejected(refusal, self.now())
        etag = self.removal.etag_of_new(target, self.now) if self.sync_deletes else ""
        sent = replace(receipt, photo_etag=etag, photo_path=target.photo_path)
        return sent.ended(Outcome.SYNCED, self.now(), answer)

    def _postpone(self, retry: Retry, receipt: Receipt, fault: TryLater, entry: Entry) -> Receipt:
        """First the message, then the receipt: a receipt that promises another try is true at any moment."""
        delay = fault.delay(receipt.attempts, self.chance())
        postponed = receipt.postponed(fault, self.now(), self.now() + timedelta(seconds=delay))
        if not postponed.is_final:
            self.retries.send(replace(retry, etag=receipt.etag), after=delay)
        return self.file(postponed, entry)
