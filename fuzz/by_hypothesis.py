"""Inputs that Hypothesis comes by, where there is no libFuzzer: the seeds, damaged at random."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from itertools import count
from random import Random

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from fuzz.folder import Folder
from fuzz.mutation import mutate


def instrumented() -> AbstractContextManager[None]:
    """Do nothing: it is not noticed here what is reached."""
    return nullcontext()


def explore(attempt: Callable[[bytes], None], samples: list[bytes], _: Folder, number: int) -> None:
    """Try inputs until the process is ended; `number` is where the random ones begin."""
    for sample in samples:
        attempt(sample)

    @settings(
        max_examples=10_000,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(samples), st.sampled_from(samples), st.integers(0, 2**64 - 1))
    def damaged(sample: bytes, other: bytes, chance: int) -> None:
        attempt(mutate(sample, other, Random(chance)))

    for more in count(number):
        seed(more)(damaged)()
