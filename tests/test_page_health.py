import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from photo_sync.doctor import Check, State
from photo_sync.errors import SettingsError
from photo_sync.page.health import Health
from photo_sync.page.reply import Declined

GREEN = Check("settings", State.GREEN, "All settings can be read.")


class Examination:
    """One that finds nothing wrong, and counts how often it is made."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Iterator[Check]:
        self.times += 1
        yield GREEN


def test_what_is_found_is_told_as_it_was_found() -> None:
    told = {"name": "settings", "state": "green", "told": "All settings can be read."}
    begun = datetime.now(UTC)
    answer = Health(Examination()).told()
    assert answer["checks"] == [told]
    assert begun <= datetime.fromisoformat(answer["looked"]) <= datetime.now(UTC)


@pytest.mark.parametrize(("seconds", "times"), [(0, 1), (59, 1), (60, 2)])
def test_it_is_looked_for_anew_after_a_minute(seconds: float, times: int) -> None:
    examination, clock = Examination(), [0.0]
    health = Health(examination, now=lambda: clock[0])
    health.told()
    clock[0] = seconds
    health.told()
    assert examination.times == times


def test_many_who_ask_at_once_have_it_looked_for_once() -> None:
    examination = Examination()

    def examine() -> Iterator[Check]:
        time.sleep(0.05)  # long enough for all to come
        yield from examination()

    health = Health(examine)
    threads = [threading.Thread(target=health.told) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert examination.times == 1


def test_while_it_is_looked_for_anew_whoever_else_asks_is_told_the_last_findings_at_once() -> None:
    begun, go_on, clock = threading.Event(), threading.Event(), [0.0]

    def examine() -> Iterator[Check]:
        begun.set()
        assert go_on.wait(timeout=10)
        yield GREEN

    health = Health(examine, now=lambda: clock[0])
    go_on.set()
    first = health.told()
    begun.clear()
    go_on.clear()
    clock[0] = 60
    slow = threading.Thread(target=health.told)
    slow.start()
    assert begun.wait(timeout=10)
    assert health.told() is first
    go_on.set()
    slow.join()
    assert health.told() is not first


def test_whoever_comes_while_the_first_findings_take_their_time_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photo_sync.page.health._PATIENCE", 0.01)
    begun, go_on = threading.Event(), threading.Event()

    def examine() -> Iterator[Check]:
        begun.set()
        assert go_on.wait(timeout=10)
        yield GREEN

    health = Health(examine)
    slow = threading.Thread(target=health.told)
    slow.start()
    assert begun.wait(timeout=10)
    with pytest.raises(Declined, match="Ask again in a moment") as refusal:
        health.told()
    assert (refusal.value.status, refusal.value.rest) == (503, 5)
    go_on.set()
    slow.join()


def test_settings_that_cannot_be_read_are_found_too() -> None:
    def examine() -> Iterator[Check]:
        raise SettingsError(["PHOTO_EDGE is “huge”: set it to a number.", "GRAPH_URL is not set."])

    checks = Health(examine).told()["checks"]
    assert [(check["state"], check["told"]) for check in checks] == [
        ("red", "PHOTO_EDGE is “huge”: set it to a number."),
        ("red", "GRAPH_URL is not set."),
    ]
