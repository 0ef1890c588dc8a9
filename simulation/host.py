"""The Functions host on a simulated clock: instances that come and go with the messages, and how long they are paid.

Flex Consumption's scaling is published in outline only; docs/scale.md says what is assumed of it.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from photo_sync.throttle import Throttle
from simulation.agenda import Agenda

POLL_SECONDS: Final = 10.0
"""How often an idle instance looks for messages at the latest: host.json, maxPollingInterval."""

_SCALE_SECONDS: Final = 30.0  # how often the number of instances is decided on, and how many are added at a time
_AT_ONCE: Final = 4  # (Microsoft Learn, "Event-driven scaling" and "Target-based scaling")
_IDLE_SECONDS: Final = 60.0  # after which an instance without work goes; assumed


@dataclass(frozen=True, slots=True)
class Fleet:
    """Most instances of each function, how many photos one may send at a time, how many runs it may have at a time.

    The maximum is of each function by itself (Azure/azure-rest-api-specs, pull request 45083, July 2026).
    """

    instances: int
    concurrency: int = 4
    places: int = 4

    def __str__(self) -> str:
        """Return it as the tables show it."""
        return f"{self.instances} x {self.concurrency}" + ("" if self.places == 4 else f", {self.places} runs")


class Instance:
    """One process of the app, at work for one function."""

    def __init__(self, throttle: Throttle, now: float) -> None:
        self.throttle = throttle
        self.busy = 0
        self.sending = 0
        self.waiting: deque[int] = deque()
        """The photos that stand before the gate because as many as may are being sent."""
        self.opens = self.cpu_free = self.changed = now
        """When the gate opens, when the processor is free, when there last began or ended to be any work."""
        self.paid_until = 0.0
        self.gone = False


Run = Callable[["Function", Instance, int], None]


class Function:
    """A function, the messages that are there for it, and its instances."""

    def __init__(self, run: Run, target: int) -> None:
        """Take what a run does with a message, and for how many messages an instance is wanted."""
        self.run = run
        self.ready: deque[int] = deque()
        self.hidden = 0
        self.instances: list[Instance] = []
        self.idle: list[Instance] = []
        """An entry for each place that is free, some of them of instances that are gone."""
        self._target = target

    @property
    def waiting(self) -> int:
        """How many messages there are in its queue."""
        return len(self.ready) + self.hidden

    def wish(self, now: float) -> int:
        """Return how many instances it should have.

        As the queue extension counts: the hidden messages too, as soon as a single one can be seen.
        """
        if self.ready:
            return math.ceil(self.waiting / self._target)
        return sum(one.busy > 0 or now - one.changed < _IDLE_SECONDS for one in self.instances)


class Host:
    """The host: gives messages to instances, and has as many of these as are wanted and allowed."""

    def __init__(self, fleet: Fleet, agenda: Agenda) -> None:
        self.billed = 0.0
        """For how many seconds instances are paid."""
        self._fleet, self._agenda = fleet, agenda
        self._functions: list[Function] = []

    def add(self, run: Run, target: int) -> Function:
        """Add a function, with an instance wanted for so many messages."""
        self._functions.append(Function(run, target))
        return self._functions[-1]

    def arrive(self, function: Function, message: int) -> None:
        """Let a hidden message be seen: a free place takes it when it next looks, else it waits."""
        function.hidden -= 1
        now = self._agenda.now
        while function.idle:
            instance = function.idle.pop()
            if not instance.gone:
                rested = max(0.0, now - instance.changed)  # the longer it had nothing to do, the less often it looks
                self._begin(function, instance, message, now + min(POLL_SECONDS, rested) / 2)
                return
        function.ready.append(message)

    def free(self, function: Function, instance: Instance, at: float) -> None:
        """End a run at that time; its place takes the next message."""
        if function.ready and not instance.gone:
            self._agenda.at(at, function.run, function, instance, function.ready.popleft())
            return
        instance.busy -= 1
        if instance.busy == 0:
            self._bill(instance, at)
            instance.changed = at
        if not instance.gone:
            function.idle.append(instance)

    def scale(self) -> None:
        """Start and end instances, now and then."""
        for function in self._functions:
            self._resize(function, min(function.wish(self._agenda.now), self._fleet.instances))
        self._agenda.at(self._agenda.now + _SCALE_SECONDS, self.scale)

    def bill(self, seconds: float) -> None:
        """Add a time of work: a second at least, then each tenth begun (Microsoft Learn, "Flex Consumption plan")."""
        self.billed += max(1.0, math.ceil(seconds * 10) / 10)

    def stop(self) -> None:
        """Bill what still runs; nothing more happens."""
        busy = [instance for function in self._functions for instance in function.instances if instance.busy]
        for instance in busy:
            self._bill(instance, self._agenda.now)

    def _bill(self, instance: Instance, until: float) -> None:
        """Bill a time of work; that its least of a second is never paid twice is assumed."""
        begin = max(instance.changed, instance.paid_until)
        if begin < until:
            self.bill(until - begin)
            instance.paid_until = begin + max(1.0, until - begin)

    def _resize(self, function: Function, most: int) -> None:
        surplus = len(function.instances) - most
        function.instances.sort(key=lambda instance: -instance.busy)
        for _ in range(surplus):
            function.instances.pop().gone = True
        for _ in range(min(-surplus, _AT_ONCE)):
            self._start(function, Instance(Throttle(self._fleet.concurrency, self._agenda.clock), self._agenda.now))

    def _start(self, function: Function, instance: Instance) -> None:
        function.instances.append(instance)
        for _ in range(self._fleet.places):
            if function.ready:
                self._begin(function, instance, function.ready.popleft(), self._agenda.now)
            else:
                function.idle.append(instance)

    def _begin(self, function: Function, instance: Instance, message: int, at: float) -> None:
        if instance.busy == 0:
            instance.changed = at
        instance.busy += 1
        self._agenda.at(at, function.run, function, instance, message)
