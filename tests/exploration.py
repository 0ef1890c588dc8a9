"""Goes through all states that moves lead to, in search of a wrong one, and shows a shortest way there."""

import gc
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

S = TypeVar("S")


class Violation(AssertionError):
    """A schedule that leads where it must not."""

    def __init__(self, rule: str, schedule: list[str]) -> None:
        super().__init__("\n".join([rule, *(f"{number:4}. {move}" for number, move in enumerate(schedule, 1))]))
        self.rule = rule
        self.schedule = schedule


@dataclass(frozen=True, slots=True)
class Explored:
    """How much was gone through; a schedule is a way from the first state to one that nothing follows."""

    states: int
    moves: int
    schedules: int


def explore(first: S, moves: Callable[[S], Iterable[tuple[str, S]]], wrong: Callable[[S], str]) -> Explored:
    """Go through everything, breadth first; raises `Violation` where `wrong` says what is wrong with a state."""
    order, numbers = [first], {first: 0}
    came: list[tuple[int, str]] = [(0, "")]
    nexts: list[list[int]] = []
    gc.disable()  # there is nothing to collect, and it would look at every state again and again
    try:
        for number, state in enumerate(order):
            if rule := wrong(state):
                raise Violation(rule, _way(came, number))
            nexts.append([])
            for label, after in moves(state):
                nexts[-1].append(numbers.setdefault(after, len(order)))
                if len(numbers) > len(order):
                    order.append(after)
                    came.append((number, label))
    finally:
        gc.enable()
    return Explored(len(order), sum(map(len, nexts)), _schedules(nexts))


def _way(came: list[tuple[int, str]], number: int) -> list[str]:
    way = []
    while number:
        number, label = came[number]
        way.append(label)
    return way[::-1]


def _schedules(nexts: list[list[int]]) -> int:
    """Count the ways to the ends, from the ends on."""
    ways: dict[int, int] = {}
    path = [0]
    while path:
        state = path[-1]
        if missing := [after for after in nexts[state] if after not in ways]:
            path.extend(missing)
        else:
            ways[state] = sum(ways[after] for after in nexts[state]) or 1
            path.pop()
    return ways[0]
