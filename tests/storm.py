"""A cloud in which everything goes wrong that can, at moments that numbers choose, until it is told to calm down."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count, cycle, islice
from operator import add
from typing import Final

import weather
from memory_cloud import ADA, PICTURES, MemoryCloud, Put, Saved, colour, make_photo
from memory_host import Alive, MemoryHost, Task, reconciled, synced
from photo_sync.backoff import GIVE_UP
from photo_sync.errors import Answer
from photo_sync.poison import Poison
from photo_sync.receipts import Outcome
from photo_sync.retries import Retry
from photo_sync.turn import CLAIM
from stepping import MONDAY
from weather import Effect

_CALM: Final = 5_000  # how much may happen until everything is over


class Storm:
    """What may happen to a cloud and to the runs at work in it."""

    def __init__(self, cloud: MemoryCloud) -> None:
        self.cloud = cloud
        self.host = MemoryHost(cloud)
        self._refused: set[str] = set()

    def blow(self, number: int) -> None:
        """Let something happen."""
        _HAPPENINGS[number % len(_HAPPENINGS)](self, number // len(_HAPPENINGS))

    def calm_down(self, numbers: list[int]) -> None:
        """Deliver everything, with no more faults, until nothing is left."""
        for pick in map(add, islice(cycle(numbers), _CALM), count()):
            if self.cloud.in_air and pick % 5 == 0:
                self.land(pick)
            elif self.host.runs and pick % 4:
                self.step(pick)
            elif not self.host.begin(pick) and not self.host.runs:
                if not self.cloud.queue.messages:
                    break
                self.wait(1)
        while self.cloud.in_air:
            self.land(0)

    @property
    def wrong(self) -> str:
        """What must not be, now that it is calm."""
        saved = self.cloud.save()
        if saved.messages or self.host.tasks or self.host.runs:
            return "It does not become quiet."
        return "" if self._is_settled_otherwise(saved) else saved.wrong

    def _is_settled_otherwise(self, saved: Saved) -> bool:
        """Whether the newest upload, or the removal of its photo, was refused or given up."""
        upload, receipt = saved.upload, saved.receipt
        if receipt is None or receipt.etag != (upload.etag if upload else ""):
            return False
        if receipt.outcome in {Outcome.REJECTED, Outcome.REMOVED} and receipt.code == "refused":
            return colour(make_photo(upload.data).jpeg if upload else b"") in self._refused
        return receipt.outcome == Outcome.FAILED and (self.host.has_given_up or saved.now - MONDAY > GIVE_UP)

    # What may happen

    def begin(self, pick: int) -> None:
        self.host.begin(pick)

    def step(self, pick: int) -> None:
        if runs := self.host.runs:
            alive = runs[pick % len(runs)]
            self.host.do(alive, alive.wants.operation)

    def stumble(self, pick: int) -> None:
        """The same, but storage or Graph has a fault."""
        if runs := self.host.runs:
            pick, at = divmod(pick, len(runs))
            operation = runs[at].wants.operation
            if isinstance(operation, Put):
                self.host.do(runs[at], partial(self._refuse, runs[at], operation, pick))
            else:
                self.host.do(runs[at], partial(weather.STORAGE[pick % len(weather.STORAGE)], operation))

    def _refuse(self, alive: Alive, put: Put, pick: int) -> Answer:
        effect, error = weather.GRAPH[pick % len(weather.GRAPH)]
        if effect is Effect.NOW:
            put()
        if effect is Effect.LATER:
            self.host.lose(alive, put)
        if error.code == "throttled":
            self.host.job.throttle.pause(20)
        if error.code == "refused":
            self._refused.add(colour(put.jpeg))
        raise error

    def die(self, pick: int) -> None:
        if runs := self.host.runs:
            self.host.end(runs[pick % len(runs)])

    def upload(self, pick: int) -> None:
        self.cloud.upload(list(PICTURES)[pick % len(PICTURES)])
        upload = self.cloud.save().upload
        self.host.tasks.append(synced(Retry(ADA, etag=upload.etag if upload else "")))

    def delete(self, _pick: int) -> None:
        if self.cloud.save().upload:
            self.cloud.delete()
            self.host.tasks += [synced(Retry(ADA))] * self.cloud.removes.wanted

    def repeat(self, pick: int) -> None:
        """An event comes again, or somebody has the photo sent again."""
        self.host.tasks.append(synced(Retry(ADA, force=pick % 4 == 0)))

    def compare(self, _pick: int) -> None:
        self.host.tasks.append(Task(reconciled, Poison(ADA)))

    def land(self, pick: int) -> None:
        """A PUT takes effect that nobody waits for any more."""
        if in_air := list(self.cloud.in_air):
            self.cloud.take(in_air.pop(pick % len(in_air)).jpeg)
            self.cloud.in_air = tuple(in_air)

    def wait(self, pick: int) -> None:
        """It gets later, mostly as late as the next message is due."""
        now = self.cloud.clock.now
        due = next((message.due for message in self.cloud.queue.messages if message.due > now), now)
        self.host.pass_time(due if pick % 4 else now + timedelta(seconds=pick % 400))

    def jump(self, _pick: int) -> None:
        self.host.pass_time(self.cloud.clock.now + CLAIM + timedelta(seconds=1))


_HAPPENINGS: Final[tuple[Callable[[Storm, int], None], ...]] = (
    *(36 * [Storm.step]),
    *(18 * [Storm.begin]),
    *(6 * [Storm.upload]),
    *(4 * [Storm.stumble]),
    *(4 * [Storm.die]),
    *(3 * [Storm.wait]),
    *(2 * [Storm.land]),
    Storm.repeat,
    Storm.delete,
    Storm.jump,
    Storm.compare,
)
