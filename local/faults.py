"""What the Graph emulator is told to do wrong: throttle, fail, be slow, hang up, or not know somebody yet."""

import random
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass
class Fault:
    """One way to misbehave, for requests whose path and query, percent-decoded, contain `path`.

    It answers `status` with `error_code` and `retry_after` (seconds, or a date), after `delay` seconds; with `drop`,
    it hangs up instead, and with `late` the request takes effect all the same, so many seconds after that; with none of
    these it is merely slow. It strikes `rate` of the requests, `times` of them at most.
    """

    status: int | None = None
    error_code: str = ""
    retry_after: int | str | None = None
    delay: float = 0
    drop: bool = False
    late: float | None = None
    path: str = ""
    rate: float = 1
    times: int | None = None


class Faults:
    """The faults in force; the first one that strikes is the one that a request meets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._random = random.Random()

    def set(self, faults: Iterable[Fault], *, seed: int | None = None) -> None:
        """Put these in force instead of the former ones."""
        with self._lock:
            self._faults = [replace(fault) for fault in faults]
            self._random = random.Random(seed)

    def strike(self, path: str) -> Fault | None:
        """Return the fault that a request to this path meets, its delay already over; None for most."""
        with self._lock:
            fault = next((fault for fault in self._faults if self._meets(fault, path)), None)
            if fault is not None and fault.times is not None:
                fault.times -= 1
        if fault is not None:
            time.sleep(fault.delay)
        return fault

    def _meets(self, fault: Fault, path: str) -> bool:
        return fault.path in path and (fault.times is None or fault.times > 0) and self._random.random() < fault.rate
