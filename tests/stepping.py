"""Runs that can be stopped: each stands still before every operation, until it is told what came of it.

A run does what its operations' results and the clock make it do, and nothing else. So runs that were told the same are
the same run, and none is begun anew for every schedule: it is replayed where its way parts from one that was taken.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

from azure.core.exceptions import AzureError
from greenlet import GreenletExit, getcurrent, greenlet  # type: ignore[import-untyped] # it comes without types

from azure_memory import Operation
from photo_sync.errors import PhotoSyncError

MONDAY: Final = datetime(2026, 11, 23, 9, tzinfo=UTC)
_numbers: Final = count(1)


class Clock:
    """The time, which stands still unless it is set."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Request:
    """What a run wants done next."""

    what: str
    operation: Operation


@dataclass(frozen=True, slots=True)
class Ended:
    """What a run has returned, or what it raised."""

    value: object = None
    error: Exception | None = None


class Reply:
    """What came of an operation: a value or an exception. Two are the same if a run cannot tell them apart."""

    def __init__(self, value: object = None, error: Exception | None = None) -> None:
        self.value = value
        self.error = error
        self._key = value, type(error), str(error)

    @classmethod
    def to(cls, operation: Operation) -> "Reply":
        try:
            return cls(operation())
        except (AzureError, PhotoSyncError) as error:
            return cls(error=error)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reply) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def give(self) -> object:
        if self.error is not None:
            raise self.error.with_traceback(None)
        return self.value


class Process:
    """A run with a stack of its own; once nobody has it any more, it is dead, and nothing that it does takes effect."""

    def __init__(self, body: Callable[[], object], number: int) -> None:
        self._body = body
        self._stack = greenlet(self._live)
        self._stack.process = self
        self._is_dead = False
        self.number = number
        self.drawn = 0

    def go_on(self, reply: Reply | None = None) -> Request | Ended:
        wants: Request | Ended = self._stack.switch(reply)
        return wants

    def ask(self, request: Request) -> object:
        if self._is_dead:
            raise GreenletExit
        try:
            reply: Reply = self._stack.parent.switch(request)
        except GreenletExit:
            self._is_dead = True
            raise
        return reply.give()

    def _live(self, _reply: None) -> Ended:
        try:
            return Ended(self._body())
        except Exception as error:  # noqa: BLE001 - whatever it raises goes to the host
            return Ended(error=error)


def _process() -> Process | None:
    process: Process | None = getattr(getcurrent(), "process", None)
    return process


def step(what: str, operation: Operation) -> Any:  # noqa: ANN401 - whatever the operation returns
    """Let the run at work stand still before an operation; without one it is done at once."""
    process = _process()
    return operation() if process is None else process.ask(Request(what, operation))


def numbered_uuid() -> uuid.UUID:
    """Stands in for `uuid.uuid4`: a run that is replayed draws what it drew before, and no two runs draw the same."""
    process = _process()
    if process is None:
        return uuid.UUID(int=next(_numbers))
    process.drawn += 1
    return uuid.UUID(int=process.number << 64 | process.drawn << 32)


class Run:
    """A run as far as it has come: what it wants next, and how it goes on from here when it is told."""

    def __init__(
        self,
        body: Callable[[], object],
        clock: Clock,
        now: datetime,
        before: "Run | None" = None,
        reply: Reply | None = None,
    ) -> None:
        self._body = body
        self._clock = clock
        self.now = now
        self.before = before
        self._reply = reply
        self._number = next(_numbers)
        self._next: dict[tuple[Reply, datetime], Run] = {}
        self._process: Process | None = None
        self.wants = self._arrive()

    @property
    def request(self) -> Request:
        if isinstance(self.wants, Ended):
            raise TypeError("This run wants nothing any more.")
        return self.wants

    def told(self, reply: Reply, now: datetime) -> "Run":
        if (reply, now) not in self._next:
            self._next[reply, now] = Run(self._body, self._clock, now, self, reply)
        return self._next[reply, now]

    def _arrive(self) -> Request | Ended:
        """Bring a process here."""
        process = self.before.leave() if self.before else Process(self._body, 0)
        process.number, process.drawn = self._number, 0
        outside, self._clock.now = self._clock.now, self.now
        wants = process.go_on(self._reply)
        self._clock.now, self._process = outside, process
        return wants

    def leave(self) -> Process:
        """Give the process away that stands here; where it is gone already, another one comes first."""
        if self._process is None:
            self._arrive()
        process, self._process = self._process, None
        if process is None:
            raise RuntimeError("A process did not arrive.")
        return process
