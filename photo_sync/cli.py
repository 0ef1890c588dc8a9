"""The command line: what would become of a file, one photo put by hand, and what was lost looked at again."""

import io
import logging
import math
import os
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

from azure.core.exceptions import AzureError

from photo_sync import __version__
from photo_sync.connection import Connection
from photo_sync.errors import Rejected, SettingsError, TryLater
from photo_sync.graph import Graph
from photo_sync.photo import Photo, normalise
from photo_sync.reconcile import Limits, Wanted, everything, is_lost, reconcile
from photo_sync.settings import Settings
from photo_sync.sync import PhotoSync
from photo_sync.target import EXTENSIONS, Kind, Target
from photo_sync.throttle import Throttle
from photo_sync.wiring import connect

try:
    import typer
    from rich.console import Console
except ModuleNotFoundError as missing:
    sys.exit(f"The command line needs one package more ({missing.name}): pip install 'photo-sync[cli]'")

app = typer.Typer(no_args_is_help=True, add_completion=True, rich_markup_mode=None, pretty_exceptions_enable=False)
_CHECKED = ".checked.jpg"
_out = Console(highlight=False, markup=False, soft_wrap=True)
_err = Console(highlight=False, markup=False, soft_wrap=True, stderr=True)


def main() -> None:
    """Run the command line; every mistake of the user's ends in a sentence and status 1."""
    logging.getLogger("azure").setLevel(logging.CRITICAL)  # what matters of theirs is in our sentence
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a report for a code page that has no “✓” is a report all the same
    try:
        app()
    except SettingsError as error:
        for mistake in error.mistakes:
            _err.print(mistake)
        sys.exit(1)
    except AzureError as error:
        _err.print("Azure Storage did not do this:", str(error).partition("\n")[0])
        _err.print("Sign in with `az login` as somebody who may read this account's blobs and write to its queues.")
        sys.exit(1)


def _show_version(asked: bool) -> None:
    if asked:
        _out.print(f"photo-sync {__version__}")
        raise typer.Exit


@app.callback()
def photo_sync(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Put people's pictures into Microsoft 365."""


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Pictures, named as they would be uploaded.")],
    root: Annotated[
        Path, typer.Option(help="The folder that stands for the container: names count from here.")
    ] = Path(),
    write: Annotated[
        bool, typer.Option("--write", help="Write the resulting JPEG beside each file, as NAME.checked.jpg.")
    ] = False,
) -> None:
    """Say what would become of each file, without sending anything.

    Example: photo-sync check users/ada@contoso.com.png
    """
    settings = Settings.from_env(os.environ, needs_storage=False)
    refused = 0
    for file in (file for file in files if not file.name.endswith(_CHECKED)):
        try:
            target = Target.parse(_name(file, root), contacts_mailbox=settings.contacts_mailbox).for_managed_identity()
            photo = _photo(file, target.kind, settings)
        except Rejected as refusal:
            refused += 1
            _out.print(f"✗ {file}: {refusal.reason}")
            continue
        _out.print(f"✓ {file} → {target.photo_path}: {_measures(photo)}")
        if write:
            file.with_name(file.name + _CHECKED).write_bytes(photo.jpeg)
    raise typer.Exit(1 if refused else 0)


@app.command()
def put(
    target: Annotated[str, typer.Argument(help="Whose photo: me, users/ada@contoso.com, groups/<id> and so on.")],
    file: Annotated[Path, typer.Argument(help="The picture.")],
) -> None:
    """Send one photo now, as whoever is signed in on this machine (`az login`).

    Example: photo-sync put me portrait.png
    """
    from azure.identity import DefaultAzureCredential

    settings = Settings.from_env(os.environ, needs_storage=False)
    try:
        # A target may be spelled as a file's name or without an extension.
        name = target if target.lower().endswith(EXTENSIONS) else f"{target}.jpg"
        whose = Target.parse(name, contacts_mailbox=settings.contacts_mailbox)
        photo = _photo(file, whose.kind, settings)
        throttle = Throttle(settings.graph_concurrency)
        Graph(Connection(settings.graph_url, DefaultAzureCredential(), throttle)).put_photo(whose, photo.jpeg)
    except Rejected as refusal:
        _err.print(f"✗ {file}: {refusal.reason}" + (f" [{refusal.answer}]" if refusal.answer else ""))
        raise typer.Exit(1) from refusal
    except TryLater as error:
        _err.print(f"✗ {file}: {error} Try again in a while.")
        raise typer.Exit(1) from error
    _out.print(f"✓ {file} → {whose.photo_path}: {_measures(photo)}. Microsoft 365 may show it hours later.")


@app.command(name="reconcile")
def reconcile_(
    min_age: Annotated[int, typer.Option(help="Leave alone what is younger than so many minutes.", min=0)] = 5,
) -> None:
    """Find photos whose event was lost, and have the app look at them: what it does each hour, done now.

    Example: photo-sync reconcile
    """
    job = _job()
    _queue(job, partial(is_lost, now=job.now(), min_age=timedelta(minutes=min_age)))


@app.command()
def resync(
    force: Annotated[bool, typer.Option("--force", help="Send every photo again, whatever its receipt says.")] = False,
) -> None:
    """Have the app look at every photo, and send again what it would make otherwise today: after an update, say.

    Example: photo-sync resync --force
    """
    _queue(_job(), everything, force=force)


def _job() -> PhotoSync:
    from azure.identity import DefaultAzureCredential

    return connect(Settings.from_env(os.environ), DefaultAzureCredential())


def _queue(job: PhotoSync, wanted: Wanted, *, force: bool = False) -> None:
    """Queue the photos that are wanted, all of them, and say how many."""
    tally = reconcile(job, wanted, force=force, limits=Limits(waiting=sys.maxsize, seconds=math.inf))
    _out.print(f"Photos compared with their receipts: {tally.compared:,}. Handed to the app: {tally.queued:,}.")


def _name(file: Path, root: Path) -> str:
    """The blob name of a file: its path as it counts from the root."""
    try:
        return _absolute(file).relative_to(_absolute(root)).as_posix()
    except ValueError:
        raise Rejected(
            "outside-root", f"This file is not below {_absolute(root)}. Name the folder that holds users/ with --root."
        ) from None


def _absolute(path: Path) -> Path:
    """The path from the root of the disk; a link keeps its own name, which is the one that says whose photo it is."""
    return Path(os.path.normpath(path.absolute()))


def _photo(file: Path, kind: Kind, settings: Settings) -> Photo:
    try:
        size = file.stat().st_size
        if size > settings.max_upload_bytes:
            raise Rejected(
                "file-too-large",
                f"This file has {size:,} bytes, more than the {settings.max_upload_bytes:,} of MAX_UPLOAD_BYTES.",
            )
        data = file.read_bytes()
    except OSError as error:
        raise Rejected("unreadable", f"This file cannot be read: {error.strerror}.") from error
    return normalise(data, settings.recipe.of(kind))


def _measures(photo: Photo) -> str:
    warning = f" ({photo.warning})" if photo.warning else ""
    return (
        f"{photo.source_format} {photo.source_width} x {photo.source_height} becomes "
        f"JPEG {photo.width} x {photo.height}, {len(photo.jpeg):,} bytes{warning}"
    )
