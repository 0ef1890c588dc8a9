"""The command line as a person has it: the installed command, and what it says."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PHOTO_SYNC: Final = Path(sys.executable).with_name("photo-sync")


@dataclass(frozen=True)
class Run:
    """What a command has printed, and the status that it ended with."""

    stdout: str
    stderr: str
    returncode: int

    @property
    def lines(self) -> list[Any]:
        """Each line of JSON that it printed."""
        return [json.loads(line) for line in self.stdout.splitlines()]


def photo_sync(*arguments: str | Path, folder: Path) -> Run:
    """Run the installed command in that folder."""
    run = subprocess.run(  # noqa: S603 - the command is ours
        [str(PHOTO_SYNC), *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    return Run(run.stdout, run.stderr, run.returncode)


Command = Callable[..., Run]
"""What the fixture `command` is: `command("check", "users", folder=folder)`."""
