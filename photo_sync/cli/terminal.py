"""What a command prints: lines and tables for people, JSON for programs, and nothing that a name could do harm with."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Final, NoReturn, TypeVar

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from photo_sync.spelling import escaped, shown

Item = TypeVar("Item")
Cell = str | Text


class Terminal(Console):
    """A console on which only our own colours and lines are more than text: what a name holds is escaped."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Yield the segments of what is printed, harmless."""
        for segment in super().render(renderable, options):
            lines = map(escaped, segment.text.split("\n"))
            yield segment if segment.control else segment._replace(text="\n".join(lines))


out: Final = Terminal(highlight=False, markup=False, soft_wrap=True)
err: Final = Terminal(highlight=False, markup=False, soft_wrap=True, stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

STYLES: Final = {
    "synced": "green",
    "unchanged": "green",
    "removed": "green",
    "waiting": "cyan",
    "retrying": "yellow",
    "rejected": "magenta",
    "failed": "red",
}
"""The colour of each outcome."""

_WIDE: Final = 5_000  # columns of a table that nobody looks at in a terminal: one line for each row


def print_json(value: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print a JSON value in one line of ASCII, so that no name is lost on the way; times as ISO 8601."""
    sys.stdout.write(json.dumps(value, default=datetime.isoformat) + "\n")


def table(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Table:
    """Return a table with these rows."""
    made = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold", show_header=any(headings))
    for heading in headings:
        made.add_column(heading, overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(escaped(cell)) for cell in row))
    return made


def print_table(made: Table) -> None:
    """Print a table, folded to the terminal's width; to a file or a pipe, each row in one line."""
    if out.is_terminal:
        out.print(made, soft_wrap=False)
    else:
        wide = Terminal(file=out.file, width=_WIDE, highlight=False, markup=False)
        with wide.capture() as printed:
            wide.print(made)
        out.file.writelines(f"{line.rstrip()}\n" for line in printed.get().splitlines())


def when(time: datetime | None) -> str:
    """Return a time as it is here, to the minute; empty where there is none."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M") if time else ""


def files(count: int) -> str:
    """Return so many files, in words."""
    return f"{count:,} file{'' if count == 1 else 's'}"


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show inside the block how far something is, to somebody who looks; yields what to call with how many are done."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)


def counted(title: str, items: Iterable[Item], total: int) -> Iterator[Item]:
    """Yield the items, and show how far they are."""
    with progress(title, total) as told:
        for done, item in enumerate(items, 1):
            told(done)
            yield item


def ask(question: str, *, yes: bool) -> None:
    """Ask whether to go on; ends the command with status 1 where not, and with 2 where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        err.print(f"{question} Nobody can be asked here: say --yes.")
        raise typer.Exit(2)
    err.print(f"{question} [y/N]: ", end="")
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        err.print("Nothing was done.")
        raise typer.Exit(1)


def misused(sentence: str) -> NoReturn:
    """End the command with a sentence and the status of wrong use."""
    err.print(sentence)
    raise typer.Exit(2)


def tell_unknown(names: Sequence[str]) -> None:
    """Say of which names nothing is known, and end with status 1 if there are any."""
    for name in names:
        err.print(f"✗ {shown(name)}: there is neither a picture nor a receipt of this name.")
    if names:
        raise typer.Exit(1)
