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
from itertools import islice
from typing import Final, NamedTuple

from photo_sync.bookmark import Place
from photo_sync.ledger import Line
from photo_sync.listing import Cursor
from photo_sync.receipts import Outcome
from photo_sync.retries import Retry
from photo_sync.storage import Upload
from photo_sync.sync import PhotoSync
from photo_sync.telemetry import log_event

MIN_AGE: Final = timedelta(minutes=5)
"""How old a photo, or a retry that was due, must be before its event or message is taken for lost."""

_SENDERS: Final = 8
_log = logging.getLogger(__name__)

Wanted = Callable[[Upload | None, Line | None], bool]
"""Whether a photo is to be looked at, by its upload and its receipt; one of them may be missing."""


class Pair(NamedTuple):
    """A photo's name, its upload and its receipt, where there are such."""

    photo: str
    upload: Upload | None
    line: Line | None


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


def is_lost(
    upload: Upload | None, line: Line | None, *, now: datetime, removes: bool, min_age: timedelta = MIN_AGE
) -> bool:
    """Say whether nothing is going to settle this photo: its event or its message must have been lost.

    A receipt of a file that was deleted is settled by that: with `removes`, its photo is to be deleted first.
    """
    if upload is None:
        return line is not None and _is_left(line, removes=removes) and not _is_awaited(line, now - min_age)
    if line is None or line.etag != upload.etag:
        return now - upload.uploaded > min_age and not (line and line.due and now < line.due)
    return not line.is_final and not _is_awaited(line, now - min_age)


def _is_awaited(line: Line, by: datetime) -> bool:
    """Whether a message about it was not due by then."""
    return line.due is not None and by <= line.due


def _is_left(line: Line, *, removes: bool) -> bool:
    """Whether the file of a receipt was deleted and nothing has come of that yet."""
    if not line.etag:
        return line.outcome == Outcome.RETRYING
    return line.outcome in set(Outcome) and (removes or line.outcome not in {Outcome.SYNCED, Outcome.UNCHANGED})


def everything(upload: Upload | None, _line: Line | None) -> bool:
    """Say yes to any photo that is there."""
    return upload is not None


def merge(uploads: Iterable[Upload], lines: Cursor[Line]) -> Iterator[Pair]:
    """Yield each upload with its receipt, None where it has none, and each receipt before them without an upload.

    Both must be in the order of their names.
    """
    for upload in uploads:
        yield from before(upload.name, lines)
        if lines.item is not None and lines.item.photo == upload.name:
            yield Pair(upload.name, upload, lines.item)
            lines.advance()
        else:
            yield Pair(upload.name, upload, None)


def before(name: str | None, lines: Cursor[Line]) -> Iterator[Pair]:
    """Yield the receipts before that name, or all that are left, as those of files that are gone."""
    while lines.item is not None and (name is None or lines.item.photo < name):
        yield Pair(lines.item.photo, None, lines.item)
        lines.advance()


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
            if token and token == place.photos:
                _skip(uploads, lines)
            found = [_retry(pair, force=force) for pair in merge(uploads, lines) if wanted(pair.upload, pair.line)]
            list(senders.map(partial(job.retries.send, after=0), found))
            tally = Tally(tally.compared + len(uploads), tally.queued + len(found))
        gone = (_retry(pair, force=force) for pair in before(None, lines) if wanted(None, pair.line))
        found = list(islice(gone, max(0, room - tally.queued)))  # the next run finds the others
        list(senders.map(partial(job.retries.send, after=0), found))
    return replace(tally, queued=tally.queued + len(found))


def _skip(uploads: list[Upload], lines: Cursor[Line]) -> None:
    """Leave out the receipts on a page that was begun by the run before: their files stand on an earlier page."""
    if uploads:
        list(before(uploads[0].name, lines))


def _retry(pair: Pair, *, force: bool) -> Retry:
    return Retry(pair.photo, force, etag=pair.upload.etag if pair.upload else "")


def reconcile_hourly(job: PhotoSync) -> Tally:
    """Queue what was lost, from where the last run had to stop, and remember where this one had to."""
    bookmark = job.ledger.bookmark
    tally = reconcile(job, partial(is_lost, now=job.now(), removes=job.sync_deletes), place=bookmark.take())
    if tally.rest is not None:
        bookmark.put(tally.rest)
    done = tally.rest is None  # else the next run goes on from there
    waiting, poison = job.retries.waiting(), job.retries.given_up()
    _log.info(
        log_event("hourly", compared=tally.compared, queued=tally.queued, done=done, retries=waiting, poison=poison)
    )
    return tally
