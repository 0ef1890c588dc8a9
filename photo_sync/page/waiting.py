"""Which files the app has not seen, for the page: both listings in step tell, gone through now and then."""

import heapq
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from photo_sync.standing import Standing, standings
from photo_sync.sync import PhotoSync

_LASTS_SECONDS: Final = 5
_RATIO: Final = 10  # it lasts so many times as long as it took: with very many photos, the app has other things to do
_MOST: Final = 50


class Waiting:
    """The last answer; while one thread looks again, all others are given that one."""

    def __init__(self, job: Callable[[], PhotoSync], now: Callable[[], float] = time.monotonic) -> None:
        self._job = job
        self._now = now
        self._lock = threading.Lock()
        self._told: dict[str, Any] = {}
        self._until = -float("inf")

    def told(self) -> dict[str, Any]:
        """Return the answer as the page reads it; raises storage's own faults."""
        if self._lock.acquire(blocking=not self._told):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._told

    def _look(self) -> None:
        began = self._now()
        if began >= self._until:
            self._told = tell(standings(self._job()))
            now = self._now()
            self._until = now + max(_LASTS_SECONDS, _RATIO * (now - began))


def tell(photos: Iterable[Standing]) -> dict[str, Any]:
    """Return how many files wait, since when the oldest of them does, and the oldest 50."""
    count = 0

    def unseen() -> Iterator[tuple[datetime, str]]:
        nonlocal count
        for standing in photos:
            if since := standing.unseen_since:
                count += 1
                yield since, standing.name

    lines = [{"photo": name, "uploaded": since.isoformat()} for since, name in heapq.nsmallest(_MOST, unseen())]
    return {"count": count, "oldest": lines[0]["uploaded"] if lines else None, "lines": lines}
