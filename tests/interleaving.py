"""Every way in which a few runs for one photo, uploads, crashes and lost answers can follow one another."""

import functools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from azure_memory import Operation
from memory_cloud import ADA, InAir, MemoryCloud, Put, Saved
from photo_sync.errors import Answer, TryLater
from photo_sync.retries import Retry
from photo_sync.sync import PhotoSync
from photo_sync.turn import CLAIM
from schedule import Alive, Left, Move, Slots, State
from stepping import Ended, Reply, Run

PATIENCE: Final = CLAIM / 2  # how long the host lets a run be (host.json: functionTimeout)
_NO_ANSWER: Final = TryLater("no-answer", "Microsoft Graph did not answer.", answer=Answer())

_read: Final = functools.cache(Retry.from_json)

T = TypeVar("T")

Body = Callable[[PhotoSync, Retry], object]


class Interleaving:
    """The moves from a state to the next ones: whatever the platform may let happen there.

    A message comes when nobody is at work, then the clock goes on too; if it is `crowded`, at any time.
    """

    def __init__(self, cloud: MemoryCloud, job: PhotoSync, body: Body, *, crowded: bool = False) -> None:
        self._cloud = cloud
        self._job = job
        self._body = body
        self._crowded = crowded
        self._begun: dict[tuple[int, Retry, datetime], Run] = {}

    def moves(self, state: State) -> Iterator[Move]:
        for at, alive in enumerate(state.slots):
            if alive is not None:
                yield from self._steps(state, at, alive)
                yield from _deaths(state, at, alive)
        if None in state.slots:
            yield from self._deliveries(state, state.slots.index(None))
        if state.left.uploads:
            yield self._upload(state, state.left.uploads[0])
        if state.left.orders:
            yield _order(state)
        yield from _landings(state)
        yield from self._ticks(state)
        if state.left.jumps:
            yield _jump(state)
        if state.left.pauses:
            yield from _pauses(state)

    def _steps(self, state: State, at: int, alive: Alive) -> Iterator[Move]:
        request, left = alive.run.request, state.left
        yield self._step(state, at, alive, request.operation, "", left)
        if left.doubled and request.what == "write photo-receipts":
            twice = partial(_twice, request.operation)
            yield self._step(state, at, alive, twice, ", and again, as the answer got lost", left.less("doubled"))
        if left.unanswered and isinstance(request.operation, Put):
            lost = partial(self._lose, _in_air(alive, request.operation))
            yield self._step(state, at, alive, lost, ", not answered", left.less("unanswered"))

    def _step(self, state: State, at: int, alive: Alive, operation: Operation, how: str, left: Left) -> Move:
        self._cloud.restore(state.cloud)
        run = alive.run.told(Reply.to(operation), self._cloud.clock.now)
        cloud = self._cloud.save()
        label = f"run {at + 1}: {alive.run.request.what}{how}"
        if not isinstance(run.wants, Ended):
            return label, State(cloud, left, state.slots_with(at, alive._replace(run=run)), state.events)
        if run.wants.error is None:
            return label, State(cloud, left, state.slots_with(at, None), state.events)
        label = f"{label}; it raises {run.wants.error!r}"
        return label, State(cloud, left, state.slots_with(at, None), state.events_with(alive.retry))

    def _lose(self, put: InAir) -> None:
        self._cloud.in_air = (*self._cloud.in_air, put)
        raise _NO_ANSWER

    def _deliveries(self, state: State, at: int) -> Iterator[Move]:
        for retry in dict.fromkeys(state.events):
            slots = self._begin(state, at, retry)
            yield f"run {at + 1} begins{_how(retry)}", State(state.cloud, state.left, slots, _less(state.events, retry))
            if state.left.duplicates:
                again = State(state.cloud, state.left.less("duplicates"), slots, state.events)
                yield f"run {at + 1} begins{_how(retry)}; its event will come again", again
        if self._crowded or not any(state.slots):
            yield from self._messages(state, at)

    def _messages(self, state: State, at: int) -> Iterator[Move]:
        for message in dict.fromkeys(state.cloud.messages):
            if message.due > state.cloud.now:
                break
            retry = _read(message.text)
            cloud = state.cloud._replace(messages=_less(state.cloud.messages, message))
            slots = self._begin(state, at, retry)
            yield f"run {at + 1} begins, by a message{_how(retry)}", State(cloud, state.left, slots, state.events)

    def _begin(self, state: State, at: int, retry: Retry) -> Slots:
        now = state.cloud.now
        run = self._begun.get((at, retry, now))
        if run is None:
            run = self._begun[at, retry, now] = Run(partial(self._body, self._job, retry), self._cloud.clock, now)
        return state.slots_with(at, Alive(retry, now, run))

    def _upload(self, state: State, colour: str) -> Move:
        self._cloud.restore(state.cloud)
        left = state.left.less("uploads")
        if not colour:
            self._cloud.delete()
            events = state.events_with(*[Retry(ADA)] * self._cloud.removes.wanted)
            return "deletion", State(self._cloud.save(), left, state.slots, events)
        self._cloud.upload(colour)
        return f"upload of {colour}", State(self._cloud.save(), left, state.slots, state.events_with(Retry(ADA)))

    def _ticks(self, state: State) -> Iterator[Move]:
        now = state.cloud.now
        due = next((message.due for message in state.cloud.messages if message.due > now), None)
        if due is None or (not self._crowded and (state.events or any(state.slots))):
            return
        if all(due <= alive.since + PATIENCE for alive in state.slots if alive):
            yield f"it gets {due:%H:%M:%S}", State(_later(state.cloud, due), state.left, state.slots, state.events)


