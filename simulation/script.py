"""What many do instead: a script that sends one photo after the other, and tries again what fails."""

from dataclasses import dataclass

from simulation.agenda import Agenda
from simulation.graph import Reply, SimulatedGraph
from simulation.photos import SimulatedPhotos


@dataclass(frozen=True, slots=True)
class Script:
    """A script with so many threads, which sleeps so many seconds before it tries a photo again."""

    threads: int
    sleep: float
    tries: int = 10
    """After which a photo is left out; assumed."""

    def __str__(self) -> str:
        """Return it as the tables show it."""
        return f"script, {self.threads} at a time, again " + (f"after {self.sleep:g} s" if self.sleep else "at once")


class SimulatedScript:
    """The script at work, on a machine that costs nothing and never fails."""

    def __init__(self, people: int, script: Script, graph: SimulatedGraph, agenda: Agenda) -> None:
        self.photos = SimulatedPhotos(people, agenda.clock)
        self._script, self._graph, self._agenda = script, graph, agenda
        self._rest = iter(range(people))

    def start(self) -> None:
        """Start the threads."""
        for _ in range(self._script.threads):
            self._next()

    def _next(self) -> None:
        if (photo := next(self._rest, None)) is not None:
            self.photos.begin(photo)
            self._send(photo, 1)

    def _send(self, photo: int, tries: int) -> None:
        reply, seconds = self._graph.put(photo)
        self._agenda.at(self._agenda.now + seconds, self._answer, photo, tries, reply)

    def _answer(self, photo: int, tries: int, reply: Reply) -> None:
        self._graph.leave(reply)
        if reply.status != 200 and tries < self._script.tries:
            self._agenda.at(self._agenda.now + self._script.sleep, self._send, photo, tries + 1)
            return
        self.photos.settle(photo, synced=reply.status == 200)
        self._next()
