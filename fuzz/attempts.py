"""The inputs that a worker tries, one after the other: which one it is at outlives the worker, and so do the counts."""

import os
import signal
import time
from contextlib import suppress
from typing import Final, NoReturn

from PIL import Image

from fuzz.folder import Folder
from fuzz.meter import Meter, hold
from fuzz.rules import MORE_MEMORY, MORE_SECONDS, TIGHT, USUAL, Finding, check, recipe_for
from fuzz.seeds import seeds
from fuzz.tally import Tally
from photo_sync.imaging.faces import LONGEST_SIDE, find
from photo_sync.photo import normalise
from photo_sync.recipe import Recipe

ROOM: Final = 100_000_000
"""Bytes of address space for what is no picture's: the stacks of HEIC's four threads, and what the fuzzer remembers."""

_SAVED_EVERY: Final = 0.5  # seconds
_SLOW: Final = 1.0  # seconds of CPU, from which on the slowest input is kept: it is worth a look, though no finding


def load() -> None:
    """Load all that is loaded late, by one picture of each kind; what they show is found when they are tried."""
    for seed in seeds():
        with suppress(Exception):
            normalise(seed.data, TIGHT)
    find(Image.new("RGB", (LONGEST_SIDE, LONGEST_SIDE)))  # OpenCV keeps some 60 MB of its first look


def confine() -> None:
    """Let this process take little more memory than now, and no more than one picture may."""
    hold(int(USUAL.limits.memory * (1 + MORE_MEMORY)) + ROOM)


def arm(recipe: Recipe | None) -> None:
    """Have the kernel kill this process when it is at a picture for several times as long as it may; None disarms."""
    seconds = 3 * (recipe.limits.seconds + MORE_SECONDS) if recipe else 0
    signal.setitimer(signal.ITIMER_PROF, seconds)


class Attempts:
    """Tries inputs for so many seconds; then it ends the process, since libFuzzer never would."""

    def __init__(self, folder: Folder, seconds: float) -> None:
        self._folder = folder
        self._tally = Tally()
        self._until = time.monotonic() + seconds
        self._save_at = 0.0
        self._meter = Meter(folder.printed.open("wb+"))
        self._current = os.open(folder.current, os.O_WRONLY | os.O_CREAT)

    def __call__(self, data: bytes) -> None:
        """Try one input, and keep it where it shows what must not be."""
        now = time.monotonic()
        if now > self._save_at:
            self._tally.write(self._folder.tally)
            self._save_at = now + _SAVED_EVERY
        if now > self._until:
            self._end()
        os.ftruncate(self._current, 0)
        os.pwrite(self._current, data, 0)
        self._try(data)

    def _try(self, data: bytes) -> None:
        self._tally.inputs += 1
        recipe = recipe_for(data)
        arm(recipe)
        try:
            outcome = check(data, recipe, self._meter)
            if outcome.cost.seconds > max(_SLOW, self._tally.slowest_seconds):
                (self._folder.path / f"slow-{outcome.cost.seconds:.1f}s").write_bytes(data)
            self._tally.count(outcome)
        except Finding as finding:
            if finding.kind not in self._tally.findings:
                kept = self._folder.keep(finding.kind, finding.details, data)
                self._tally.findings[finding.kind] = str(kept)
        finally:
            arm(None)

    def _end(self) -> NoReturn:
        self._tally.write(self._folder.tally)
        os._exit(0)