def _order(state: State) -> Move:
    events = state.events_with(Retry(ADA, force=True))
    return "order to send it again", State(state.cloud, state.left.less("orders"), state.slots, events)


def _deaths(state: State, at: int, alive: Alive) -> Iterator[Move]:
    request, left = alive.run.request, state.left
    slots, events = state.slots_with(at, None), state.events_with(alive.retry)
    if left.crashes:
        yield f"run {at + 1} dies before it can {request.what}", State(state.cloud, left.less("crashes"), slots, events)
    if left.orphans and isinstance(request.operation, Put):
        cloud = state.cloud._replace(in_air=(*state.cloud.in_air, _in_air(alive, request.operation)))
        yield f"run {at + 1} dies while its PUT is under way", State(cloud, left.less("orphans"), slots, events)


def _landings(state: State) -> Iterator[Move]:
    for put in dict.fromkeys(state.cloud.in_air):
        puts = state.cloud.puts + state.cloud.removes.wanted
        cloud = state.cloud._replace(photo=put.jpeg, puts=puts, in_air=_less(state.cloud.in_air, put))
        yield "the PUT takes effect", State(cloud, state.left, state.slots, state.events)


def _jump(state: State) -> Move:
    """The host ends every run, and all that they have sent is over."""
    killed = state.events_with(*[alive.retry for alive in state.slots if alive])
    cloud = _later(state.cloud, state.cloud.now + CLAIM + timedelta(seconds=1))
    return "all claims' time passes", State(cloud, state.left.less("jumps"), (None,) * len(state.slots), killed)


def _pauses(state: State) -> Iterator[Move]:
    """One run stands still for longer than the host lets it, and all others are ended."""
    cloud = _later(state.cloud, state.cloud.now + CLAIM + timedelta(seconds=1))
    left = state.left.less("pauses")
    for at, alive in enumerate(state.slots):
        if alive:
            killed = state.events_with(*[other.retry for other in state.slots if other and other is not alive])
            slots = tuple(alive._replace(since=cloud.now) if other is alive else None for other in state.slots)
            yield f"run {at + 1} stands still, and all claims' time passes", State(cloud, left, slots, killed)


def _in_air(alive: Alive, put: Put) -> InAir:
    """A PUT may take effect until the run's claim has ended; of a run without one, it counts from its beginning."""
    run: Run | None = alive.run
    while run and run.request.what != "write photo-receipts":
        run = run.before
    return InAir((run.now if run else alive.since) + CLAIM, put.jpeg)


def _less(items: tuple[T, ...], item: T) -> tuple[T, ...]:
    at = items.index(item)
    return items[:at] + items[at + 1 :]


def _how(retry: Retry) -> str:
    return " with force" if retry.force else ""


def _twice(operation: Operation) -> object:
    operation()
    return operation()


def _later(cloud: Saved, now: datetime) -> Saved:
    return cloud._replace(now=now, in_air=tuple(put for put in cloud.in_air if put.until >= now))
