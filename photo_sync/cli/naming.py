"""What a command's files are called in the container, where that is not as on disk: by a pattern, or by a list."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from photo_sync.cli.terminal import files as in_words
from photo_sync.cli.terminal import misused
from photo_sync.errors import Rejected
from photo_sync.spelling import shown

if TYPE_CHECKING:
    from photo_sync.folder.files import File
    from photo_sync.folder.judge import NameOf
    from photo_sync.folder.name_list import NameList

Rename = Annotated[
    str, typer.Option(metavar="PATTERN", help="Name files by a pattern of {stem}, {name}, {folder}, {extension}.")
]
Map = Annotated[
    Path | None,
    typer.Option("--map", metavar="CSV", help="Name files by a list with the columns file,target.", dir_okay=False),
]

_FEW: Final = 5  # files are named in a sentence


def read_list(path: Path | None, rename: str) -> "NameList | None":
    """Return the list, where there is one; a pattern beside it is wrong use. Raises `SettingsError` for a bad list."""
    from photo_sync.folder.name_list import NameList

    if rename and path:
        misused("--rename and --map both name the files: use one of them.")
    return NameList.read(path) if path else None


def name_by(rename: str, names: "NameList | None") -> "NameOf":
    """Return what gives a file its name; raises `SettingsError` for a bad pattern."""
    from photo_sync.folder.files import File
    from photo_sync.folder.pattern import Pattern

    if not rename and names is None:
        return File.name
    rule = names or Pattern.parse(rename)
    return lambda file: rule.name(file.name())


def without_list(found: "Iterable[File]", name_list: Path | None) -> "list[File]":
    """Return the files but for the list itself; raises `OSError` for a folder that cannot be listed."""

    def is_list(path: Path) -> bool:
        return name_list is not None and path.name == name_list.name and path.exists() and path.samefile(name_list)

    return [file for file in found if not is_list(file.path)]


def names_of(own: "Iterable[File]", name_of: "NameOf") -> Iterator[str]:
    """Yield the names of those files that have one."""
    for file in own:
        with suppress(Rejected):
            yield name_of(file)


def missing(names: "NameList | None", own: "Iterable[File]") -> str:
    """Return a sentence about the lines of the list whose files are not there; empty where there are none."""
    from photo_sync.folder.files import File

    lost = names.missing(names_of(own, File.name)) if names else []
    if not names or not lost:
        return ""
    told = f"{in_words(len(lost))} that {'is' if len(lost) == 1 else 'are'} not in the folder"
    few = ", ".join(f"“{shown(file)}”" for file in lost[:_FEW])
    more = f" and {len(lost) - _FEW:,} more" if len(lost) > _FEW else ""
    return f"{shown(names.path.name)} names {told}: {few}{more}."
