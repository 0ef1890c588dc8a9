"""How many times a photo is encoded until it fits its bytes, and how much of them it then fills."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean
from typing import Final

from PIL import Image

from photo_sync.imaging.crop import centre
from photo_sync.imaging.jpeg import Try, tries
from photo_sync.imaging.limits import Limits
from photo_sync.imaging.picture import Picture
from photo_sync.photo import develop
from photo_sync.recipe import EDGE, MAX_BYTES

BUDGETS: Final = (MAX_BYTES, 60_000)
"""Bytes: the usual budget, and a tight one."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What became of so many pictures: `bound` of them did not fit at once.

    `encodes` is the mean number; `least_fill` is the smallest part of the budget that a bound one fills, 1 if none is.
    """

    max_bytes: int
    pictures: int
    bound: int
    encodes: float
    most_encodes: int
    mean_fill: float
    least_fill: float


def budget(photos: Iterable[Image.Image], max_bytes: int) -> Budget:
    """Encode photos within so many bytes."""
    runs = [list(tries(photo, max_bytes)) for photo in photos]
    fills = [_fill(run, max_bytes) for run in runs if len(run[0].jpeg) > max_bytes]
    counts = [len(run) for run in runs]
    return Budget(
        max_bytes, len(runs), len(fills), mean(counts), max(counts), mean(fills or [1.0]), min(fills, default=1.0)
    )


def developed(data: bytes) -> Image.Image:
    """Return a picture's photo as it is before it is encoded."""
    picture = Picture.open(data, Limits())
    return develop(picture, centre(*picture.size), EDGE)


def _fill(run: list[Try], max_bytes: int) -> float:
    """Which part of the budget the one that is taken fills."""
    fitting = (one for one in run if len(one.jpeg) <= max_bytes)
    return len(max(fitting, key=lambda one: one.quality).jpeg) / max_bytes
