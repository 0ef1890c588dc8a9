"""Whose turn it is: what a run may do with a photo, by the receipt that is there and the blob as it is now."""

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from photo_sync.receipts import Receipt
from photo_sync.storage import Upload

CLAIM: Final = timedelta(minutes=10)
"""How long a run has a photo to itself; the Functions host ends it after half of that, so nothing is left of it."""

_EARLY: Final = timedelta(seconds=5)  # how much the clocks of a message's sender and receiver may differ


class Turn(Enum):
    """What a run does next."""

    WORK = auto()
    """It makes the photo and sends it."""
    GONE = auto()
    """The file is not there any more: it sees to the photo and the receipt that are left of it."""
    END = auto()
    """Everything is done, or will be by a message that is on its way."""
    WAIT = auto()
    """Another run is at work, or a request of one may still take effect: nobody may send anything yet."""


def turn(receipt: Receipt | None, upload: Upload | None, *, pipeline: str, now: datetime, force: bool) -> Turn:
    """Decide what a run does that was told of a photo, by an event or by a message, `force` if by order of a person."""
    if receipt is None:
        return Turn.WORK if upload else Turn.END
    is_same = _is_about(receipt, upload, pipeline)
    is_fenced = receipt.unanswered_until is not None and now < receipt.unanswered_until
    if is_fenced and (receipt.is_claim or not is_same):
        return Turn.WAIT
    is_early = receipt.due is not None and now < receipt.due - _EARLY
    if is_same and not force and (receipt.is_final or is_early):
        return Turn.END
    return Turn.WORK if upload else Turn.GONE


def _is_about(receipt: Receipt, upload: Upload | None, pipeline: str) -> bool:
    """Whether a receipt tells of this very upload, made as it would be today, or of there being none."""
    if upload is None:
        return not receipt.etag
    return (receipt.etag, receipt.pipeline) == (upload.etag, pipeline)


def wait(receipt: Receipt, now: datetime) -> float:
    """Return the seconds until it is worth looking again: as long as it has lasted, until nobody can be at work."""
    lasted = (now - receipt.finished).total_seconds()
    rest = ((receipt.unanswered_until or now) - now).total_seconds()
    return min(max(2.0, lasted), rest + 1)
