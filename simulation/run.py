"""How long it takes for a thousand people or a million, on a simulated clock: `python -m simulation.run`.

What is published and what is assumed, docs/scale.md says; its tables are what this prints.
"""

import argparse
import json
import math
import random
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from photo_sync.reconcile import Limits
from simulation.agenda import Agenda
from simulation.app import SimulatedApp
from simulation.bill import Bill
from simulation.cases import TABLES, Case
from simulation.graph import SimulatedGraph
from simulation.photos import SimulatedPhotos
from simulation.script import Script, SimulatedScript

HEADINGS: Final = (
    "people",
    "limits",
    "by",
    "day",
    "hours",
    "429s",
    "calls in vain",
    "not synced",
    "oldest retry, h",
    "runs",
    "USD",
)
_LONGEST: Final = 30 * 86_400.0  # seconds; nothing takes so long
_HOUR: Final = 3600.0
_FIRST_COMPARISON: Final = 17 * 60.0  # function_app.py: at 17 minutes past each hour


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of a case: hours until the last photo was synced, Graph's answers, the app's runs, and the cost."""

    hours: float
    refused: int
    in_vain: int
    synced: int
    failed: int
    oldest_retry_hours: float
    runs: dict[str, int]
    gb_seconds: float
    dollars: float


def run(case: Case) -> Figures:
    """Simulate a case; the same case always gives the same figures."""
    agenda = Agenda()
    graph = SimulatedGraph(case.limits, agenda.clock, random.Random(case.people), case.troubles, case.unknown)
    if isinstance(case.by, Script):
        script = SimulatedScript(case.people, case.by, graph, agenda)
        script.start()
        _run(agenda, script.photos)
        return _figures(graph, script.photos, Bill(0, {}))
    app = SimulatedApp(case.people, case.by, graph, agenda, case.what_if)
    _set_off(app, agenda, case.how)
    _run(agenda, app.photos)
    app.host.stop()
    return _figures(graph, app.photos, Bill(app.host.billed, dict(app.runs)))


def cells(case: Case, figures: Figures) -> list[str]:
    """Return a row of the tables."""
    return [
        f"{case.people:,}",
        case.limits.name,
        str(case.by),
        case.day,
        f"{figures.hours:.2f}",
        f"{figures.refused:,}",
        f"{figures.in_vain:,}",
        f"{figures.failed:,}",
        f"{figures.oldest_retry_hours:.2f}",
        f"{sum(figures.runs.values()):,}" if figures.runs else "",
        f"{figures.dollars:.2f}" if figures.runs else "",
    ]


def main() -> None:
    """Simulate everything, as many cases at a time as there are processors, and print it as tables."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures there")
    asked = parser.parse_args()
    with ProcessPoolExecutor() as processes:
        cases = sorted({case: None for table in TABLES.values() for case in table}, key=lambda case: -case.people)
        figures = dict(zip(cases, processes.map(run, cases), strict=True))
    for heading, table in TABLES.items():
        _print(heading, [cells(case, figures[case]) for case in table])
    if asked.json:
        told = [asdict(case) | asdict(figures[case]) for case in cases]
        asked.json.write_text(json.dumps(told, indent=2, default=str), "utf-8")


def _set_off(app: SimulatedApp, agenda: Agenda, how: str) -> None:
    """Start the host and its timer, and let the app come to know of the photos."""

    def hourly() -> None:
        app.host.bill(app.reconcile(app.what_if.limits))
        agenda.at(agenda.now + _HOUR, hourly)

    if how == "events":
        app.upload_all()
    if how == "command":
        agenda.at(_FIRST_COMPARISON, app.reconcile, Limits(waiting=sys.maxsize, seconds=math.inf))
    agenda.at(0, app.host.scale)
    agenda.at(_FIRST_COMPARISON, hourly)


def _run(agenda: Agenda, photos: SimulatedPhotos) -> None:
    agenda.run(until=lambda: photos.left == 0, longest=_LONGEST)


def _figures(graph: SimulatedGraph, photos: SimulatedPhotos, bill: Bill) -> Figures:
    return Figures(
        hours=photos.last_synced / _HOUR,
        refused=graph.answers[429],
        in_vain=graph.answers.total() - graph.answers[200],
        synced=photos.synced,
        failed=photos.failed,
        oldest_retry_hours=photos.longest_wait / _HOUR,
        runs=dict(bill.runs),
        gb_seconds=bill.gb_seconds,
        dollars=bill.dollars,
    )


def _print(heading: str, rows: Sequence[Sequence[str]]) -> None:
    table = Table(*HEADINGS, box=MARKDOWN)
    for row in rows:
        table.add_row(*row)
    console = Console(highlight=False, width=200)
    console.print(f"## {heading}", table)


if __name__ == "__main__":
    main()
