"""The app on a simulated clock: how a run goes and how long it takes, with the app's own gate, faults and receipts.

Left out are the picture and whatever goes wrong with storage; docs/reliability.md is about that.
"""

import math
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

from photo_sync.errors import TryLater
from photo_sync.reconcile import Limits
from photo_sync.throttle import PATIENCE
from photo_sync.turn import Turn
from simulation.agenda import Agenda
from simulation.graph import Reply, SimulatedGraph, verdict
from simulation.host import Fleet, Function, Host, Instance
from simulation.photos import SimulatedPhotos
from simulation.what_if import WhatIf

CALL_SECONDS: Final = 0.01
"""How long a call to storage takes; assumed."""
CPU_SECONDS: Final = 0.15
"""What a photo takes of an instance's only core: three times what a 12-megapixel one took where it was measured."""

_PAGE: Final = 5_000
_PAGE_SECONDS: Final = 1.0  # to list a page of photos and one of receipts; assumed
_SEND_SECONDS: Final = CALL_SECONDS / 8  # reconcile sends eight messages at a time
_QUEUEING: Final = TryLater("queueing", "", retry_after=PATIENCE)  # as Throttle.slot has it, after five real seconds


class SimulatedApp:
    """The app, with a photo for each of so many people; `runs` counts what its runs came to."""

    def __init__(self, people: int, fleet: Fleet, graph: SimulatedGraph, agenda: Agenda, what_if: WhatIf) -> None:
        self.photos = SimulatedPhotos(people, agenda.clock)
        self.runs: Counter[str] = Counter()
        self.host = Host(fleet, agenda)
        self._uploads = self.host.add(self._start, fleet.places)
        self._retries = self.host.add(self._start, max(1, fleet.places // 2))
        self._graph, self._agenda, self.what_if = graph, agenda, what_if
        self._concurrency, self._chance = fleet.concurrency, random.Random(people)
        self._bookmark = 0

    def upload_all(self) -> None:
        """Have an event for every photo, all at the same moment and in any order."""
        photos = list(range(len(self.photos)))
        self._chance.shuffle(photos)
        self._uploads.ready.extend(photos)

    def reconcile(self, limits: Limits) -> float:
        """Queue what seems lost, within those limits, as the app's `reconcile` does; return the seconds it takes."""
        room, queued, seconds = limits.waiting - self._retries.waiting, 0, 0.0
        for begin in range(self._bookmark, len(self.photos), _PAGE):
            if queued >= room or seconds > limits.seconds:
                self._bookmark = begin
                return seconds
            lost = self.photos.lost(range(begin, min(begin + _PAGE, len(self.photos))))
            queued += len(lost)
            seconds += _PAGE_SECONDS + len(lost) * _SEND_SECONDS
            self._queue(lost, self._agenda.now + seconds)
        self._bookmark = 0
        return seconds

    def _queue(self, photos: Sequence[int], at: float) -> None:
        self._retries.hidden += len(photos)
        for photo in photos:
            self._agenda.at(at, self.host.arrive, self._retries, photo)

    def _start(self, function: Function, instance: Instance, photo: int) -> None:
        """Begin a run: see whose turn it is, and come to the gate."""
        now, turn = self._agenda.now, self.photos.take(photo)
        if turn is not Turn.WORK:
            if turn is Turn.WAIT:
                self._queue([photo], now + 2)
            self._end(function, instance, "nothing to do", calls=2)
        elif (wait := min(self.what_if.patience, instance.opens - now)) > 0:
            self._agenda.at(now + wait, self._work, function, instance, photo)
        else:
            self._work(function, instance, photo)

    def _work(self, function: Function, instance: Instance, photo: int) -> None:
        """Make the photo, if the gate is open, and claim it."""
        self.photos.begin(photo)
        try:
            instance.throttle.check()
        except TryLater as fault:
            self._postpone(photo, fault)
            self._end(function, instance, "turned away", calls=4)
            return
        instance.cpu_free = max(self._agenda.now + 3 * CALL_SECONDS, instance.cpu_free) + CPU_SECONDS
        self._agenda.at(instance.cpu_free + CALL_SECONDS, self._stand, function, instance, photo)

    def _stand(self, function: Function, instance: Instance, photo: int) -> None:
        """Come to the gate again, now for a place among those that are being sent."""
        now = self._agenda.now
        if 0 < instance.opens - now <= self.what_if.patience:
            self._agenda.at(instance.opens, self._stand, function, instance, photo)
        elif instance.sending < self._concurrency:
            self._send(function, instance, photo)
        else:
            instance.waiting.append(photo)
            self._agenda.at(now + PATIENCE, self._leave, function, instance, photo)

    def _leave(self, function: Function, instance: Instance, photo: int) -> None:
        if photo in instance.waiting:
            instance.waiting.remove(photo)
            self.photos.claim(photo)
            self._postpone(photo, _QUEUEING)
            self._end(function, instance, "stood in vain", calls=2)

    def _send(self, function: Function, instance: Instance, photo: int) -> None:
        self.photos.claim(photo)
        with ExitStack() as slot:
            try:
                slot.enter_context(instance.throttle.slot())
            except TryLater as fault:
                self._postpone(photo, fault)
                self._end(function, instance, "stood in vain", calls=2)
                return
            instance.sending += 1
            reply, seconds = self._graph.put(photo)
            at = self._agenda.now + seconds
            self._agenda.at(at, self._answer, function, instance, photo, reply, slot.pop_all())

    def _answer(self, function: Function, instance: Instance, photo: int, reply: Reply, slot: ExitStack) -> None:
        self._graph.leave(reply)
        told, fault = verdict(reply)
        if (pause := self.what_if.pause(told, reply)) is not None:
            instance.throttle.pause(pause)
            instance.opens = max(instance.opens, self._agenda.now + pause)
        slot.close()
        instance.sending -= 1
        if isinstance(fault, TryLater):
            self._postpone(photo, self.what_if.fault(fault))
        else:
            self.photos.settle(photo, synced=fault is None)
        self._end(function, instance, "sent" if fault is None else "sent in vain", calls=1 if fault is None else 2)
        if instance.waiting:
            self._send(function, instance, instance.waiting.popleft())

    def _postpone(self, photo: int, fault: TryLater) -> None:
        delay = self.photos.postpone(photo, fault, self._chance.random())
        if delay is not None:
            self._queue([photo], self._agenda.now + math.ceil(delay))

    def _end(self, function: Function, instance: Instance, what: str, *, calls: int) -> None:
        self.runs[what] += 1
        self.host.free(function, instance, self._agenda.now + calls * CALL_SECONDS)
