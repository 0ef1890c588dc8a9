"""A moment of a schedule, all that decides how things go on from there, and what may still happen."""

from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from memory_cloud import Saved
from photo_sync.retries import Retry
from stepping import MONDAY, Run

_QUIET_WITHIN = timedelta(hours=3)


class Left(NamedTuple):
    """What may still happen, and how many times."""

    uploads: tuple[str, ...] = ()
    """These colours, in their order; "" is for a deletion."""
    duplicates: int = 0
    """An event comes, and will come again."""
    orders: int = 0
    """Somebody has the photo sent again, by a message with force."""
    crashes: int = 0
    """A run dies before an operation."""
    orphans: int = 0
    """A run dies while its PUT is under way."""
    unanswered: int = 0
    """A run is not told what came of its PUT."""
    doubled: int = 0
    """The answer to a receipt's write gets lost, and the client asks again."""
    jumps: int = 0
    """The host ends all runs, and it gets later than any claim holds."""
    pauses: int = 0
    """The same, but one run goes on: more than the host allows."""

    def less(self, what: str) -> "Left":
        rest = getattr(self, what)
        return self._replace(**{what: rest[1:] if what == "uploads" else rest - 1})


class Alive(NamedTuple):
    """A run at work: what it was told to do, and since when."""

    retry: Retry
    since: datetime
    run: Run


Slots = tuple[Alive | None, ...]


class State(NamedTuple):
    """The cloud, the runs at work, and the events to be delivered, in any order, beside the queue's messages."""

    cloud: Saved
    left: Left
    slots: Slots = (None, None)
    events: tuple[Retry, ...] = ()

    @property
    def wrong(self) -> str:
        """What must not be, once things have gone quiet; that they do not is wrong too."""
        if self.cloud.now - MONDAY > _QUIET_WITHIN:
            return "It does not become quiet."
        is_quiet = not (self.cloud.messages or self.events or any(self.slots))
        return self.cloud.wrong if is_quiet else ""

    def slots_with(self, at: int, alive: Alive | None) -> Slots:
        return (*self.slots[:at], alive, *self.slots[at + 1 :])

    def events_with(self, *more: Retry) -> tuple[Retry, ...]:
        return tuple(sorted([*self.events, *more], key=attrgetter("photo", "force")))


Move = tuple[str, State]
"""What happens, and what it leads to."""
