import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import azure.functions as func
import pytest

from local.host import Trigger, host
from local.queue_listener import FAILED
from local.timer_trigger import next_due
from waiting import eventually

EACH_SECOND = "*/1 * * * * *"
NEVER_SOON = "0 0 0 29 2 *"

Run = Callable[[func.TimerRequest], None]


def app_that(run: Run, schedule: str = EACH_SECOND, *, at_start: bool | None = None) -> func.FunctionApp:
    app = func.FunctionApp()

    @app.timer_trigger(arg_name="timer", schedule=schedule, run_on_startup=at_start)
    def on_time(timer: func.TimerRequest) -> None:
        run(timer)

    return app


def running(app: func.FunctionApp) -> AbstractContextManager[list[Trigger]]:
    return host(app, {})


def test_a_timer_fires_whenever_it_is_due() -> None:
    seen = list[tuple[datetime, func.TimerRequest]]()
    with running(app_that(lambda timer: seen.append((datetime.now(UTC), timer)))):
        assert eventually(lambda: len(seen) >= 2)
    (first, timer), (second, _) = seen[:2]
    assert second.replace(microsecond=0) > first.replace(microsecond=0)
    assert not timer.past_due


def test_a_timer_that_is_not_due_fires_nothing_and_does_not_hold_up_the_hosts_end() -> None:
    app, seen, others = app_that(lambda _timer: seen.append("due")), list[str](), list[str]()

    @app.timer_trigger(arg_name="timer", schedule=NEVER_SOON)
    def not_due(timer: func.TimerRequest) -> None:
        del timer
        others.append("not due")

    with running(app):
        assert eventually(lambda: len(seen) >= 2)
        ending = time.monotonic()
    assert time.monotonic() - ending < 2
    assert others == []


def test_a_timer_that_is_to_run_at_the_start_does() -> None:
    seen = list[func.TimerRequest]()
    with running(app_that(seen.append, NEVER_SOON, at_start=True)):
        assert eventually(lambda: len(seen) == 1)


def test_a_timer_never_runs_twice_at_once_and_makes_up_for_what_it_missed_by_one_run() -> None:
    lock, began, ended = threading.Lock(), list[float](), list[float]()

    def run(_timer: func.TimerRequest) -> None:
        assert lock.acquire(blocking=False)
        began.append(time.monotonic())
        if len(began) == 1:
            time.sleep(2.5)
        ended.append(time.monotonic())
        lock.release()

    with running(app_that(run)):
        assert eventually(lambda: len(ended) >= 3)
    assert ended[0] <= began[1] < ended[0] + 0.5  # the one that was missed, at once
    assert began[2] > began[1] + 0.05  # and the next at its own time


def test_a_run_that_fails_is_told_and_the_timer_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    runs = list[float]()

    def run(_timer: func.TimerRequest) -> None:
        runs.append(time.monotonic())
        raise ValueError("no good")

    with running(app_that(run)):
        assert eventually(lambda: len(runs) == 2)
    told = [record.getMessage() for record in caplog.records if FAILED in record.getMessage()]
    assert len(told) == 2
    assert told[0].startswith(f"{FAILED} for the timer on_time, due again at ")
    assert told[0].endswith(": ValueError: no good")


MONDAY = datetime(2026, 11, 23, 12, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        ("0 17 * * * *", "2026-11-23 13:17:00"),
        ("17 * * * *", "2026-11-23 13:17:00"),
        ("*/10 * * * * *", "2026-11-23 12:17:40"),
        ("5,45 17-18 * * * *", "2026-11-23 12:17:45"),
        ("0 30 9 * * 1-5", "2026-11-24 09:30:00"),
        ("0 30 9 * * Sat,SUN", "2026-11-28 09:30:00"),
        ("0 0 0 1 jan *", "2027-01-01 00:00:00"),
        ("0 0 0 29 2 *", "2028-02-29 00:00:00"),
    ],
)
def test_a_schedule_is_due_when_ncrontab_says(schedule: str, due: str) -> None:
    assert next_due(schedule, MONDAY) == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "schedule",
    [
        "",
        "0 17 * *",
        "0 0 17 * * * *",
        "00:05:00",
        "@hourly",
        "0 60 * * * *",
        "0 0 0 30 2 *",
        "0 0 0 L * *",
        "0 0 0 * * 5L",
        "0 0 0 * * 1#2",
        "0 0 0 * * 7",
        "0 0 0 * * 1/2",
        "0 0 0 13 * 5",
        "%SCHEDULE%",
    ],
)
def test_a_schedule_that_azure_might_read_otherwise_is_refused(schedule: str) -> None:
    with pytest.raises(ValueError, match="cannot read the schedule"):
        next_due(schedule, MONDAY)
