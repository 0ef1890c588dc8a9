"""A minute of damaged pictures, or an hour, and the count of what a picture must never do to the app: nothing may be.

`python -m fuzz.run [--seconds N]` tries as many as there is time for; with files, `python -m fuzz.run FILE...` repeats
these and tells what happens.
"""

import argparse
import json
import random
import sys
import time
from dataclasses import asdict
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from fuzz.folder import Folder
from fuzz.hunt import cause_of, hunt, start
from fuzz.tally import Tally

ENGINES: Final = {"atheris": "fuzz.by_atheris", "hypothesis": "fuzz.by_hypothesis"}
"""The packages that come by inputs, the better one first, and the module in which each does it."""

_out = Console(highlight=False)


def available() -> str:
    """Name the engine: libFuzzer, where there is a wheel of it, as it sees what is reached; else Hypothesis."""
    return next(engine for engine in ENGINES if find_spec(engine))


def repeat(folder: Folder, files: list[Path]) -> bool:
    """Try some inputs in a process of their own, and print what happens; returns whether all is as it must be."""
    folder.forget()
    with start(folder, "fuzz.repeat", *map(str, files)) as process:
        status = process.wait()
    _out.print(folder.log.read_text("utf-8", "replace"), end="", markup=False, soft_wrap=True)
    if status not in {0, 1}:
        _out.print(f"FOUND {cause_of(status)}\n{folder.printed.read_text('utf-8', 'replace')}", markup=False)
    return status == 0


def explore(folder: Folder, engine: str, number: int, seconds: float) -> bool:
    """Try as many inputs as there is time for, and print what came of them; returns whether all is as it must be."""
    _out.print(f"{engine} {version(engine)} for {seconds:g} s, from random number {number} on …")
    began = time.monotonic()
    tally = hunt(folder, ENGINES[engine], number, seconds)
    took = round(time.monotonic() - began, 1)
    told = {"engine": engine, "number": number, "seconds": took, **asdict(tally)}
    folder.result.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    _out.print(_table(took, tally))
    for kind, file in tally.findings.items():
        _out.print(f"FOUND {kind}: {file}", markup=False, soft_wrap=True)
    _out.print("Something was found: each file has a .txt beside it." if tally.findings else "Nothing was found.")
    return not tally.findings


def _table(seconds: float, tally: Tally) -> Table:
    table = Table(title="Damaged pictures, and what became of them", title_justify="left")
    table.add_column("counted")
    table.add_column("", justify="right")
    counts = {"seconds": f"{seconds:,.0f}", "inputs": f"{tally.inputs:,}", "photos": f"{tally.photos:,}"}
    counts |= {f"rejected: {code}": f"{count:,}" for code, count in sorted(tally.rejected.items())}
    counts |= {"slowest, seconds of CPU": f"{tally.slowest_seconds:.2f}"}
    counts |= {"greatest growth of memory, MB": f"{tally.greatest_growth_mb:.1f}"}
    for name, count in (counts | {"kinds of findings": f"{len(tally.findings):,}"}).items():
        table.add_row(name, count)
    return table


def main() -> None:
    """Do what the command line asks for; the status is 0 only if nothing was found."""
    options = argparse.ArgumentParser(description="Damaged pictures, to find what a picture must never do to the app.")
    options.add_argument("files", type=Path, nargs="*", help="inputs to repeat")
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--engine", choices=ENGINES, default=available())
    options.add_argument("--number", type=int, default=random.randrange(1, 10_000), help="where the random ones begin")
    options.add_argument("--folder", type=Path, default=Path("build/fuzz"), help="where inputs and findings are kept")
    asked = options.parse_args()
    folder = Folder(asked.folder)
    if asked.files:
        sys.exit(not repeat(folder, asked.files))
    sys.exit(not explore(folder, asked.engine, asked.number, asked.seconds))


if __name__ == "__main__":
    main()
