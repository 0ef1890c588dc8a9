"""A picture's file to measure, whether it was made for it or is somebody's own."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class File:
    """What it is called, where it is, its format, and its pixels as they are stored.

    `counts` is whether it is one of the JPEGs that the mean is over; `is_baseline` whether its memory is held to the
    goal; `for_memory` whether nothing else is measured.
    """

    name: str
    path: Path
    format: str
    width: int
    height: int
    counts: bool = False
    is_baseline: bool = False
    for_memory: bool = False
