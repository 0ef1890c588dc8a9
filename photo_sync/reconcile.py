"""Nothing depends on an event: the listing of photos held against the listing of receipts tells what was lost.

Both come in the order of their names, so one pass over them in step is enough, whatever their length. Should storage
order two names otherwise than Python does, the worst is a photo that is looked at once too often.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from photo_sync.bookmark import Place
from photo_sync.ledger import Line
from photo_sync.listing import Cursor
from photo_sync.retries import Retry
from photo_sync.storage import Upload
from photo_sync.sync import PhotoSync
from photo_sync.telemetry import log_event

MIN_AGE: Final = timedelta(minutes=5)
"""How old a photo, or a retry that was due, must be before its event or message is taken for lost."""

_SENDERS: Final = 8
_log = logging.getLogger(__name__)

Wanted = Callable[[Upload, Line | None], bool]


@dataclass(frozen=True, slots=True)
class Limits:
    """When a run leaves the rest to the next one: so many messages wait in the queue, or it has taken so many seconds.

    It stops between two pages of photos only, so it may queue a page (5,000 photos) more.
    """

    waiting: int = 20_000
    seconds: float = 120


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run found: how many photos it compared, how many it queued, and where to go on, None at the end."""

    compared: int = 0
    queued: int = 0
    rest: Place | None = None


_BEGINNING: Final = Place()
_LIMITS: Final = Limits()


def is_lost(upload: Upload, line: Line | None, *, now: datetime, min_age: timedelta = MIN_AGE) -> bool:
    """Say whether nothing is going to settle this upload: its event or its message must have been lost."""
    if line is None or line.etag != upload.etag:
        return now - upload.uploaded > min_age and not (line and line.due and now < line.due)
    return not line.is_final and (line.due is None or now - line.due > min_age)


def everything(_upload: Upload, _line: Line | None) -> bool:
    """Say yes to any photo."""
    return True


def merge(uploads: Iterable[Upload], lines: Cursor[Line]) -> Iterator[tuple[Upload, Line | None]]:
    """Yield each upload with its receipt, None where it has none; both must be in the order of their names."""
    for upload in uploads:
        while lines.item is not None and lines.item.photo < upload.name:
            lines.advance()
        yield upload, lines.item if lines.item is not None and lines.item.photo == upload.name else None


def reconcile(
    job: PhotoSync, wanted: Wanted, *, force: bool = False, limits: Limits = _LIMITS, place: Place = _BEGINNING
) -> Tally:
    """Queue every photo that is wanted, from that place on and within those limits."""
    tally, until = Tally(), time.monotonic() + limits.seconds
    room = limits.waiting - job.retries.waiting()
    lines = Cursor(job.ledger.pages(place.receipts))
    with ThreadPoolExecutor(_SENDERS) as senders:
        for token, uploads in job.photos.pages(place.photos):
            if tally.queued >= room or time.monotonic() > until:
                return replace(tally, rest=Place(token, lines.token))
            found = [upload for upload, line in merge(uploads, lines) if wanted(upload, line)]
            queue = (Retry(upload.name, force, upload.etag) for upload in found)
            list(senders.map(partial(job.retries.send, after=0), queue))
            tally = Tally(tally.compared + len(uploads), tally.queued + len(found))
    return tally


def reconcile_hourly(job: PhotoSync) -> Tally:
    """Queue what was lost, from where the last run had to stop, and remember where this one had to."""
    bookmark = job.ledger.bookmark
    tally = reconcile(job, partial(is_lost, now=job.now()), place=bookmark.take())
    if tally.rest is not None:
        bookmark.put(tally.rest)
    done = tally.rest is None  # else the next run goes on from there
    waiting, poison = job.retries.waiting(), job.retries.given_up()
    _log.info(
        log_event("hourly", compared=tally.compared, queued=tally.queued, done=done, retries=waiting, poison=poison)
    )
    return tally
