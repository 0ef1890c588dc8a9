"""Takes the photo of a deleted file out of Microsoft 365: only one that the app has set, and never many at a time."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from photo_sync.deletions import Deletions
from photo_sync.errors import Answer, Rejected, TryLater
from photo_sync.graph import DELETABLE
from photo_sync.ledger import Entry, Ledger
from photo_sync.receipts import Outcome, Receipt
from photo_sync.retries import Retries, Retry
from photo_sync.spelling import shown
from photo_sync.storage import Photos
from photo_sync.target import Target
from photo_sync.telemetry import photo_event

TOO_MANY: Final = "too-many-deletes"
"""The code of a receipt whose photo was left because too many were deleted within the hour."""

_SURELY: Final = timedelta(seconds=5)  # whose photo Graph tells of so soon is taken for the one that was just sent
_log = logging.getLogger(__name__)


def begin(previous: Receipt, now: datetime) -> Receipt:
    """Return the receipt that the work on a deleted file begins with; what was tried for that before counts."""
    again = not previous.etag and not previous.is_final
    return Receipt(
        photo=previous.photo,
        etag="",
        outcome=Outcome.RETRYING,
        kind=previous.kind,
        graph_path=previous.graph_path,
        photo_etag=previous.photo_etag,
        photo_path=previous.sent_to,
        attempts=previous.attempts if again else 0,
        uploaded=previous.uploaded if again else now,
        first_tried=previous.first_tried if again and previous.attempts else now,
        started=now,
        finished=now,
        unanswered_until=previous.unanswered_until,
    )


def removed(receipt: Receipt, now: datetime, answer: Answer | None = None) -> Receipt:
    """Return the receipt of a file that is gone, and its photo with it; `answer` is what Graph said."""
    return replace(receipt, photo_etag="", photo_path="").ended(Outcome.REMOVED, now, answer)


def left(receipt: Receipt, refusal: Rejected, now: datetime) -> Receipt:
    """Return the receipt of a file that is gone and whose photo stays; it has failed where a person has to act."""
    outcome = Outcome.FAILED if refusal.code in {TOO_MANY, "delete-refused"} else Outcome.REMOVED
    return receipt.ended(outcome, now, refusal.answer, code=refusal.code, reason=refusal.reason)


@dataclass(frozen=True, slots=True)
class Removal:
    """What it takes: the files and receipts there are, what Graph has and deletes, and how many that were of late."""

    photos: Photos
    ledger: Ledger
    retries: Retries
    photo_etag: Callable[[Target], str]
    """The ETag of the photo that Graph has; empty where it has none."""
    delete_photo: Callable[[Target, str], Answer]
    deletions: Deletions

    def etag_of_new(self, target: Target, now: Callable[[], datetime]) -> str:
        """Return the ETag by which a photo that was just sent is known again; empty where that is not sure."""
        begun = now()
        try:
            etag = self.photo_etag(target)
        except (Rejected, TryLater):
            return ""  # it is synced all the same, and left when its file is deleted
        return etag if now() - begun < _SURELY else ""

    def check(self, receipt: Receipt, target: Target, now: datetime, *, ordered: bool) -> str:
        """Return the ETag of the photo that is to be deleted, empty where there is none.

        `ordered` by a person, it counts for no limit. Raises `Rejected` where the photo is to be left, and `TryLater`.
        """
        _check_person(receipt, target)
        etag = self.photo_etag(target)
        self._give_way(receipt, etag, ordered=ordered)
        _check_deletable(target)
        if not etag:
            return ""
        _check_own(receipt, etag, ordered=ordered)
        if not ordered and not self.deletions.admit(receipt.photo, now):
            raise Rejected(
                TOO_MANY,
                "The file was deleted, and so were as many others within an hour as MAX_DELETES allows: its photo was "
                f"left. If that was meant, run `photo-sync retry {shown(receipt.photo)}`; else bring the file back.",
            )
        return etag

    def delete(self, receipt: Receipt, target: Target, etag: str, now: Callable[[], datetime]) -> Receipt:
        """Delete the photo, and return the receipt that says so, or why it was left; raises `TryLater`."""
        try:
            answer = self.delete_photo(target, etag)
        except Rejected as refusal:
            return left(receipt, refusal, now())
        return removed(receipt, now(), answer)

    def forget(self, receipt: Receipt, entry: Entry, now: datetime) -> None:
        """Remove the receipt of a file that is gone; where it tells of a photo in Graph, say that this was left."""
        if receipt.may_be_in_graph:
            kept = Rejected("photo-kept", "The file was deleted, and its photo was left: SYNC_DELETES is off.")
            self.ledger.write(left(begin(receipt, now), kept, now), entry)
            return
        _log.info(photo_event(removed(begin(receipt, now), now)))
        self.ledger.remove(receipt.photo, entry)

    def _give_way(self, receipt: Receipt, etag: str, *, ordered: bool) -> None:
        """Where there is another file of the same one, have it sent in place of that photo, and raise `Rejected`."""
        for other in self.ledger.siblings(receipt.photo):
            upload, own = self.photos.find(other), self.ledger.read(other).receipt
            if upload is None or (own and own.etag == upload.etag and own.outcome == Outcome.REJECTED):
                continue
            if etag and not (own and own.photo_etag == etag):  # else its photo is the one that Graph has
                _check_own(receipt, etag, ordered=ordered)
                self.retries.send(Retry(other, force=True), after=0)
            raise Rejected(
                "other-file", f"The file was deleted, but “{other}” is there: its photo is the one that stays."
            )


def _check_person(receipt: Receipt, target: Target) -> None:
    if receipt.photo_path not in {"", target.photo_path}:
        raise Rejected(
            "other-person",
            "The file was deleted, but its name means somebody else by now. The photo that was sent, to "
            f"{receipt.photo_path}, was left. Delete it by hand if it is to go.",
        )


def _check_deletable(target: Target) -> None:
    if target.kind not in DELETABLE:
        raise Rejected(
            "cannot-remove",
            f"The file was deleted, but Microsoft Graph cannot delete the photo of a {target.kind.removesuffix('s')}: "
            "it was left. Delete it by hand, in Outlook or Teams, or upload another one.",
        )


def _check_own(receipt: Receipt, etag: str, *, ordered: bool) -> None:
    """Raise `Rejected` where that is not the app's photo, or, unless somebody has `ordered` it, may not be."""
    if not receipt.photo_etag and not ordered:
        raise Rejected(
            "photo-unknown",
            "The file was deleted, but whether the photo in Microsoft 365 is the one that was sent is not known: "
            "SYNC_DELETES was off then, or Microsoft Graph did not answer. It was left. "
            f"If it is to go, run `photo-sync remove {shown(receipt.photo)}`.",
        )
    if receipt.photo_etag and etag != receipt.photo_etag:
        raise Rejected(
            "photo-changed",
            "The file was deleted, but somebody has set another photo in Microsoft 365 since: it was left. "
            "Delete it by hand if it is to go.",
        )
