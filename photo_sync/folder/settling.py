"""Waits until what was uploaded is settled, by looking at the receipts as they are listed."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from photo_sync.ledger import Ledger, Line
from photo_sync.receipts import IN_PROGRESS, Outcome
from photo_sync.storage import Photos

OVERTAKEN: Final = "overtaken"
"""What stands in the place of an outcome where somebody else has uploaded another picture since."""

_PAUSE: Final = 1.0  # seconds between two looks, or as long as a look takes
_FEW: Final = 20  # photos that are looked for one by one, instead of through a long listing
_GONE: Final = "Somebody has uploaded another picture under this name since, or has deleted it."


def settle(
    ledger: Ledger,
    photos: Photos,
    uploaded: Mapping[str, str],
    seconds: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[dict[str, Line]]:
    """Look again and again, and yield each time what the receipts say of those uploads, by name and ETag.

    The last one is yielded when all are settled, the time is over, or nothing more will happen until then. Where a
    receipt of another upload turns up, and that upload is there, the line says `OVERTAKEN`.
    """
    until, lines, strange = datetime.now(UTC) + timedelta(seconds=seconds), dict[str, Line](), set[Line]()
    while True:
        began = time.monotonic()
        pending = {name: etag for name, etag in uploaded.items() if name not in lines or not _is_settled(lines[name])}
        seen = [line for line in _look(ledger, pending) if line.photo in pending]
        lines |= {line.photo: line for line in seen if line.etag == pending[line.photo]}
        news = {line for line in seen if line.etag != pending[line.photo]} - strange
        strange |= news
        lines |= _overtaken(photos, {line.photo: pending[line.photo] for line in news})
        yield lines
        waiting = [lines.get(name) for name in pending]
        if all(line is not None and _is_over(line, until) for line in waiting) or datetime.now(UTC) > until:
            return
        sleep(max(_PAUSE, time.monotonic() - began))


def _is_settled(line: Line) -> bool:
    return line.is_final or line.outcome == OVERTAKEN


def _is_over(line: Line, until: datetime) -> bool:
    """Whether a photo is settled, or is not going to be tried again before that moment."""
    is_later = line.outcome == Outcome.RETRYING and line.code != IN_PROGRESS and line.due is not None
    return _is_settled(line) or (is_later and line.due is not None and line.due > until)


def _look(ledger: Ledger, names: Iterable[str]) -> Iterator[Line]:
    """The receipts of these photos, whatever upload they are about."""
    for prefix, last in _stretches(names):
        for _, page in ledger.pages(prefix=prefix):
            yield from page
            if page and page[-1].photo > last:
                break


def _overtaken(photos: Photos, pending: Mapping[str, str]) -> Iterator[tuple[str, Line]]:
    """The photos of these that are not the uploads any more that they were, by name."""
    there = dict[str, str]()
    for prefix, last in _stretches(pending):
        for _, page in photos.pages(prefix=prefix):
            there |= {upload.name: upload.etag for upload in page}
            if page and page[-1].name > last:
                break
    for name, etag in pending.items():
        if there.get(name) != etag:
            yield name, Line(name, etag, OVERTAKEN, None, OVERTAKEN, _GONE)


def _stretches(names: Iterable[str]) -> list[tuple[str, str]]:
    """What has to be listed to see these names: prefixes, each with the last name that is looked for."""
    ordered = sorted(names)
    if len(ordered) <= _FEW:
        return [(name, name) for name in ordered]
    common = os.path.commonprefix([ordered[0], ordered[-1]])  # noqa: RUF071 - by characters is what a listing takes
    return [(common, ordered[-1])]
