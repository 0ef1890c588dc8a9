"""`photo-sync remove`: a file goes, and the photo that was made of it."""

from typing import Annotated, Final

import typer

from photo_sync.cli.deployment import deployment
from photo_sync.cli.terminal import AsJson, Yes, ask, err, files, out, print_json, tell_unknown
from photo_sync.spelling import shown

_LATER: Final = 10  # seconds until the first order counts: the second one is there by then, unless this has ended


def remove(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Photos, as they are named.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Delete files, and their photos in Microsoft 365.

    A photo that somebody else has set since stays. The photos of contacts and teams stay: Microsoft Graph cannot delete
    those. With --json, one document: `removed` has the photos, `unknown` the names that nothing is known of.

    Example: photo-sync remove users/ada@contoso.com --yes
    """
    from photo_sync.retries import Retry
    from photo_sync.standing import find

    its = deployment()
    found, unknown = find(its.job, names)
    photos = [standing.name for standing in found]
    for photo in photos:
        err.print(f"{shown(photo)}{_stays(photo, its.settings.contacts_mailbox)}")
    if photos:
        ask(f"Delete {files(len(photos))}, and the photo in Microsoft 365?", yes=yes)
    for photo in photos:
        its.job.retries.send(Retry(photo, remove=True), after=_LATER)
        its.drop.take(photo)
        its.job.retries.send(Retry(photo, remove=True), after=0)
    if as_json:
        print_json({"removed": photos, "unknown": unknown})
    else:
        out.print(
            f"{files(len(photos))} deleted. The app deletes the photos: `photo-sync show` tells what became of one."
        )
    tell_unknown(unknown)


def _stays(photo: str, contacts_mailbox: str | None) -> str:
    """What is said of a photo that Graph cannot delete."""
    from photo_sync.errors import Rejected
    from photo_sync.graph import DELETABLE
    from photo_sync.target import Target

    try:
        kind = Target.parse(photo, contacts_mailbox=contacts_mailbox).kind
    except Rejected:
        return ""
    return "" if kind in DELETABLE else ": the file only. Microsoft Graph cannot delete the photo of a contact or team."
