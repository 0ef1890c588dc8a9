"""The command line: what would become of files, getting them up, what became of them, and what to do about it."""

import io
import logging
import os
import sys
from typing import Annotated, Final

from photo_sync import __version__

try:
    import typer

    from photo_sync.cli.terminal import err, out
except ModuleNotFoundError as missing:
    sys.exit(f"The command line needs one package more ({missing.name}): pip install 'photo-sync[cli]'")

from photo_sync.cli.check import check
from photo_sync.cli.doctor import doctor
from photo_sync.cli.put import put
from photo_sync.cli.queue import reconcile, resync, retry
from photo_sync.cli.remove import remove
from photo_sync.cli.show import show
from photo_sync.cli.status import status
from photo_sync.cli.upload import upload

app = typer.Typer(no_args_is_help=True, add_completion=True, rich_markup_mode=None, pretty_exceptions_enable=False)
for _command in (check, upload, status, show, retry, remove, resync, reconcile, put, doctor):
    app.command()(_command)

_INTERRUPTED: Final = 130


def main() -> None:
    """Run the command line; every mistake of the user's ends in a sentence, and in a status that tells its kind.

    0: all is well. 1: something was refused, has failed or is not settled. 2: the command or a setting is wrong.
    """
    logging.getLogger("azure").setLevel(logging.CRITICAL)  # what matters of theirs is in our sentence
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a report for a code page that has no “✓” is a report all the same
    try:
        app()
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            _leave()
        raise
    except Exception as error:
        from photo_sync.cli.mistake import EXPECTED, explain

        if not isinstance(error, EXPECTED):
            raise
        sentences, end_status = explain(error)
        for sentence in sentences:
            err.print(sentence)
        sys.exit(end_status)


def _leave() -> None:
    """End at once, whatever is still under way: a file that is being uploaded is there as a whole, or not at all."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(_INTERRUPTED)


def _show_version(asked: bool) -> None:
    if asked:
        out.print(f"photo-sync {__version__}")
        raise typer.Exit


@app.callback()
def photo_sync(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Put people's pictures into Microsoft 365.

    Example: photo-sync check users/ada@contoso.com.png
    """
