"""How each photo stands: pictures and receipts listed side by side, with no download of either."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from photo_sync.errors import SettingsError
from photo_sync.ledger import Line
from photo_sync.segment import LARGEST, listed
from photo_sync.settings import PHOTOS, RECEIPTS
from photo_sync.spelling import shown
from photo_sync.storage import Upload
from photo_sync.target import EXTENSIONS

if TYPE_CHECKING:
    from photo_sync.sync import PhotoSync

WAITING: Final = "waiting"
"""What stands in the place of an outcome where a picture has no receipt yet, or that of an older upload."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A photo's picture and its receipt; one of them may be missing."""

    name: str
    upload: Upload | None
    line: Line | None

    @property
    def own(self) -> Line | None:
        """The receipt, where it is about the picture that is there now, or about there being none any more."""
        is_old = self.line is not None and self.upload is not None and self.line.etag != self.upload.etag
        return None if is_old else self.line

    @property
    def outcome(self) -> str:
        """What became of it."""
        return self.own.outcome if self.own else WAITING

    @property
    def since(self) -> datetime | None:
        """Since when it stands so."""
        if self.own:
            return self.own.written
        return self.upload.uploaded if self.upload else None

    @property
    def unseen_since(self) -> datetime | None:
        """Since when the app has done nothing about the file that is there; None where it has, or is about to.

        A receipt of an earlier upload that is not final has the newest one looked at.
        """
        is_seen = self.own is not None or (self.line is not None and not self.line.is_final)
        return self.upload.uploaded if self.upload and not is_seen else None

    @property
    def reason(self) -> str:
        """Why, in a sentence."""
        return self.own.reason if self.own else "The app has not told yet what became of it."


def standings(job: "PhotoSync", prefix: str = "") -> Iterator[Standing]:
    """Yield all photos whose names begin with a prefix, in the order of their names."""
    uploads = ((upload.name, upload) for upload in listed(lambda token: job.photos.segment(token, prefix)))
    lines = ((line.photo, line) for line in listed(lambda token: job.ledger.segment(token, prefix, LARGEST)))
    for name, found in groupby(heapq.merge(uploads, lines, key=itemgetter(0)), key=itemgetter(0)):
        items = [item for _, item in found]
        upload = next((item for item in items if isinstance(item, Upload)), None)
        line = next((item for item in items if isinstance(item, Line)), None)
        yield Standing(name, upload, line)


def find(job: "PhotoSync", names: Iterable[str]) -> tuple[list[Standing], list[str]]:
    """Return the photos that a person means by these names, and the names that none has.

    A name may come with or without its extension, and with its container before it. Raises `SettingsError` for one that
    is empty: it would be the beginning of all.
    """
    found = {name: _named(job, name) for name in names}
    photos = {standing.name: standing for standings_ in found.values() for standing in standings_}
    return list(photos.values()), [name for name, standings_ in found.items() if not standings_]


def _named(job: "PhotoSync", given: str) -> list[Standing]:
    name = given.strip().lstrip("/").removeprefix(f"{PHOTOS}/").removeprefix(f"{RECEIPTS}/")
    if not name:
        raise SettingsError([f"“{shown(given)}” names no photo. Name one, such as users/ada@contoso.com."])
    return [found for found in standings(job, name) if name in {found.name, _stem(found.name)}]


def _stem(name: str) -> str:
    return name.rpartition(".")[0] if name.lower().endswith(EXTENSIONS) else name
