"""The files of a folder on this machine, and the names that count: their paths from the root that stands for photos."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from photo_sync.errors import Rejected
from photo_sync.spelling import shown
from photo_sync.target import EXTENSIONS, SHAPES

CHECKED: Final = ".checked.jpg"
"""How the name of a JPEG ends that `photo-sync check --write` has written."""
SHEET: Final = b"<!doctype html><!-- photo-sync: a contact sheet -->"
"""What a contact sheet begins with."""

_HIDDEN: Final = frozenset({"thumbs.db", "desktop.ini"})  # Windows writes and hides these


@dataclass(frozen=True, slots=True)
class File:
    """A file, and the folder that stands for the container."""

    path: Path
    root: Path

    def name(self) -> str:
        """Return its path as it counts from the root; raises `Rejected` where it is not below that.

        A link keeps its own name, which is the one that says whose photo it is.
        """
        root = _absolute(self.root)
        try:
            return _absolute(self.path).relative_to(root).as_posix()
        except ValueError:
            raise Rejected(
                "outside-root",
                f"This file is not below {shown(str(root))}. Name the folder that holds users/ with --root.",
            ) from None


def files(paths: Iterable[Path], root: Path) -> Iterator[File]:
    """Yield files, and all that are below folders; a file's name counts from the root, one in a folder from there.

    What is hidden is left out, what photo-sync itself has written, and what came before. Raises `OSError` for a folder
    that cannot be listed.
    """
    seen = set[Path]()
    for path in paths:
        own = (File(found, path) for found in _below(path)) if path.is_dir() else [File(path, root)]
        for file in own:
            if (at := _absolute(file.path)) not in seen and not _is_ours(file.path):
                seen.add(at)
                yield file


def is_sheet(path: Path) -> bool:
    """Say whether a file is a contact sheet, by what it begins with."""
    try:
        with path.open("rb") as file:
            return file.read(len(SHEET)) == SHEET
    except OSError:
        return False


def misplaced(folder: Path) -> str:
    """Return a sentence where a folder should probably not be the one that names count from; else nothing."""
    if _absolute(folder).name.lower() not in {shape.name.partition("/")[0] for shape in SHAPES}:
        return ""
    told = f"Names count from the folder that you name, here from {shown(str(folder))}."
    return f"{told} Name the one above it to keep that word."


def _below(folder: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder, onerror=_fail):
        links = [name for name in folders if os.path.islink(os.path.join(at, name))]  # noqa: PTH114, PTH118 - many
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names + links):  # a link to a folder is refused as what it is: it may lead in a circle
            path = Path(at, name)
            if not name.startswith(".") and name.lower() not in _HIDDEN:
                yield path


def _fail(error: OSError) -> None:
    raise error


def _is_ours(path: Path) -> bool:
    if path.name.lower().endswith(EXTENSIONS):
        return path.name.endswith(CHECKED)
    return path.is_file() and is_sheet(path)


def _absolute(path: Path) -> Path:
    return Path(os.path.normpath(path.absolute()))
