"""The gate before Microsoft Graph, one for a whole process: few requests at a time, and none while Graph wants rest."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from photo_sync.errors import TryLater

PATIENCE: Final = 5.0  # seconds that a request may stand before the gate: a function's time is paid for


class Throttle:
    """Lets `concurrency` requests out at a time, and none during a pause; safe to share by threads."""

    def __init__(
        self, concurrency: int, clock: Callable[[], float] = time.monotonic, *, patience: float = PATIENCE
    ) -> None:
        """Take how many may be out at once, a clock that counts seconds, and how many of them to wait for a place."""
        self._concurrency = concurrency
        self._clock = clock
        self._patience = patience
        self._slots = threading.BoundedSemaphore(concurrency)
        self._lock = threading.Lock()
        self._closed_until = clock()
        self._turned_away = 0

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Let one request out inside the block; raises `TryLater` during a pause, and where no place gets free."""
        if not self._slots.acquire(timeout=self._patience):
            raise TryLater("queueing", "Many photos are being sent at the moment.", retry_after=self._patience)
        try:
            self.check()
            yield
        finally:
            self._slots.release()

    def check(self) -> None:
        """Raise `TryLater` during a pause, each time with a later moment: those turned away must not return at once."""
        with self._lock:
            rest = self._closed_until - self._clock()
            if rest <= 0:
                return
            self._turned_away += 1
            later = rest + self._turned_away / self._concurrency
        raise TryLater("throttled", "Microsoft Graph is busy and asked for a pause.", retry_after=later)

    def pause(self, seconds: float) -> None:
        """Let nothing out for so long."""
        with self._lock:
            now = self._clock()
            if self._closed_until <= now:
                self._turned_away = 0
            self._closed_until = max(self._closed_until, now + seconds)
