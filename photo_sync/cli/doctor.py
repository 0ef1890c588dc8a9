"""`photo-sync doctor`: whether the deployment is well, and what is to be done where it is not."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from photo_sync.cli.deployment import deployment
from photo_sync.cli.terminal import AsJson, out, print_json
from photo_sync.errors import SettingsError
from photo_sync.spelling import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from photo_sync.doctor import Check

_SIGNS: Final = {"green": "✓", "yellow": "!", "red": "✗"}


def doctor(
    page: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS", help="The app's page, with its key: what the app sees of itself is asked, too."
        ),
    ] = "",
    trip: Annotated[
        bool, typer.Option("--round-trip/--no-round-trip", help="Whether to upload a probe and wait for its receipt.")
    ] = True,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="How long to wait for that.", min=0)] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Check whether the deployment works, and say what to do.

    Settings, storage, sign-in, permissions, the tenant's photo policy, and the way from an upload to its receipt. Ends
    with status 1 where something is red. With --json, one document: a list of `name`, `state` (green, yellow or red)
    and `told`.

    Example: photo-sync doctor --no-round-trip
    """
    checks: list[Check] = []
    for check in _examine(page, timeout if trip else None):
        checks.append(check)
        if not as_json:
            out.print(Text.assemble((f"{_SIGNS[check.state]} ", check.state), f"{shown(check.name)}: {check.told}"))
    if as_json:
        print_json([asdict(check) for check in checks])
    raise typer.Exit(1 if any(check.state == "red" for check in checks) else 0)


def _examine(page: str, seconds: float | None) -> "Iterator[Check]":
    from azure.core.exceptions import AzureError

    from photo_sync.cli.health import ask
    from photo_sync.doctor import OF_ASKER, Check, State, examine, explain
    from photo_sync.round_trip import round_trip

    try:
        its = deployment()
    except SettingsError as error:
        yield from (Check("settings", State.RED, mistake) for mistake in error.mistakes)
        return
    except AzureError as fault:
        yield Check("sign-in to Azure Storage", State.RED, explain(fault, "yourself the roles of an operator"))
        return
    yield from (check for check in examine(its.settings, its.credential) if not (page and check.name == OF_ASKER))
    if seconds is not None:
        yield round_trip(its.job, its.drop, seconds)
    if page:
        yield from ask(page)
