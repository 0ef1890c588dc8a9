"""The newest upload wins in any weather: with more runs, uploads, faults and deaths than can be gone through."""

import logging
import uuid
from collections.abc import Callable, Collection
from functools import partial

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from azure_memory import MemoryContainer, Unconditional
from memory_cloud import MemoryCloud, Removes
from memory_queue import MemoryQueue
from stepping import numbered_uuid
from storm import Storm

SEED = 5
KEPT = Removes()
numbers = st.lists(st.integers(0, 2**20), min_size=15, max_size=60)


@pytest.fixture(autouse=True)
def repeatable(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(uuid, "uuid4", numbered_uuid)
    caplog.set_level(logging.CRITICAL)


def steps_in_storms(storm: Callable[[], Storm], storms: int, phases: Collection[Phase] = tuple(Phase)) -> int:
    """Let so many storms blow, always the same ones, and count the runs' steps in them."""
    steps = 0

    @seed(SEED)
    @settings(max_examples=storms, phases=phases, database=None, deadline=None)
    @given(numbers)
    def blow(numbers: list[int]) -> None:
        nonlocal steps
        blowing = storm()
        blowing.upload(0)
        for number in numbers:
            blowing.blow(number)
        blowing.calm_down(numbers)
        steps += blowing.host.steps
        assert blowing.wrong == ""

    blow()
    return steps


def weather(container: type[MemoryContainer] = MemoryContainer, removes: Removes = KEPT) -> Storm:
    return Storm(MemoryCloud(container, MemoryQueue, dated=True, removes=removes))


def test_the_newest_upload_wins_in_any_weather() -> None:
    assert steps_in_storms(weather, 1_000) > 30_000


def test_no_photo_of_a_deleted_file_stays_untold_in_any_weather() -> None:
    assert steps_in_storms(partial(weather, removes=Removes(wanted=True)), 400) > 12_000


def test_without_conditions_the_newest_upload_loses_in_some_weather() -> None:
    with pytest.raises(AssertionError, match=r"newest upload is|of another upload"):
        steps_in_storms(partial(weather, Unconditional), 5_000, [Phase.generate])
