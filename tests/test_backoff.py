from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photo_sync.backoff import GIVE_UP, QUICKLY, SLOWLY, Backoff

BOTH = pytest.mark.parametrize("backoff", [QUICKLY, SLOWLY], ids=["quickly", "slowly"])


@pytest.mark.parametrize(
    ("backoff", "attempts", "seconds"),
    [
        (QUICKLY, 1, 4),
        (QUICKLY, 2, 8),
        (QUICKLY, 3, 16),
        (QUICKLY, 10, 2_048),
        (QUICKLY, 11, 3_600),
        (SLOWLY, 1, 600),
        (SLOWLY, 2, 1_200),
        (SLOWLY, 3, 2_400),
        (SLOWLY, 4, 3_600),
        (SLOWLY, 1_000_000, 3_600),
        (QUICKLY, 0, 4),
    ],
)
def test_the_longest_wait_doubles_with_each_try_up_to_an_hour(backoff: Backoff, attempts: int, seconds: float) -> None:
    assert backoff.delay(attempts, chance=1) == seconds


@pytest.mark.parametrize(("chance", "seconds"), [(0.25, 150), (0.5, 300), (0.75, 450), (1, 600)])
def test_chance_says_where_between_nothing_and_the_longest(chance: float, seconds: float) -> None:
    assert SLOWLY.delay(1, chance) == seconds


@BOTH
def test_nobody_comes_back_within_a_second(backoff: Backoff) -> None:
    assert backoff.delay(1, chance=0) == 1


@given(attempts=st.integers(0, 10**9), chance=st.floats(0, 1), first=st.floats(1, 10**4), longest=st.floats(1, 10**5))
def test_no_wait_is_shorter_than_a_second_or_longer_than_the_longest(
    attempts: int, chance: float, first: float, longest: float
) -> None:
    assert 1 <= Backoff(first, longest).delay(attempts, chance) <= longest


@BOTH
def test_with_the_worst_of_luck_a_photo_is_tried_more_than_twenty_times_in_a_day(backoff: Backoff) -> None:
    tries, waited = 0, timedelta()
    while waited <= GIVE_UP:
        tries += 1
        waited += timedelta(seconds=backoff.delay(tries, chance=1))
    assert tries > 20
