"""A list that names files otherwise than they are named on disk: a CSV with the columns `file` and `target`."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from photo_sync.errors import Rejected, SettingsError
from photo_sync.spelling import shown
from photo_sync.target import EXTENSIONS

_MOST_MISTAKES: Final = 20


@dataclass(frozen=True, slots=True)
class NameList:
    """The list: for each file, by its name as it is compared, how the list writes it, and what it is to be called."""

    path: Path
    lines: dict[str, tuple[str, str]]

    @classmethod
    def read(cls, path: Path) -> "NameList":
        """Read the list, in UTF-8 and with commas, semicolons or tabs, as Excel writes it.

        Raises `SettingsError` with a sentence for every bad line, and for a file that is no such list.
        """
        named = shown(str(path))
        try:
            text = path.read_text("utf-8-sig")
        except UnicodeDecodeError as error:
            raise SettingsError([f"{named} is not UTF-8. In Excel, save it as “CSV UTF-8”."]) from error
        except OSError as error:
            raise SettingsError([f"{named} cannot be read: {error.strerror}."]) from error
        lines = dict[str, tuple[str, str]]()
        mistakes = [f"{named}, {mistake}" for mistake in _fill(lines, text)]
        if more := mistakes[_MOST_MISTAKES:]:
            mistakes[_MOST_MISTAKES:] = [f"{named}: {len(more):,} more lines are wrong."]
        if mistakes:
            raise SettingsError(mistakes)
        return cls(path, lines)

    def name(self, path: str) -> str:
        """Return the name for a file, by its path from the root; raises `Rejected` where no line has it."""
        if (line := self.lines.get(_key(path))) is None:
            raise Rejected(
                "not-in-list", f"No line of {shown(self.path.name)} names this file. Add it, or leave it out."
            )
        _, target = line
        return target if target.lower().endswith(EXTENSIONS) else target + PurePosixPath(path).suffix

    def missing(self, paths: Iterable[str]) -> list[str]:
        """Return the files that lines name and that are not among those, which are paths from the root."""
        there = set(map(_key, paths))
        return [file for key, (file, _) in self.lines.items() if key not in there]


def _fill(lines: dict[str, tuple[str, str]], text: str) -> Iterator[str]:
    """Take the lines in, and yield what is wrong with each that is."""
    text, skipped = _without_hint(text)
    header = text.partition("\n")[0]
    delimiter = next((mark for mark in ";\t" if mark in header), ",")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [cell.strip().lower() for cell in next(rows, [])]
        if not {"file", "target"} <= set(columns):
            yield f"line {1 + skipped}: the first line must name the columns: file,target."
            return
        file_at, target_at = columns.index("file"), columns.index("target")
        for row in rows:
            if any(cell.strip() for cell in row):
                yield from _take(lines, row, file_at, target_at, rows.line_num + skipped)
    except csv.Error as error:
        yield f"line {rows.line_num + skipped}: this is no CSV ({error})."


def _without_hint(text: str) -> tuple[str, int]:
    """The text without the line that tells Excel how cells are parted (sep=;), and how many lines that was."""
    first, _, others = text.partition("\n")
    return (others, 1) if first.strip().strip('"').lower().startswith("sep=") else (text, 0)


def _take(
    lines: dict[str, tuple[str, str]], row: list[str], file_at: int, target_at: int, number: int
) -> Iterator[str]:
    cells = [row[at].strip() if at < len(row) else "" for at in (file_at, target_at)]
    if missing := [column for column, cell in zip(("file", "target"), cells, strict=True) if not cell]:
        yield f"line {number}: the {missing[0]} is missing."
        return
    key = _key(cells[0])
    if key in lines:
        yield f"line {number}: the file “{shown(cells[0])}” stands in another line already."
        return
    lines[key] = cells[0], cells[1]


def _key(path: str) -> str:
    """A file's path as it is compared: Windows minds neither slash nor case, and macOS takes accents apart."""
    return unicodedata.normalize("NFC", path.replace("\\", "/").removeprefix("./")).casefold()
