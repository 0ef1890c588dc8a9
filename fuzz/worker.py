"""The process that pictures are tried in: any of them may be its death.

`python -m fuzz.worker FOLDER ENGINE NUMBER SECONDS`: an engine is named by its module.
"""

import faulthandler
import sys
from importlib import import_module
from pathlib import Path

from fuzz.folder import Folder


def explore(folder: Folder, engine: str, number: int, seconds: float) -> None:
    """Try inputs of an engine's for so many seconds; the process ends with it."""
    by = import_module(engine)
    with by.instrumented():  # before anything of the app's or of Pillow's is imported
        from fuzz.attempts import Attempts, confine, load
        from fuzz.seeds import seeds

        load()
    confine()
    by.explore(Attempts(folder, seconds), [seed.data for seed in seeds()], folder, number)


def main() -> None:
    """Do what the command line asks for."""
    faulthandler.enable()
    folder, engine, number, seconds = sys.argv[1:]
    explore(Folder(Path(folder)), engine, int(number), float(seconds))


if __name__ == "__main__":
    main()
