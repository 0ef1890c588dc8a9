"""A day of everything going wrong at once, in minutes, and the count of what was lost: nothing may be.

`python -m chaos.run [--people N]`: people upload pictures, several times over; Graph throttles, fails, hangs up and
is down for a while; events come twice, in any order or never; one host process after the other is killed with SIGKILL.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from chaos.crowd import Crowd, queued, tenant
from chaos.verdict import impatient, outdated, statuses, unsettled
from local.cloud import Cloud, cloud
from local.faults import Fault

STORM = (
    Fault(status=429, error_code="TooManyRequests", retry_after=4, rate=0.10),
    Fault(status=503, error_code="serviceNotAvailable", rate=0.03),
    Fault(status=500, error_code="ErrorInternalServerError", rate=0.02),
    Fault(drop=True, rate=0.01),
    Fault(drop=True, late=3.0, rate=0.01),
    Fault(delay=1.0, rate=0.05),
)
OUTAGE = (Fault(status=503, error_code="serviceNotAvailable"),)

_PROCESSES = 3
_OUTAGE_SECONDS = 5
_LIFE_SECONDS = (3.0, 6.0)  # how long it is until the next process is killed
_CALM_SECONDS = 300  # how long everything may take to settle once the storm is over
_RECONCILE_SECONDS = 10
_out = Console(highlight=False)


@dataclass
class Hosts:
    """The host processes, one killed and another started now and then."""

    environ: dict[str, str]
    log: Path
    seed: int
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    killed: int = 0

    def start(self) -> None:
        """Start one more."""
        with self.log.open("ab") as output:
            command = [sys.executable, "-m", "chaos.host"]
            started = subprocess.Popen(  # noqa: S603 - the command is ours
                command, env=self.environ, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
            )
        self.running.append(started)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill one, whatever it is at."""
        self.running.remove(process)
        process.kill()
        process.communicate()

    def kill_again_and_again(self, stop: threading.Event) -> None:
        """Kill any of them and start another in its place, until told to stop."""
        chance = random.Random(self.seed)
        while not stop.wait(chance.uniform(*_LIFE_SECONDS)):
            self.kill(chance.choice(self.running))
            self.killed += 1
            self.start()


@contextmanager
def hosts(machine: Cloud, log: Path, seed: int) -> Iterator[Hosts]:
    """Run some host processes inside the block, with nothing but the app's settings."""
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | machine.settings
    started = Hosts(environ, log, seed)
    try:
        for _ in range(_PROCESSES):
            started.start()
        yield started
    finally:
        for process in started.running.copy():
            started.kill(process)


def storm(machine: Cloud, crowd: Crowd, running: Hosts) -> None:
    """Let everything happen at once, until everybody's pictures are uploaded; half-way, Graph is down for a while."""
    stop = threading.Event()
    machine.graph.faults.set(STORM, seed=crowd.seed)
    uploading = threading.Thread(target=crowd.upload_all)
    killing = threading.Thread(target=running.kill_again_and_again, args=[stop])
    uploading.start()
    killing.start()
    while uploading.is_alive() and len(crowd.newest) < crowd.people // 2:
        time.sleep(0.1)
    machine.graph.faults.set(OUTAGE)
    time.sleep(_OUTAGE_SECONDS)
    machine.graph.faults.set(STORM, seed=crowd.seed + 1)
    uploading.join()
    stop.set()
    killing.join()
    machine.graph.faults.set([])


def calm(machine: Cloud, running: Hosts) -> None:
    """Wait until everything has settled, the lost events found as an admin would, from the command line."""
    until, next_look = time.monotonic() + _CALM_SECONDS, 0.0
    while (unsettled(machine) or queued(machine)) and time.monotonic() < until:
        if time.monotonic() > next_look:
            command = [str(Path(sys.executable).with_name("photo-sync")), "reconcile", "--min-age", "0"]
            subprocess.run(command, env=running.environ, check=True, capture_output=True)  # noqa: S603 - the command is ours
            next_look = time.monotonic() + _RECONCILE_SECONDS
        time.sleep(0.5)


def verdict(machine: Cloud, crowd: Crowd) -> dict[str, int]:
    """Count what must not be: every number is 0 where nothing was lost."""
    return {
        "photos without a final receipt for their newest upload": len(unsettled(machine)),
        "people whose photo in Graph is not their newest": len(outdated(machine, crowd)),
        "messages left in a queue": queued(machine),
        "requests sent while Graph had asked for a pause": impatient(machine.graph.seen()),
    }


def run(people: int, seed: int, log: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Run all of it for so many people; returns what happened and what must not be, both counted."""
    began = time.monotonic()
    with cloud(tenant(people)) as machine, hosts(machine, log, seed) as running:
        crowd = Crowd(machine, people, seed)
        storm(machine, crowd, running)
        stormed = time.monotonic()
        calm(machine, running)
        answers = {f"Graph: {status}": count for status, count in sorted(statuses(machine.graph.seen()).items())}
        happened = {"people": people, **crowd.counted, "processes killed": running.killed, **answers}
        seconds = {"seconds of storm": round(stormed - began), "seconds of calm": round(time.monotonic() - stormed)}
        return happened | seconds, verdict(machine, crowd)


def main() -> None:
    """Run it and print what it counted; the status is 0 only if nothing was lost."""
    options = argparse.ArgumentParser(description="Everything goes wrong at once; nothing may be lost.")
    options.add_argument("--people", type=int, default=2000)
    options.add_argument("--seed", type=int, default=random.randrange(10_000))
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        happened, lost = run(asked.people, asked.seed, log := Path(folder) / "hosts.log")
        table = Table(title=f"What happened (seed {asked.seed}), and what must not be", title_justify="left")
        table.add_column("counted")
        table.add_column("", justify="right")
        for name, count in {**happened, **lost}.items():
            table.add_row(name, f"{count:,}")
        _out.print(table)
        if any(lost.values()):
            _out.print(f"The end of what the hosts said:\n{log.read_text('utf-8')[-20_000:]}", markup=False)
        _out.print("Something was lost." if any(lost.values()) else "Nothing was lost, and the newest won.")
    sys.exit(any(lost.values()))


if __name__ == "__main__":
    main()
