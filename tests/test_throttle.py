import threading
from dataclasses import dataclass

import pytest

from photo_sync.errors import TryLater
from photo_sync.throttle import Throttle
from waiting import eventually


@dataclass
class Clock:
    """A clock that goes on only when it is told to."""

    seconds: float = 1_000

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(4, clock)


def turned_away(throttle: Throttle) -> float:
    """In how many seconds somebody is to come back who is turned away now."""
    with pytest.raises(TryLater, match="asked for a pause") as event, throttle.slot():
        pass
    assert event.value.code == "throttled"
    assert event.value.retry_after is not None
    return event.value.retry_after


def is_open(throttle: Throttle) -> bool:
    try:
        with throttle.slot():
            return True
    except TryLater:
        return False


# Few at a time


def test_no_more_are_out_at_a_time_than_may_be_and_no_fewer() -> None:
    """Twelve go out three by three: each waits outside until there are three, and a fourth one would be noticed."""
    throttle, three, lock = Throttle(3), threading.Barrier(3, timeout=5), threading.Lock()
    out, most = set[int](), list[int]()

    def go(number: int) -> None:
        with throttle.slot():
            with lock:
                out.add(number)
                most.append(len(out))
            three.wait()
            with lock:
                out.remove(number)

    threads = [threading.Thread(target=go, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 12
    assert max(most) == 3


def test_whoever_finds_no_place_in_time_is_to_come_back_later() -> None:
    throttle = Throttle(1, patience=0.05)
    with throttle.slot(), pytest.raises(TryLater, match="Many photos") as event, throttle.slot():
        pass
    assert (event.value.code, event.value.retry_after) == ("queueing", 0.05)
    assert event.value.is_over
    assert is_open(throttle)


def test_a_place_is_free_again_after_a_failure() -> None:
    throttle = Throttle(1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), throttle.slot():
            raise ZeroDivisionError


def test_a_place_is_free_again_after_somebody_was_turned_away(clock: Clock) -> None:
    throttle = Throttle(1, clock)
    throttle.pause(10)
    for _ in range(3):
        turned_away(throttle)
    clock.seconds += 10
    assert is_open(throttle)


# None during a pause


def test_before_the_first_pause_everybody_may_go(throttle: Throttle) -> None:
    throttle.check()
    assert is_open(throttle)


@pytest.mark.parametrize(("waited", "opened"), [(0, False), (29.9, False), (30, True), (31, True)])
def test_nothing_goes_out_until_a_pause_is_over(
    throttle: Throttle, clock: Clock, waited: float, *, opened: bool
) -> None:
    throttle.pause(30)
    clock.seconds += waited
    assert is_open(throttle) is opened


def test_whoever_waits_for_a_place_does_not_go_out_during_a_pause_that_began_meanwhile() -> None:
    throttle, waiting, events = Throttle(1), threading.Event(), list[TryLater]()

    def go() -> None:
        waiting.set()
        try:
            with throttle.slot():
                pytest.fail("It went out.")
        except TryLater as event:
            events.append(event)

    thread = threading.Thread(target=go)
    with throttle.slot():
        thread.start()
        assert waiting.wait(5)
        throttle.pause(30)
    thread.join()
    assert [event.code for event in events] == ["throttled"]


def test_whoever_is_out_when_a_pause_begins_is_let_home(throttle: Throttle) -> None:
    with throttle.slot():
        throttle.pause(30)


def test_who_is_turned_away_comes_back_later_than_who_was_before(throttle: Throttle, clock: Clock) -> None:
    throttle.pause(30)
    assert [turned_away(throttle) for _ in range(3)] == [30.25, 30.5, 30.75]
    clock.seconds += 10
    assert [turned_away(throttle) for _ in range(3)] == [21, 21.25, 21.5]


def test_a_check_counts_as_somebody_who_is_turned_away(throttle: Throttle) -> None:
    throttle.pause(30)
    with pytest.raises(TryLater) as event:
        throttle.check()
    assert event.value.retry_after == 30.25
    assert turned_away(throttle) == 30.5


@pytest.mark.parametrize(("concurrency", "apart"), [(1, 1), (2, 0.5), (10, 0.1)])
def test_as_many_come_back_each_second_as_may_be_out_at_a_time(clock: Clock, concurrency: int, apart: float) -> None:
    throttle = Throttle(concurrency, clock)
    throttle.pause(30)
    moments = [turned_away(throttle) for _ in range(20)]
    assert moments == pytest.approx([30 + apart * (number + 1) for number in range(20)])


def test_many_at_once_are_turned_away_to_different_moments(throttle: Throttle) -> None:
    throttle.pause(30)
    moments, start = list[float](), threading.Barrier(16)

    def go() -> None:
        start.wait()
        moments.append(turned_away(throttle))

    threads = [threading.Thread(target=go) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(moments) == [30.25 + number / 4 for number in range(16)]


@pytest.mark.parametrize(("pauses", "rest"), [((30, 10), 30), ((10, 30), 30), ((30, 0), 30), ((0, 30), 30)])
def test_of_several_pauses_the_one_that_ends_last_counts(
    throttle: Throttle, clock: Clock, pauses: tuple[float, ...], rest: float
) -> None:
    for seconds in pauses:
        throttle.pause(seconds)
    clock.seconds += rest - 1
    assert not is_open(throttle)
    clock.seconds += 1
    assert is_open(throttle)


def test_a_pause_that_is_made_longer_keeps_its_order(throttle: Throttle) -> None:
    throttle.pause(10)
    assert turned_away(throttle) == 10.25
    throttle.pause(30)
    assert turned_away(throttle) == 30.5


def test_the_next_pause_begins_its_own_order(throttle: Throttle, clock: Clock) -> None:
    throttle.pause(10)
    turned_away(throttle)
    clock.seconds += 10
    throttle.pause(20)
    assert turned_away(throttle) == 20.25


def test_a_pause_of_no_seconds_is_none(throttle: Throttle) -> None:
    throttle.pause(0)
    assert is_open(throttle)


def test_without_a_clock_of_its_own_a_pause_ends_by_itself() -> None:
    throttle = Throttle(1)
    throttle.pause(0.5)
    assert not is_open(throttle)
    assert eventually(lambda: is_open(throttle))
