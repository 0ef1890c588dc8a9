"""Fires a function at the times that its schedule says, as the timer extension does."""

import json
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import azure.functions as func
from azure.functions.meta import Datum
from azure.functions.timer import TimerRequestConverter
from cronsim import CronSim, CronSimError

from local.queue_listener import FAILED
from local.work import Work

_VALUE = r"(?:\d+|[A-Za-z]{3})"
_ITEM = rf"(?:\*|{_VALUE}(?:-{_VALUE})?)(?:/\d+)?"
_FIELD = re.compile(rf"{_ITEM}(?:,{_ITEM})*")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TimerTrigger:
    """One function with a timer trigger; its schedule is in UTC.

    In Azure one instance alone fires a timer: it holds a lease on a blob. Here every host process fires it. And where
    Azure remembers when a timer last ran, and makes up for what it missed while no instance was there, this host does
    not: it is like a timer whose `use_monitor` is false.
    """

    KIND: ClassVar = "timerTrigger"
    BINDING: ClassVar[type] = func.TimerRequest

    name: str
    call: Callable[..., object]
    argument: str
    schedule: str
    at_start: bool

    @classmethod
    @contextmanager
    def connected(cls, function: Any, _environ: Mapping[str, str]) -> Iterator["TimerTrigger"]:  # noqa: ANN401 - its type is not public
        """Read what the function declares; there is nothing to connect to.

        Raises `RuntimeError` for a schedule that this host cannot read.
        """
        name, trigger, call = function.get_function_name(), function.get_trigger(), function.get_user_function()
        try:
            next_due(trigger.schedule, datetime.now(UTC))
        except ValueError as error:
            raise RuntimeError(f"The local host cannot fire {name}: {error}") from error
        yield cls(name, call, trigger.name, trigger.schedule, bool(trigger.run_on_startup))

    def work(self, _extensions: Mapping[str, Any], _visibility: int) -> list[Work]:
        """Return what has to go on."""
        return [self._tick]

    def _tick(self, stop: threading.Event) -> None:
        """Run the function whenever it is due, never twice at once.

        Times that come during a run are made up for by one run after it (azure-webjobs-sdk-extensions, TimerListener).
        """
        due = datetime.now(UTC) if self.at_start else next_due(self.schedule, datetime.now(UTC))
        while not stop.wait((due - datetime.now(UTC)).total_seconds()):
            due = next_due(self.schedule, max(due, datetime.now(UTC)))  # a wait may end a little early
            self._run(due)

    def _run(self, next_: datetime) -> None:
        told = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": None, "IsPastDue": False}
        argument = TimerRequestConverter.decode(Datum(json.dumps(told), "json"), trigger_metadata={})
        try:
            self.call(**{self.argument: argument})
        except Exception as error:  # noqa: BLE001 - whatever a function raises, its timer goes on
            told_at, kind = f"{next_:%H:%M:%S}", type(error).__name__
            _log.warning("%s for the timer %s, due again at %s: %s: %s", FAILED, self.name, told_at, kind, error)


def next_due(schedule: str, after: datetime) -> datetime:
    """Return the first time after this one that the schedule names: six fields, or five without the seconds.

    Raises `ValueError` for a schedule that has no such time, and for one that might mean something else to Azure.
    """
    try:
        due = next(CronSim(schedule, after), None) if _is_plain(schedule) else None
    except CronSimError:
        due = None
    if due is None:
        raise ValueError(f"it cannot read the schedule {schedule!r}.")
    return due


def _is_plain(schedule: str) -> bool:
    """Whether these fields mean to cronsim what they mean to NCRONTAB, which Azure reads.

    To cronsim alone, a 7 is a Sunday; where both a day and a weekday are named, NCRONTAB wants both, cronsim either.
    """
    fields = schedule.split()
    if len(fields) not in {5, 6} or not all(_FIELD.fullmatch(field) for field in fields):
        return False
    day, weekday = fields[-3], fields[-1]
    return (day.startswith("*") or weekday.startswith("*")) and not re.search(r"(?<![/\d])7|\w/", weekday)
