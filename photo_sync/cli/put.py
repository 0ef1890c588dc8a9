"""`photo-sync put`: one photo by hand, as whoever is signed in."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photo_sync.cli.deployment import local_settings, signed_in
from photo_sync.cli.terminal import AsJson, err, out, print_json
from photo_sync.errors import Rejected, TryLater
from photo_sync.spelling import shown

if TYPE_CHECKING:
    from photo_sync.connection import Connection
    from photo_sync.folder.verdict import Verdict
    from photo_sync.settings import Settings
    from photo_sync.target import Target


def put(
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="Whose photo: me, users/ada@contoso.com, groups/<id> and so on.")
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The picture.")],
    as_json: AsJson = False,
) -> None:
    """Send one photo now, as whoever is signed in here.

    That is whoever has said `az login`. With --json, one document: the `target`, `accepted`, and why not (`code`,
    `reason`).

    Example: photo-sync put me portrait.png
    """
    from photo_sync.folder.verdict import Verdict

    settings = local_settings()
    verdict, answer = Verdict(file=str(file), name=target), ""
    try:
        verdict = _put(verdict, file, settings)
    except Rejected as refusal:
        verdict, answer = verdict.refused(refusal), f" [{refusal.answer}]" if refusal.answer else ""
    except TryLater as fault:
        verdict, answer = verdict.refused(Rejected(fault.code, str(fault))), " Try again in a while."
    if as_json:
        told = {"file": verdict.file, "target": verdict.target or target, "accepted": verdict.is_accepted}
        print_json({**told, "code": verdict.code, "reason": verdict.reason})
    elif verdict.is_accepted:
        out.print(
            f"✓ {shown(verdict.file)} → {verdict.target}: {verdict.measures}. Microsoft 365 may show it hours later."
        )
    else:
        err.print(f"✗ {shown(verdict.file)}: {verdict.reason}{answer}")
    raise typer.Exit(0 if verdict.is_accepted else 1)


def _put(verdict: "Verdict", file: Path, settings: "Settings") -> "Verdict":
    """Send it, and return what was sent; raises `Rejected` or `TryLater`."""
    from photo_sync.connection import Connection
    from photo_sync.folder.judge import read
    from photo_sync.graph import Graph
    from photo_sync.photo import normalise
    from photo_sync.throttle import Throttle

    connection = Connection(settings.graph_url, signed_in(), Throttle(settings.graph_concurrency))
    target = _recipient(verdict.name, settings, connection)
    photo = normalise(read(file, settings.max_upload_bytes), settings.recipe.of(target.kind))
    Graph(connection).put_photo(target, photo.jpeg)
    return replace(verdict.with_photo(photo), target=target.photo_path)


def _recipient(given: str, settings: "Settings", connection: "Connection") -> "Target":
    """Whose photo it is; what is `me` belongs to whoever is signed in, and needs nobody's leave."""
    from photo_sync.directory import Directory
    from photo_sync.folder.judge import naming_of
    from photo_sync.target import EXTENSIONS, Target

    name = given if given.lower().endswith(EXTENSIONS) else f"{given}.jpg"
    target = Target.parse(name, contacts_mailbox=settings.contacts_mailbox)
    if target.parts[0] == "me":
        return target
    return naming_of(settings).recipient(name, Directory(connection, settings.user_match).person)
