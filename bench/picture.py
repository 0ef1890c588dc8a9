"""What it takes to make a photo of a picture, and how good it is, beside the tools that others would use.

`python -m bench.picture` makes the pictures, measures, prints a table, and writes build/bench/picture.json and .png.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict
from operator import attrgetter
from pathlib import Path
from typing import Final

from bench import chart, corpus, imports, machine, own_photos
from bench.budget import BUDGETS, budget, developed
from bench.cost import CannotError, Cost, Effort, fresh
from bench.file import File
from bench.goals import verdicts
from bench.job import beside
from bench.overhead import overhead
from bench.peers import NAIVE, OURS
from bench.quality import judge
from bench.result import Result, Row
from bench.table import table

_FOLDER: Final = Path(__file__).parents[1] / "build" / "bench"
_ONCE: Final = Effort(runs=0, seconds=0, rounds=1)  # for memory alone
_OVERHEADS: Final = ("2 MP", "3 MP", "5 MP", "8 MP", "12 MP")  # the larger a picture, the more is lost in noise
_JOBS: Final = ("2 MP", "12 MP")


def main() -> None:
    """Measure everything, in some minutes."""
    parser = argparse.ArgumentParser(prog="python -m bench.picture", description=__doc__)
    parser.add_argument("--photos", type=Path, help="a folder of real pictures, to be measured too")
    arguments = parser.parse_args()
    result = run(_FOLDER, arguments.photos)
    told = asdict(result) | {"goals": [verdict.told() for verdict in verdicts(result)]}
    text = json.dumps(told, indent=2, ensure_ascii=False, default=attrgetter("name"))  # of paths: no machine's folders
    (_FOLDER / "picture.json").write_text(f"{text}\n", "utf-8")
    chart.draw(result, _FOLDER / "picture.png")
    print(table(result))


def run(folder: Path, own: Path | None, samples: tuple[corpus.Sample, ...] = corpus.SAMPLES) -> Result:
    """Make the pictures in a folder and measure them, and those of a folder of somebody's own, on one core."""
    _say("Making the pictures ...")
    files = corpus.write(folder / "pictures", samples)
    owned, unread = own_photos.read(own) if own else ([], {})
    _pin()
    versions = machine.versions()
    tools = [tool for tool, version in versions.items() if version]
    data = {file.name: file.path.read_bytes() for file in files if not file.for_memory}
    return Result(
        machine.describe(),
        versions,
        rows=[measure(file, tools, folder) for file in files],
        photos=[measure(file, tools, folder) for file in owned],
        unread=unread,
        overheads={name: overhead(data[name]) for name in _OVERHEADS if name in data},
        budgets=[budget(map(developed, data.values()), most) for most in BUDGETS],
        imports=imports.measure(),
        beside={name: beside(data[name]) for name in _JOBS if name in data},
    )


def measure(file: File, tools: list[str], folder: Path) -> Row:
    """Measure a picture with each tool, in a new process each, and its photo's quality."""
    _say(f"{file.name} ...")
    tiny = folder / f"tiny{corpus.suffix(file.format)}"
    tiny.write_bytes(corpus.tiny(file.format))
    costs, refused = dict[str, Cost](), dict[str, str]()
    effort = _ONCE if file.for_memory else Effort()
    for tool in tools * effort.rounds:
        try:
            cost = fresh(tool, file.path, tiny, effort)
        except CannotError as error:
            refused[tool] = str(error)
        else:
            costs[tool] = costs.get(tool, cost).better(cost)
    is_judged = not file.for_memory and {OURS, NAIVE} <= costs.keys()
    return Row(file, file.path.stat().st_size, costs, refused, judge(file.path.read_bytes()) if is_judged else None)


def _pin() -> None:
    """Keep to one core, this process and those it starts, where the system can; the last one has the least to do."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _say(what: str) -> None:
    """Tell whoever waits, beside the table."""
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
