"""What the receipts say of a million photos, in a few bytes each; what is lost or given up, the app's own code says."""

from array import array
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from photo_sync.backoff import GIVE_UP
from photo_sync.errors import TryLater
from photo_sync.ledger import Line
from photo_sync.receipts import Outcome, Receipt
from photo_sync.reconcile import is_lost
from photo_sync.storage import Upload
from photo_sync.turn import CLAIM, Turn

_NEW, _RETRYING, _SENDING, _SYNCED, _FAILED = range(5)
_YOUNG: Final = GIVE_UP.total_seconds() - 3600  # seconds; whether so young a photo is given up need not be asked
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_UPLOAD: Final = Upload("users/ada@contoso.com.jpg", "0x1", 2_000_000, _START)
_RECEIPT: Final = Receipt(
    photo=_UPLOAD.name,
    etag=_UPLOAD.etag,
    outcome=Outcome.RETRYING,
    uploaded=_START,
    first_tried=_START,
    finished=_START,
)
_LINE: Final = Line(photo=_UPLOAD.name, etag=_UPLOAD.etag, outcome=Outcome.RETRYING, due=None)


class SimulatedPhotos:
    """A photo for each of so many people, uploaded at the beginning; `left` is how many are not settled yet."""

    def __init__(self, people: int, clock: Callable[[], float]) -> None:
        self.left = people
        self.last_synced = 0.0
        self.longest_wait = 0.0
        """The longest time from the first run for a photo until it was synced."""
        self._clock = clock
        self._state = bytearray(people)
        self._tries = array("I", [0]) * people
        self._met = array("d", [-1.0]) * people
        self._first_tried = array("d", [0.0]) * people
        self._due = array("d", [0.0]) * people

    def __len__(self) -> int:
        return len(self._state)

    @property
    def synced(self) -> int:
        """How many Graph has accepted."""
        return self._state.count(_SYNCED)

    @property
    def failed(self) -> int:
        """How many were given up, or refused."""
        return self._state.count(_FAILED)

    def take(self, photo: int) -> Turn:
        """Say what a run may do; from then on, nobody else may work on a photo that is to be worked on."""
        now, state = self._clock(), self._state[photo]
        if state == _SENDING:
            return Turn.WAIT
        if state > _SENDING or now < self._due[photo]:
            return Turn.END
        self._state[photo], self._due[photo] = _SENDING, now + CLAIM.total_seconds()
        return Turn.WORK

    def begin(self, photo: int) -> None:
        """Note that it has its turn; as long as it was never sent, that is as if it were the first time."""
        if self._met[photo] < 0:
            self._met[photo] = self._clock()
        if self._tries[photo] == 0:
            self._first_tried[photo] = self._clock()

    def claim(self, photo: int) -> None:
        """Count a try to send it."""
        self._tries[photo] += 1

    def postpone(self, photo: int, fault: TryLater, chance: float) -> float | None:
        """Return after how many seconds it is tried again; None where it is given up."""
        now, first = self._clock(), self._first_tried[photo]
        delay = fault.delay(self._tries[photo], chance)
        if now + delay - first > _YOUNG:
            receipt = replace(_RECEIPT, first_tried=_time(first), attempts=self._tries[photo])
            if receipt.postponed(fault, _time(now), _time(now + delay)).is_final:
                self._state[photo] = _FAILED
                self.left -= 1
                return None
        self._state[photo], self._due[photo] = _RETRYING, now + delay
        return delay

    def settle(self, photo: int, *, synced: bool) -> None:
        """Note that Graph has accepted it, or never will."""
        self.left -= 1
        self._state[photo] = _SYNCED if synced else _FAILED
        if synced:
            self.last_synced = self._clock()
            self.longest_wait = max(self.longest_wait, self.last_synced - self._met[photo])

    def lost(self, page: range) -> list[int]:
        """Return those of a page that nothing seems to be going to settle."""
        return [photo for photo in page if self._is_lost(photo)]

    def _is_lost(self, photo: int) -> bool:
        if self._state[photo] > _SENDING:
            return False
        due = _time(self._due[photo])
        line = None if self._state[photo] == _NEW else replace(_LINE, due=due)
        return is_lost(_UPLOAD, line, now=_time(self._clock()), removes=False)


def _time(seconds: float) -> datetime:
    return _START + timedelta(seconds=seconds)
