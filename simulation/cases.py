"""What is simulated: how many people, Graph's limits, who sends the photos, and what kind of day it is."""

from dataclasses import dataclass, field
from typing import Final

from photo_sync.backoff import Backoff
from photo_sync.reconcile import Limits as Queued
from simulation.graph import IDENTITY, MAILBOX, OUTLOOK, Limits, Reply, Trouble
from simulation.host import Fleet
from simulation.script import Script
from simulation.what_if import WhatIf

_HOUR: Final = 3600
_FITTING: Final = {OUTLOOK: Fleet(1, 2), IDENTITY: Fleet(2), MAILBOX: Fleet(1, 2)}
"""As many photos at a time as make full use of each of the limits, and hardly more: two functions send."""


@dataclass(frozen=True, slots=True)
class Case:
    """One simulation; `day` says what is special about it, `how` in which way the app comes to know of the photos."""

    people: int
    limits: Limits
    by: Fleet | Script
    day: str = ""
    how: str = "events"
    troubles: tuple[Trouble, ...] = ()
    unknown: int = 0
    what_if: WhatIf = field(default_factory=WhatIf)

    @property
    def is_quick(self) -> bool:
        """Whether it takes less than a second."""
        return self.people <= 1_000


def _sizes() -> list[Case]:
    return [Case(people, limits, by) for limits, by in _FITTING.items() for people in (1_000, 100_000, 1_000_000)]


def _settings() -> list[Case]:
    few = [Fleet(1, 1), Fleet(1, 2), Fleet(1, 2, 2), Fleet(1), Fleet(2, 1), Fleet(2, 2)]
    fleets = {
        OUTLOOK: [*few, Fleet(2), Fleet(5), Fleet(40, 1)],
        IDENTITY: [Fleet(1, 2), Fleet(1), Fleet(2), Fleet(3), Fleet(5)],
    }
    return [Case(10_000, limits, by) for limits in fleets for by in (*fleets[limits], Fleet(100))]


def _scripts() -> list[Case]:
    scripts = (Script(1, 0), Script(16, 0), Script(16, 5))
    asked = [(people, limits) for people in (1_000, 100_000) for limits in (OUTLOOK, IDENTITY)]
    return [Case(people, limits, by) for people, limits in asked for by in (*scripts, _FITTING[limits])]


def _bad_days() -> list[Case]:
    throttled = (Trouble(_HOUR, 2 * _HOUR, Reply(429, "TooManyRequests", 120)),)
    outage = (Trouble(_HOUR, 3 * _HOUR, Reply(503, "serviceNotAvailable")),)
    patient, rests = WhatIf(patience=15), WhatIf(patience=15, rests=True)
    seldom = WhatIf(slowly=Backoff(600, 6 * _HOUR))
    people, by = 100_000, _FITTING[OUTLOOK]
    return [
        Case(people, OUTLOOK, by, "an hour of 429", troubles=throttled),
        Case(people, OUTLOOK, by, "an hour of 429, if runs waited", troubles=throttled, what_if=patient),
        Case(people, OUTLOOK, by, "two hours of 503", troubles=outage),
        Case(people, OUTLOOK, by, "two hours of 503, if the gate closed", troubles=outage, what_if=rests),
        Case(people, OUTLOOK, by, "5 % unknown", unknown=5),
        Case(people, OUTLOOK, by, "5 % unknown, if asked each 6 hours", unknown=5, what_if=seldom),
        Case(people, MAILBOX, by, "nothing special"),
        Case(people, MAILBOX, by, "nothing special, if runs waited", what_if=patient),
    ]


def _backfill() -> list[Case]:
    people, more = 1_000_000, WhatIf(limits=Queued(waiting=80_000))
    return [
        Case(people, OUTLOOK, Fleet(2, 2), "by the hourly timer", "hourly"),
        Case(people, OUTLOOK, Fleet(2, 2), "by photo-sync reconcile", "command"),
        Case(people, IDENTITY, Fleet(3), "by the hourly timer", "hourly"),
        Case(people, IDENTITY, Fleet(3), "by the timer, if 80,000 might wait", "hourly", what_if=more),
    ]


TABLES: Final = {
    "Settings that fit": _sizes(),
    "Other settings": _settings(),
    "Scripts": _scripts(),
    "Bad days": _bad_days(),
    "A container that was full before": _backfill(),
}
"""All of them, by the heading of their table in docs/scale.md."""
