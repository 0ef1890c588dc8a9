"""What the picture step is to reach, and whether a run did; nothing but figures goes in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import geometric_mean, median
from typing import Final

from bench.budget import Budget
from bench.peers import OURS
from bench.quality import Quality
from bench.result import Result, Row
from photo_sync.recipe import MAX_BYTES


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, and the picture that it comes from, if it is one's alone."""

    value: float
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure to reach: at most `limit`, or at least where `least` is set; `stretch` is what would be remarkable."""

    name: str
    figure: Callable[[Result], Figure | None]
    limit: float
    stretch: float | None = None
    least: bool = False

    def judge(self, result: Result) -> "Verdict":
        """Hold a run against it."""
        return Verdict(self, self.figure(result))

    def is_reached(self, limit: float, value: float) -> bool:
        """Say whether a value reaches a limit."""
        return value >= limit if self.least else value <= limit


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal, and the figure of a run; None where it was not measured."""

    goal: Goal
    figure: Figure | None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where that is not known."""
        return None if self.figure is None else self.goal.is_reached(self.goal.limit, self.figure.value)

    @property
    def word(self) -> str:
        """What the table says."""
        if self.figure is None:
            return "not measured"
        if self.goal.stretch is not None and self.goal.is_reached(self.goal.stretch, self.figure.value):
            return "met, and the stretch"
        return "met" if self.met else "NOT MET"

    def told(self) -> dict[str, object]:
        """Return it for JSON."""
        goal, figure = self.goal, self.figure
        limits = {"at least" if goal.least else "at most": goal.limit, "stretch": goal.stretch}
        return {"goal": goal.name, **limits, "is": figure and figure.value, "verdict": self.word}


def mean_ratio(rows: Iterable[Row], tool: str = OURS) -> float | None:
    """Return the geometric mean of a tool's CPU over naive Pillow's, over the JPEGs that count.

    None where the tool did not take one of them: a mean over fewer would compare with nothing.
    """
    ratios = [row.ratio(tool) for row in rows if row.file.counts]
    told = [ratio for ratio in ratios if ratio is not None]
    return geometric_mean(told) if told and len(told) == len(ratios) else None


def verdicts(result: Result) -> list[Verdict]:
    """Hold a run against every goal; somebody's own photos against those that are about any picture."""
    own = OWN_PHOTOS if result.photos else ()
    return [goal.judge(result) for goal in (*GOALS, *own)]


def _mean(rows: Iterable[Row]) -> Figure | None:
    ratio = mean_ratio(rows)
    return None if ratio is None else Figure(ratio)


def _ratio(name: str) -> Callable[[Result], Figure | None]:
    def of(result: Result) -> Figure | None:
        ratio = next((row.ratio() for row in result.rows if row.file.name == name), None)
        return None if ratio is None else Figure(ratio)

    return of


def _memory(rows: Iterable[Row]) -> Figure | None:
    ours = ((row, row.costs[OURS].memory) for row in rows if row.file.is_baseline and OURS in row.costs)
    grown = [Figure(memory, row.file.name) for row, memory in ours if memory is not None]
    return max(grown, key=lambda figure: figure.value, default=None)


def _quality(rows: Iterable[Row], of: Callable[[Quality], float], worst: Callable[..., Figure | None]) -> Figure | None:
    told = [Figure(of(row.quality), row.file.name) for row in rows if row.quality]
    return worst(told, key=lambda figure: figure.value, default=None)


def _overhead(result: Result) -> Figure | None:
    return Figure(median(result.overheads.values())) if result.overheads else None


def _encodes(of: Callable[[Budget], float]) -> Callable[[Result], Figure | None]:
    def of_usual(result: Result) -> Figure | None:
        return next((Figure(of(budget)) for budget in result.budgets if budget.max_bytes == MAX_BYTES), None)

    return of_usual


def _least_fill(result: Result) -> Figure | None:
    budgets = (budget for budget in result.budgets if budget.max_bytes == MAX_BYTES and budget.bound)
    return next((Figure(budget.least_fill) for budget in budgets), None)


def _quality_goals(label: str, rows: Callable[[Result], list[Row]]) -> tuple[Goal, ...]:
    return (
        Goal(
            f"{label}: PSNR before the encode, worst, dB",
            lambda result: _quality(rows(result), lambda quality: quality.psnr, min),
            46,
            least=True,
        ),
        Goal(
            f"{label}: SSIM before the encode, worst",
            lambda result: _quality(rows(result), lambda quality: quality.ssim, min),
            0.997,
            least=True,
        ),
        Goal(
            f"{label}: the JPEG's loss against naive Pillow's, worst, dB",
            lambda result: _quality(rows(result), lambda quality: quality.loss, max),
            0.15,
        ),
    )


GOALS: Final = (
    Goal("CPU, JPEGs of 2 to 48 MP (geometric mean)", lambda result: _mean(result.rows), 0.31, 0.24),
    Goal("CPU, 12 MP", _ratio("12 MP"), 0.28),
    Goal("CPU, 12 MP with a colour profile", _ratio("12 MP, Display P3"), 0.19),
    Goal("CPU, 48 MP", _ratio("48 MP"), 0.16),
    Goal("CPU, 12 MP, progressive", _ratio("12 MP, progressive"), 0.5, 0.17),
    Goal("Growth of peak memory, any baseline JPEG, MB", lambda result: _memory(result.rows), 36, 16),
    Goal("normalise beside Pillow's calls, median, ms", _overhead, 1, 0.3),
    Goal("Import of the app over its packages", lambda result: Figure(result.imports.ratio), 1.1, 1.0),
    Goal(f"Encodes within {MAX_BYTES:,} bytes, mean", _encodes(lambda budget: budget.encodes), 1.8),
    Goal(f"Encodes within {MAX_BYTES:,} bytes, most", _encodes(lambda budget: budget.most_encodes), 4),
    Goal(f"Part of {MAX_BYTES:,} bytes that is filled where they bind, least", _least_fill, 0.95, least=True),
    *_quality_goals("Corpus", lambda result: result.rows),
)
"""CPU is photo-sync's over naive Pillow's, of the same run."""

OWN_PHOTOS: Final = (
    Goal("CPU, own JPEGs of 2 to 48 MP (geometric mean)", lambda result: _mean(result.photos), 0.31, 0.24),
    Goal("Growth of peak memory, own baseline JPEGs, MB", lambda result: _memory(result.photos), 36, 16),
    *_quality_goals("Own photos", lambda result: result.photos),
)
"""For those that `--photos` names."""
