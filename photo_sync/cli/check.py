"""`photo-sync check`: what would become of files if they were uploaded."""

from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photo_sync.cli.deployment import local_settings
from photo_sync.cli.naming import Map, Rename, missing, name_by, read_list, without_list
from photo_sync.cli.terminal import AsJson, counted, err, files, misused, out, print_json
from photo_sync.spelling import shown

if TYPE_CHECKING:
    from photo_sync.folder.files import File
    from photo_sync.folder.judge import NameOf
    from photo_sync.folder.verdict import Verdict


def check(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Pictures, or folders of them, named as they would be uploaded."),
    ],
    root: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER", help="The folder that stands for the container: a file's name counts from here."
        ),
    ] = Path(),
    rename: Rename = "",
    name_list: Map = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write the resulting JPEG beside each file, as NAME.checked.jpg.")
    ] = False,
    contact_sheet: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Write an HTML file that shows each before and after."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what would become of each file, without sending anything.

    The name of a file that stands in a folder PATH counts from that folder. With --json, one line for each file.

    Example: photo-sync check users/ada@contoso.com.png
    """
    from photo_sync.folder.files import files as found
    from photo_sync.folder.files import misplaced

    if contact_sheet:
        _spare(contact_sheet)
    names = read_list(name_list, rename)
    name_of, own = name_by(rename, names), without_list(found(paths, root), name_list)
    verdicts = _verdicts(own, name_of, write=write, contact_sheet=contact_sheet)
    for verdict in verdicts:
        _tell(verdict, as_json=as_json)
    folders = [path for path in paths if path.is_dir()]
    for told in filter(None, (*map(misplaced, folders), missing(names, own) if folders else "")):
        err.print(told)
    accepted = sum(verdict.is_accepted for verdict in verdicts)
    refused = len(verdicts) - accepted
    if not as_json and len(verdicts) != 1:
        out.print(f"{files(len(verdicts))}: {accepted:,} accepted, {refused:,} would be refused.")
    raise typer.Exit(1 if refused else 0)


def _spare(path: Path) -> None:
    """End the command where writing the contact sheet would destroy a file that is none."""
    from photo_sync.folder.contact_sheet import part_of
    from photo_sync.folder.files import is_sheet

    for at in (path, part_of(path)):
        is_free = not at.exists() or (at.is_file() and (at.stat().st_size == 0 or is_sheet(at)))
        if not is_free:
            misused(f"{shown(str(at))} is there already and is no contact sheet: name another file.")


def _verdicts(own: "list[File]", name_of: "NameOf", *, write: bool, contact_sheet: Path | None) -> "list[Verdict]":
    """The verdicts on the files, which are written down meanwhile as it was wanted."""
    from photo_sync.folder.agreement import agreed
    from photo_sync.folder.contact_sheet import ContactSheet, pair
    from photo_sync.folder.files import CHECKED
    from photo_sync.folder.judge import judge
    from photo_sync.folder.parallel import MAKERS, in_parallel

    settings = local_settings()

    def look(file: "File") -> "tuple[Verdict, str]":
        judged = judge(file, settings, name_of)
        if write and judged.verdict.is_accepted:
            file.path.with_name(file.path.name + CHECKED).write_bytes(judged.jpeg)
        return judged.verdict, pair(judged, settings.recipe.limits) if contact_sheet else ""

    verdicts = []
    with ContactSheet.written(contact_sheet) if contact_sheet else nullcontext() as sheet:
        for verdict, pictures in counted("Looking at the files", in_parallel(look, own, MAKERS), len(own)):
            verdicts.append(verdict)
            if sheet:
                sheet.keep(pictures)
        verdicts = agreed(verdicts)
        if sheet:
            sheet.finish(verdicts)
    return verdicts


def _tell(verdict: "Verdict", *, as_json: bool) -> None:
    if as_json:
        print_json({"accepted": verdict.is_accepted} | asdict(verdict))
        return
    hint = f" Call it “{shown(verdict.suggestion)}”." if verdict.suggestion else ""
    if verdict.is_accepted:
        warning = f" ({verdict.warning})" if verdict.warning else ""
        told = f"✓ {shown(verdict.file)} → {verdict.target}: {verdict.measures}{warning}{hint}"
    else:
        besides = f" Besides: {verdict.besides}" if verdict.besides else ""
        told = f"✗ {shown(verdict.file)}: {verdict.reason}{besides}{hint}"
    out.print(told)
