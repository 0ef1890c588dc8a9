"""The whole job, in order: whose photo it is, what was uploaded, the JPEG it becomes, Graph, the receipt.

Why nothing is lost and the newest upload wins: docs/reliability.md.
"""

import base64
import hashlib
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from azure.core.exceptions import AzureError

from photo_sync.errors import Answer, Overtaken, Rejected, TryLater
from photo_sync.ledger import Entry, Ledger
from photo_sync.receipts import Outcome, Receipt
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


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class PhotoSync:
    """The job with all that it works on; `pipeline` names the way in which `make_photo` makes a photo."""

    photos: Photos
    ledger: Ledger
    retries: Retries
    throttle: Throttle
    put_photo: Callable[[Target, bytes], Answer]
    make_photo: Callable[[bytes, Kind], "Photo"]
    pipeline: str
    contacts_mailbox: str | None
    claim: timedelta = CLAIM
    now: Callable[[], datetime] = _utc_now
    chance: Callable[[], float] = random.random

    def sync(self, name: str, *, force: bool = False) -> Receipt | None:
        """Make the picture in blob `name` the photo of whom the name says, and write down what became of it.

        What cannot be done now is done later, by a message in `photo-retries`. With `force`, the photo is sent even if
        its receipt says that it was. Returns the receipt as it is then; None where there is none, or where it is not
        known. Raises storage's own faults: those that will not pass, and whatever keeps that message from being sent.
        """
        retry = Retry(name, force)
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
        match self.turn(entry, upload, force=retry.force):
            case Turn.WORK if upload:
                return self._work(retry, upload, entry)
            case Turn.WAIT if entry.receipt:
                etag = upload.etag if upload else ""
                self.retries.send(replace(retry, etag=etag), after=wait(entry.receipt, self.now()))
            case Turn.END if upload is None:
                _log.info("%r is gone again; there is nothing to do.", retry.photo)
                if not self.ledger.has_sibling(retry.photo):  # else it tells the other one that Graph has this photo
                    self.ledger.remove(retry.photo, entry)
                return None
        return entry.receipt

    def _work(self, retry: Retry, upload: Upload, entry: Entry) -> Receipt | None:
        receipt = Receipt.start(upload, entry.receipt, self.pipeline, self.now())
        if entry.receipt is not None and entry.receipt.is_claim and receipt.is_hopeless(self.now()):
            return self.file(receipt.given_up(self.now()), entry)
        previous = None if retry.force else entry.receipt
        try:
            target = Target.parse(upload.name, contacts_mailbox=self.contacts_mailbox).for_managed_identity()
            receipt = replace(receipt, kind=target.kind, graph_path=target.photo_path, md5=upload.md5)
            if repeated := self._repeated(receipt, previous):
                return self.file(repeated, entry)
            self.throttle.check()
            receipt, data = self._read(receipt, upload)
            if repeated := self._repeated(receipt, previous):
                return self.file(repeated, entry)
            photo = self.make_photo(data, target.kind)
        except Rejected as refusal:
            return self.file(receipt.rejected(refusal, self.now()), entry)
        except TryLater as fault:
            return self._postpone(retry, receipt, fault, entry)
        return self._send(retry, receipt.with_photo(photo), target, photo.jpeg, entry)

    def _read(self, receipt: Receipt, upload: Upload) -> tuple[Receipt, bytes]:
        data = self.photos.read(upload)
        md5 = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        return replace(receipt, sha256=hashlib.sha256(data).hexdigest(), md5=md5, downloaded=self.now()), data

    def _repeated(self, receipt: Receipt, previous: Receipt | None) -> Receipt | None:
        """The receipt to write where Graph has this photo: from this very file, and no other was sent for the same."""
        if previous is None or not previous.stands_for(receipt) or self.ledger.has_sibling(receipt.photo):
            return None
        return previous.repeated_by(receipt, self.now())

    def _send(self, retry: Retry, receipt: Receipt, target: Target, jpeg: bytes, entry: Entry) -> Receipt | None:
        """Claim the photo over the entry that was read, send it, and write down what Graph said."""
        claim = receipt.claimed(self.now(), self.now() + self.claim)
        entry = self.ledger.write(claim, over=entry)
        answered = replace(claim, unanswered_until=receipt.unanswered_until)
        try:
            try:
                return self.file(self._put(answered, target, jpeg), entry)
            except TryLater as fault:
                return self._postpone(retry, answered if fault.is_over else claim, fault, entry)
        except Overtaken as event:
            _log.warning("%s The photo was sent too late, and is sent again.", event)
            self.retries.send(replace(retry, force=True), after=_MOMENT)
            return None

    def _put(self, receipt: Receipt, target: Target, jpeg: bytes) -> Receipt:
        if self.now() > receipt.finished + self.claim / 2:
            raise TryLater("paused", "The app stood still for a while.")
        try:
            answer = self.put_photo(target, jpeg)
        except Rejected as refusal:
            return receipt.rejected(refusal, self.now())
        return receipt.ended(Outcome.SYNCED, self.now(), answer)

    def _postpone(self, retry: Retry, receipt: Receipt, fault: TryLater, entry: Entry) -> Receipt:
        """First the message, then the receipt: a receipt that promises another try is true at any moment."""
        delay = fault.delay(receipt.attempts, self.chance())
        postponed = receipt.postponed(fault, self.now(), self.now() + timedelta(seconds=delay))
        if not postponed.is_final:
            self.retries.send(replace(retry, etag=receipt.etag), after=delay)
        return self.file(postponed, entry)
