"""A clock that jumps from one event to the next, so that a day passes in seconds."""

import heapq
from collections.abc import Callable
from itertools import count
from typing import Any


class Agenda:
    """What is to happen, in the order of its time; `now` is in seconds from the beginning."""

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._number = count()  # of two events at the same time, the one that was entered first comes first

    def clock(self) -> float:
        """Return the time, as a `Throttle` asks for it."""
        return self.now

    def at(self, time: float, do: Callable[..., object], *arguments: Any) -> None:  # noqa: ANN401 - whatever `do` takes
        """Enter an event; its time must not be over."""
        heapq.heappush(self._events, (time, next(self._number), do, arguments))

    def run(self, *, until: Callable[[], bool], longest: float) -> None:
        """Let one event happen after the other until that is so, or so many seconds are over."""
        while self._events and self._events[0][0] <= longest and not until():
            self.now, _, do, arguments = heapq.heappop(self._events)
            do(*arguments)
