"""What one tool takes for one picture, in a process of its own: CPU, and the growth of the most memory it held.

Of a program that is started for each picture only the CPU: the system counts what its parent held as its own.

`python -m bench.cost TOOL FILE TINY RUNS SECONDS` prints it as JSON.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Final

from bench.peers import IN_PYTHON, MAGICK, SHARP, sharp_command

_MOST_RUNS: Final = 25
_STATUS: Final = Path("/proc/self/status")
_FORGET: Final = Path("/proc/self/clear_refs")  # a 5 written there makes the peak what is held now
_TIMEOUT: Final = 300  # seconds


@dataclass(frozen=True, slots=True)
class Effort:
    """How often a picture is measured, after a warm-up: at least so many times, and for so many seconds of CPU.

    That happens in each of several rounds, each in a process of its own.
    """

    runs: int = 4
    seconds: float = 0.4
    rounds: int = 2


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of CPU, the median; megabytes that the peak of memory grew by, over a tiny picture of its format.

    `memory` is None where it cannot be told.
    """

    cpu: float
    memory: float | None

    def better(self, other: "Cost") -> "Cost":
        """Return the lower CPU of two rounds, for whatever else runs on the machine only adds; and the higher peak."""
        peaks = [cost.memory for cost in (self, other) if cost.memory is not None]
        return Cost(min(self.cpu, other.cpu), max(peaks, default=None))


class CannotError(Exception):
    """A tool does not take a picture; the message says what it said."""


def fresh(tool: str, file: Path, tiny: Path, effort: Effort) -> Cost:
    """Measure in a new process; raises `CannotError`."""
    arguments = [str(file), str(tiny), str(effort.runs), str(effort.seconds)]
    own = [sys.executable, "-W", "ignore", "-m", "bench.cost", tool, *arguments]
    command = sharp_command(*arguments) if tool == SHARP else own
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT)  # noqa: S603
    if run.returncode:
        raise CannotError(_reason(run.stderr))
    return Cost(**json.loads(run.stdout))


def here(make: Callable[[bytes], object], data: bytes, tiny: bytes, effort: Effort, who: int) -> Cost:
    """Measure in this process, or the children it waits for: `who` is one of `resource`'s names for them."""
    make(tiny)
    _forget_peak()
    before = _peak()
    warm = _milliseconds(make, data, who)
    memory = _peak() - before if who == resource.RUSAGE_SELF else None
    runs: list[float] = []
    while len(runs) < effort.runs or (sum(runs) < effort.seconds * 1_000 and len(runs) < _MOST_RUNS):
        runs.append(_milliseconds(make, data, who))
    return Cost(median(runs) if runs else warm, memory)


def main() -> None:
    """Measure what the arguments name, and print it."""
    tool, file, tiny, runs, seconds = sys.argv[1:]
    who = resource.RUSAGE_CHILDREN if tool == MAGICK else resource.RUSAGE_SELF
    effort = Effort(int(runs), float(seconds))
    print(json.dumps(asdict(here(IN_PYTHON[tool], Path(file).read_bytes(), Path(tiny).read_bytes(), effort, who))))


def _milliseconds(make: Callable[[bytes], object], data: bytes, who: int) -> float:
    begun = _cpu(who)
    make(data)
    return (_cpu(who) - begun) * 1_000


def _cpu(who: int) -> float:
    """Seconds so far."""
    if who == resource.RUSAGE_SELF:
        return time.process_time()
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def _peak() -> float:
    """Megabytes: the most that this process has held."""
    if _STATUS.exists():
        lines = (line.split() for line in _STATUS.read_text().splitlines())
        return next(int(line[1]) for line in lines if line[0] == "VmHWM:") * 1_024 / 1_000_000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1_024) / 1_000_000


def _forget_peak() -> None:
    """What importing took at its height is not to hide what a picture takes."""
    try:
        _FORGET.write_text("5")
    except OSError:
        return


def _reason(text: str) -> str:
    """What went wrong: the last line of Python's report, or the one of Node.js' that names the error."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line.split(":")[0] or "Rejected" in line.split(":")[0]]
    return (errors or lines or ["no answer"])[-1][:200]


if __name__ == "__main__":
    main()
