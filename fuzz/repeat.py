"""Inputs tried once more, under the same limits, with every recipe, to see what happens.

`python -m fuzz.repeat FOLDER FILE...` is the process that does it: an input may be its death.
"""

import faulthandler
import sys
from pathlib import Path

from rich.console import Console

from fuzz.attempts import arm, confine, load
from fuzz.folder import Folder
from fuzz.meter import Meter
from fuzz.rules import RECIPES, Finding, check
from photo_sync.recipe import Recipe

_out = Console(highlight=False, soft_wrap=True)


def repeat(folder: Folder, files: list[Path]) -> bool:
    """Try some inputs with each of the recipes, and print what happens; returns whether all is as it must be."""
    meter, all_is_well = Meter(folder.printed.open("wb+")), True
    for file in files:
        data = file.read_bytes()
        for name, recipe in RECIPES.items():
            told, is_well = _try(data, recipe, meter)
            _out.print(f"{file.name}, {name}: {told}", markup=False)
            all_is_well = all_is_well and is_well
    return all_is_well


def _try(data: bytes, recipe: Recipe, meter: Meter) -> tuple[str, bool]:
    """What happens to an input, and whether it is as it must be."""
    arm(recipe)
    try:
        outcome = check(data, recipe, meter)
    except Finding as finding:
        return f"FOUND {finding.kind}\n{finding.details}", False
    finally:
        arm(None)
    cost = f"{outcome.cost.seconds:.2f} s of CPU, {outcome.cost.growth / 1e6:.1f} MB"
    return f"{outcome.code} ({cost}): {outcome.reason}", True


def main() -> None:
    """Do what the command line asks for."""
    faulthandler.enable()
    load()
    confine()
    folder, *files = map(Path, sys.argv[1:])
    sys.exit(not repeat(Folder(folder), files))


if __name__ == "__main__":
    main()
