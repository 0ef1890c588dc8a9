"""All that one run has measured."""

from dataclasses import dataclass, field

from bench.budget import Budget
from bench.cost import Cost
from bench.file import File
from bench.imports import Imports
from bench.peers import NAIVE, OURS
from bench.quality import Quality


@dataclass(frozen=True, slots=True)
class Row:
    """A picture, its size in bytes, and what each tool took for it; `refused` says why one took nothing.

    `quality` is None where memory alone was measured.
    """

    file: File
    bytes: int
    costs: dict[str, Cost]
    refused: dict[str, str] = field(default_factory=dict)
    quality: Quality | None = None

    def ratio(self, tool: str = OURS) -> float | None:
        """Return the CPU of a tool over that of naive Pillow; None where either has none."""
        if tool not in self.costs or NAIVE not in self.costs:
            return None
        return self.costs[tool].cpu / self.costs[NAIVE].cpu


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of the corpus and those of somebody's own photos; the rest as its own modules measure it.

    `unread` are the files among the latter that photo-sync refuses, with the reason's code.
    `overheads` are milliseconds by picture; `beside` those of the job outside `normalise`, by picture.
    """

    machine: dict[str, str]
    versions: dict[str, str | None]
    rows: list[Row]
    photos: list[Row]
    unread: dict[str, str]
    overheads: dict[str, float]
    budgets: list[Budget]
    imports: Imports
    beside: dict[str, float]
