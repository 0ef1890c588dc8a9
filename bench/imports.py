"""What importing the app costs beside the packages that it cannot do without: the first photo waits for it."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

APP: Final = "function_app"
PACKAGES: Final = (
    "azure.functions, azurefunctions.extensions.bindings.blob, azure.identity, azure.storage.blob, requests, PIL"
)

_ROOT: Final = Path(__file__).parents[1]
_RUNS: Final = 11
_PROGRAM: Final = "import time; begun = time.process_time(); import {}; print(time.process_time() - begun)"


@dataclass(frozen=True, slots=True)
class Imports:
    """Milliseconds of CPU, each the median: for the app, and for the packages alone."""

    app: float
    packages: float

    @property
    def ratio(self) -> float:
        """How many times as long the app takes."""
        return self.app / self.packages


def measure(runs: int = _RUNS) -> Imports:
    """Import both by turns, each time in a new process; the first time does not count."""
    pairs = [(_milliseconds(APP), _milliseconds(PACKAGES)) for _ in range(runs + 1)][1:]
    apps, packages = zip(*pairs, strict=True)
    return Imports(median(apps), median(packages))


def _milliseconds(names: str) -> float:
    command = [sys.executable, "-c", _PROGRAM.format(names)]
    run = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    return float(run.stdout) * 1_000
