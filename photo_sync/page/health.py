"""Whether everything is in order, for the page: what the doctor finds, found anew every minute at most."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from photo_sync.doctor import Check, State
from photo_sync.errors import SettingsError
from photo_sync.page.reply import Declined

_LASTS_SECONDS: Final = 60
_PATIENCE: Final = 2.0  # seconds; whoever waits keeps one of the worker's few threads
_REST: Final = 5  # seconds


class Health:
    """The last findings; while one asker has them made anew, the others are told these, so that nobody is held up."""

    def __init__(self, examine: Callable[[], Iterable[Check]], now: Callable[[], float] = time.monotonic) -> None:
        """Take what examines the deployment; it may raise `SettingsError`, which is a finding too."""
        self._examine = examine
        self._now = now
        self._looking = threading.Lock()
        self._found: dict[str, Any] = {}
        self._until = -float("inf")

    def told(self) -> dict[str, Any]:
        """Return the findings as the page and the command line read them, with the time at which they were made.

        Raises `Declined` for whoever comes while the very first ones take their time.
        """
        if self._is_old() and self._looking.acquire(timeout=0 if self._found else _PATIENCE):
            try:
                self._look_again()
            finally:
                self._looking.release()
        if not self._found:
            raise Declined(503, "The app is looking whether everything is in order. Ask again in a moment.", rest=_REST)
        return self._found

    def _is_old(self) -> bool:
        return self._now() >= self._until

    def _look_again(self) -> None:
        if self._is_old():
            checks = [asdict(check) for check in self._look()]
            self._found = {"checks": checks, "looked": datetime.now(UTC).isoformat()}
            self._until = self._now() + _LASTS_SECONDS

    def _look(self) -> list[Check]:
        try:
            return list(self._examine())
        except SettingsError as error:
            return [Check("settings", State.RED, mistake) for mistake in error.mistakes]
