"""A contact sheet: one HTML file that shows each picture before and after, to be looked at and sent around."""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO, Final

from photo_sync.errors import Rejected
from photo_sync.folder.files import SHEET
from photo_sync.folder.judge import Judged
from photo_sync.folder.verdict import Verdict
from photo_sync.imaging.limits import Limits
from photo_sync.imaging.picture import Picture
from photo_sync.photo import preview
from photo_sync.spelling import shown

_EDGE: Final = 176  # pixels of a thumbnail's longer side: some 5 kB each
_QUALITY: Final = 78


class ContactSheet:
    """The file while it is written: the pictures wait on the disk, not in memory, until all files are judged."""

    def __init__(self, file: BinaryIO, waiting: IO[bytes]) -> None:
        self._file = file
        self._waiting = waiting
        self._sizes: list[int] = []

    @classmethod
    @contextmanager
    def written(cls, path: Path) -> Iterator["ContactSheet"]:
        """Write the file inside the block, which takes the place of the last one only when it is whole.

        Raises `OSError` where it cannot be written.
        """
        part = part_of(path)
        try:
            with part.open("wb") as file, TemporaryFile(dir=path.parent) as waiting:
                file.write(SHEET)
                file.flush()  # so that it is known for what it is, whatever happens
                yield cls(file, waiting)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def keep(self, pictures: str) -> None:
        """Take the HTML of a file's pictures, as `pair` makes it, until `finish` is called."""
        self._sizes.append(self._waiting.write(pictures.encode()))

    def finish(self, verdicts: Sequence[Verdict]) -> None:
        """Write the cards, in the order in which their pictures came."""
        before, after = _page().removeprefix(SHEET).split(b"{counts}")
        self._file.write(before + _counts(verdicts).encode() + after)
        self._waiting.seek(0)
        for verdict, size in zip(verdicts, self._sizes, strict=True):
            self._file.write(_card(verdict, self._waiting.read(size).decode()).encode())
        self._file.write(b"</main>\n</body>\n</html>\n")


def part_of(path: Path) -> Path:
    """Return where a contact sheet is written until it is whole."""
    return path.with_name(f"{path.name}.part")


def pair(judged: Judged, limits: Limits) -> str:
    """Return the HTML of one picture before and after."""
    after = _image(judged.jpeg, limits, "After") if judged.verdict.is_accepted else '<span class="none">not sent</span>'
    return f'{_image(judged.data, limits, "Before")}<span aria-hidden="true">→</span>{after}'


def _counts(verdicts: Sequence[Verdict]) -> str:
    well = sum(verdict.is_accepted for verdict in verdicts)
    return f"{len(verdicts):,} files: {well:,} accepted, {len(verdicts) - well:,} would be refused."


def _card(verdict: Verdict, pictures: str) -> str:
    """The HTML of one file: its pictures, its name, measures and, where it is refused, the reason."""
    return (
        f'<figure class="{"accepted" if verdict.is_accepted else "refused"}"><div class="pair">{pictures}</div>'
        f"<figcaption><b>{escape(shown(verdict.name or verdict.file))}</b>{''.join(_lines(verdict))}</figcaption>"
        "</figure>\n"
    )


def _lines(verdict: Verdict) -> Iterator[str]:
    """What is told below a picture's name."""
    for style, text in (
        ("reason", verdict.reason),
        ("reason", verdict.besides),
        ("doubt", verdict.warning),
        ("", f"Call it {shown(verdict.suggestion)}" if verdict.suggestion else ""),
        ("", verdict.target),
        ("", verdict.measures if verdict.is_accepted else ""),
    ):
        if text:
            yield f'<p class="{style}">{escape(text)}</p>'


def _image(data: bytes, limits: Limits, what: str) -> str:
    """A thumbnail as a part of the page; a picture that cannot be opened has none."""
    try:
        with BytesIO() as file:
            preview(Picture.open(data, limits), _EDGE).convert("RGB").save(file, "JPEG", quality=_QUALITY)
            text = base64.b64encode(file.getvalue()).decode()
    except Rejected:
        return '<span class="none">no picture</span>'
    return f'<img loading="lazy" alt="{what}" src="data:image/jpeg;base64,{text}">'


def _page() -> bytes:
    """The page up to its first card; its style is allowed by its hash, and nothing else is."""
    page = files("photo_sync.folder").joinpath("contact_sheet.html").read_bytes()
    (style,) = re.findall(rb"<style>(.*)</style>", page, re.DOTALL)
    return page.replace(b"{hash}", base64.b64encode(hashlib.sha256(style).digest()))
