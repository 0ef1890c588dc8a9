"""The Functions host in memory: it delivers, ends what takes too long, delivers again, and gives up in the end."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Final

from azure_memory import Operation
from memory_cloud import InAir, MemoryCloud, Put
from photo_sync.poison import Poison, give_up
from photo_sync.receipts import Receipt
from photo_sync.reconcile import is_lost, reconcile
from photo_sync.retries import Retry
from photo_sync.sync import PhotoSync
from photo_sync.turn import CLAIM
from stepping import Ended, Process, Reply, Request

_PATIENCE: Final = CLAIM / 2  # host.json: functionTimeout
_ATTEMPTS: Final = 2  # fewer than in host.json, so that it comes to that
_MOST: Final = 4  # runs at a time
_SKEWS: Final = (timedelta(0), timedelta(seconds=2), timedelta(seconds=-2))  # how wrong a run's clock may be
_SLACK: Final = timedelta(seconds=10)  # a PUT is over before its claim is, by any run's clock
_numbers: Final = count(1)


@dataclass(frozen=True, slots=True)
class Task:
    """What a run is to do, what is told when that is given up, and how often it was tried."""

    work: Callable[[PhotoSync], object]
    poison: Poison
    attempts: int = 0


@dataclass(slots=True)
class Alive:
    """A run at work: what it wants next, since when it is at work, and since when it claims the photo."""

    task: Task
    process: Process
    wants: Request
    since: datetime
    claimed: datetime


def synced(retry: Retry) -> Task:
    return Task(
        lambda job: job.sync(retry.photo, force=retry.force, remove=retry.remove), Poison.of_retry(retry.to_json())
    )


def reconciled(job: PhotoSync) -> object:
    return reconcile(job, partial(is_lost, now=job.now(), removes=job.sync_deletes))


class MemoryHost:
    """The runs at work, and the tasks to be delivered beside the queue's messages."""

    def __init__(self, cloud: MemoryCloud) -> None:
        self.cloud = cloud
        self.job = cloud.job()
        self.runs: list[Alive] = []
        self.tasks: list[Task] = []
        self.steps = 0
        self.has_given_up = False

    def begin(self, pick: int) -> bool:
        """Begin one of the tasks and of the messages whose time has come, if there is one and room for it."""
        due = [message for message in self.cloud.queue.messages if message.due <= self.cloud.clock.now]
        waiting = len(self.tasks) + len(due)
        if not waiting or len(self.runs) == _MOST:
            return False
        at = pick % waiting
        if at < len(self.tasks):
            self._start(self.tasks.pop(at), pick)
        else:
            message = due[at - len(self.tasks)]
            self.cloud.queue.messages = tuple(other for other in self.cloud.queue.messages if other is not message)
            self._start(synced(Retry.from_json(message.text)), pick)
        return True

    def do(self, alive: Alive, operation: Operation) -> None:
        """Let a run go on after that operation."""
        self.steps += 1
        if alive.wants.what == "write photo-receipts":
            alive.claimed = self.cloud.clock.now
        self._hear(alive, alive.process.go_on(Reply.to(operation)))

    def end(self, alive: Alive) -> None:
        """Let a run die; its PUT, if it was at that, may take effect later."""
        if isinstance(alive.wants.operation, Put):
            self.lose(alive, alive.wants.operation)
        self.runs.remove(alive)
        self._deliver_again(alive.task)

    def lose(self, alive: Alive, put: Put) -> None:
        self.cloud.in_air = (*self.cloud.in_air, InAir(alive.claimed + CLAIM - _SLACK, put.jpeg))

    def pass_time(self, now: datetime) -> None:
        """Let it get so late."""
        for alive in [alive for alive in self.runs if alive.since + _PATIENCE < now]:
            self.end(alive)
        self.cloud.clock.now = now
        self.cloud.in_air = tuple(put for put in self.cloud.in_air if put.until >= now)

    def _start(self, task: Task, pick: int) -> None:
        clock, skew = self.cloud.clock, _SKEWS[pick % len(_SKEWS)]
        job = replace(self.job, now=lambda: clock.now + skew)
        process = Process(partial(task.work, job), next(_numbers))
        wants = process.go_on()
        if isinstance(wants, Request):
            self.runs.append(Alive(task, process, wants, clock.now, clock.now))

    def _hear(self, alive: Alive, wants: Request | Ended) -> None:
        if isinstance(wants, Request):
            alive.wants = wants
            return
        self.runs.remove(alive)
        if wants.error is not None:
            self._deliver_again(alive.task)
        elif isinstance(wants.value, Receipt) and wants.value.code == "given-up":
            self.has_given_up = True

    def _deliver_again(self, task: Task) -> None:
        attempts = task.attempts + 1
        if attempts == _ATTEMPTS:
            task = Task(partial(give_up, poison=task.poison), task.poison)
        self.tasks.append(replace(task, attempts=attempts))
