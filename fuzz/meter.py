"""What a picture costs this process: its CPU, its memory, and what it makes libraries print."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

_STATUS: Final = Path("/proc/self/status")
_MARKS: Final = Path("/proc/self/clear_refs")
_FORGET_THE_PEAK: Final = "5"  # proc_pid_clear_refs(5): the peak of the resident memory begins anew


@dataclass(slots=True)
class Cost:
    """Seconds of CPU of all threads, bytes that the process grew by at its peak, and what was printed to stderr."""

    seconds: float = 0
    growth: int = 0
    printed: bytes = b""


class Meter:
    """Measures one piece of work after the other; `printed` is the file that stderr goes to meanwhile."""

    def __init__(self, printed: BinaryIO) -> None:
        self._printed = printed
        self._stderr = os.dup(2)

    @contextmanager
    def measuring(self) -> Iterator[Cost]:
        """Measure what is done inside the block; the cost is known behind it."""
        cost = Cost()
        before = _start()
        began = time.process_time()
        os.dup2(self._printed.fileno(), 2)
        try:
            yield cost
        finally:
            sys.stderr.flush()
            os.dup2(self._stderr, 2)
            cost.seconds = time.process_time() - began
            cost.growth = _peak() - before
            cost.printed = self._take()

    def _take(self) -> bytes:
        """What was printed, of which nothing stays."""
        file = self._printed.fileno()
        length = os.fstat(file).st_size
        if not length:
            return b""
        text = os.pread(file, length, 0)
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        return text


def hold(growth: int) -> None:
    """Let this process have so many more bytes of address space than now, and none after that; on Linux alone."""
    if sys.platform != "linux":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_bytes("VmSize") + growth, hard))


def _start() -> int:
    """The resident memory as it is now, from which on its peak is told; 0 where the system tells no such thing."""
    if sys.platform != "linux":
        return 0
    _MARKS.write_text(_FORGET_THE_PEAK, "ascii")
    return _bytes("VmRSS")


def _peak() -> int:
    return _bytes("VmHWM") if sys.platform == "linux" else 0


def _bytes(name: str) -> int:
    _, _, rest = _STATUS.read_text("ascii").partition(f"{name}:")
    return int(rest.split(maxsplit=1)[0]) * 1024
