"""`photo-sync status`: how many photos stand how, and which ones somebody should look at."""

import sys
import time
from contextlib import contextmanager, suppress
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from photo_sync.cli.deployment import deployment
from photo_sync.cli.terminal import STYLES, AsJson, out, print_json, print_table, table, when
from photo_sync.spelling import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.table import Table

    from photo_sync.overview import Overview
    from photo_sync.sync import PhotoSync

_PAUSE: Final = 5.0  # seconds between two looks


class Stands(StrEnum):
    """How a photo can stand; here once more, for a shell completes these words without what knows them."""

    FAILED = "failed"
    REJECTED = "rejected"
    RETRYING = "retrying"
    WAITING = "waiting"
    SYNCED = "synced"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


def status(
    prefix: Annotated[
        str, typer.Argument(metavar="[PREFIX]", help="Only the photos whose names begin so, such as users/.")
    ] = "",
    outcome: Annotated[
        list[Stands] | None, typer.Option(metavar="OUTCOME", help="Only these; may be said several times.")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="COUNT", help="How many photos are shown.", min=0)] = 50,
    watch: Annotated[bool, typer.Option("--watch", help="Look again and again, until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say how many photos stand how, and show them.

    Those come first that need somebody. “waiting” is what has no receipt yet. With --json, one document: `counts`, and
    in `photos` what is shown; with --watch, one for each look.

    Example: photo-sync status

    Example: photo-sync status users/ --outcome failed --outcome rejected
    """
    look = partial(_look, deployment().job, prefix, outcome or [], limit)
    if watch:
        _watch(look, as_json=as_json)
    elif as_json:
        _print_json(look())
    else:
        _print(look())


def _look(job: "PhotoSync", prefix: str, wanted: list[Stands], limit: int) -> "Overview":
    from photo_sync.overview import Overview
    from photo_sync.standing import standings

    return Overview.of(standings(job, prefix), wanted, limit)


def _watch(look: "Callable[[], Overview]", *, as_json: bool) -> None:
    with suppress(KeyboardInterrupt), _screen(as_json=as_json) as show:
        while True:
            began = time.monotonic()
            show(look())
            sys.stdout.flush()
            time.sleep(max(_PAUSE, time.monotonic() - began))


@contextmanager
def _screen(*, as_json: bool) -> "Iterator[Callable[[Overview], None]]":
    """Yield what shows an overview in the place of the last one."""
    if as_json:
        yield _print_json
        return
    from rich.live import Live

    with Live(console=out, auto_refresh=False, vertical_overflow="crop") as live:
        yield lambda overview: live.update(Group(_table(overview), *_lines(overview)), refresh=True)


def _print(overview: "Overview") -> None:
    if overview.first:
        print_table(_table(overview))
    for line in _lines(overview):
        out.print(line)


def _table(overview: "Overview") -> "Table":
    rows = (
        (shown(each.name), Text(each.outcome, STYLES.get(each.outcome, "")), when(each.since), each.reason)
        for each in overview.first
    )
    return table(("photo", "", "since", "why"), rows)


def _lines(overview: "Overview") -> list[RenderableType]:
    """The counts, and how many photos more there are than are shown."""
    from photo_sync.overview import OUTCOMES

    counts, total = overview.counts, overview.counts.total()
    known = [(outcome, counts[outcome]) for outcome in (*OUTCOMES, *(counts.keys() - set(OUTCOMES))) if counts[outcome]]
    told = Text(f"{total:,} photo{'' if total == 1 else 's'}: " if known else "There are no photos.")
    told.append_text(Text(", ").join(Text(f"{count:,} {outcome}", STYLES.get(outcome, "")) for outcome, count in known))
    more = overview.asked - len(overview.first)
    return [Text(f"… and {more:,} more (--limit)."), told] if more else [told]


def _print_json(overview: "Overview") -> None:
    rows = [
        {
            "photo": each.name,
            "outcome": each.outcome,
            "since": each.since,
            "code": each.own.code if each.own else "",
            "reason": each.reason,
            "due": each.own.due if each.own else None,
        }
        for each in overview.first
    ]
    print_json({"counts": overview.counts, "asked": overview.asked, "photos": rows})
