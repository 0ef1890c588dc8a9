"""A photo as it was sent, small: made from the file by the job itself, for nobody keeps the JPEG that was sent."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Final, cast

from photo_sync.errors import Overtaken, Rejected
from photo_sync.page.reply import Declined, Reply
from photo_sync.receipts import Outcome, Receipt

if TYPE_CHECKING:
    from photo_sync.storage import Upload
    from photo_sync.sync import PhotoSync
    from photo_sync.target import Kind

EDGE: Final = 192
"""The side of a thumbnail in pixels: twice that of the largest one on the page, for screens that have it."""

_AT_A_TIME: Final = 2
_WAITING: Final = 2  # more would take all of the worker's few threads
_PATIENCE: Final = 5.0  # seconds
_KEPT: Final = 200  # of some 10 kB each
_REST: Final = 1  # seconds
_QUALITY: Final = 85
_FOR_GOOD: Final = {"Cache-Control": "private, max-age=31536000, immutable"}


class Thumbnails:
    """Makes them, few at a time, and keeps the last: each takes as much memory and CPU as the photo itself took."""

    def __init__(self, job: Callable[[], "PhotoSync"]) -> None:
        self._job = job
        self._door = threading.BoundedSemaphore(_AT_A_TIME + _WAITING)
        self._room = threading.BoundedSemaphore(_AT_A_TIME)
        self._kept = _Kept()

    def reply(self, name: str, etag: str) -> Reply:
        """Return the photo that was made of this very upload, as a JPEG that may be kept: its address names the upload.

        Raises `Declined`: 404 where the file, or what became of it, is another one by now, 503 where too many are
        being made.
        """
        job = self._job()
        upload, kind = _sent(job, name, etag)
        version = (name, etag, job.pipeline)
        jpeg = self._kept.find(version)
        if jpeg is None:
            with self._turn():
                jpeg = self._kept.find(version) or self._kept.keep(version, _make(job, upload, kind))
        return Reply(200, "image/jpeg", jpeg, _FOR_GOOD)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait a while until another one may be made, as far as there is room to wait; raises `Declined`."""
        if not self._door.acquire(blocking=False):
            raise _later()
        try:
            if not self._room.acquire(timeout=_PATIENCE):
                raise _later()
            try:
                yield
            finally:
                self._room.release()
        finally:
            self._door.release()


class _Kept:
    """The thumbnails that were wanted last, by name, ETag and pipeline."""

    def __init__(self) -> None:
        self._jpegs = OrderedDict[tuple[str, str, str], bytes]()
        self._lock = threading.Lock()

    def find(self, version: tuple[str, str, str]) -> bytes | None:
        with self._lock:
            if version in self._jpegs:
                self._jpegs.move_to_end(version)
            return self._jpegs.get(version)

    def keep(self, version: tuple[str, str, str], jpeg: bytes) -> bytes:
        with self._lock:
            self._jpegs[version] = jpeg
            if len(self._jpegs) > _KEPT:
                self._jpegs.popitem(last=False)
        return jpeg


def is_as_sent(receipt: Receipt | None, upload: "Upload | None") -> bool:
    """Say whether the file is still the one that became the photo which the receipt tells of."""
    if receipt is None or upload is None:
        return False
    return receipt.outcome in {Outcome.SYNCED, Outcome.UNCHANGED} and receipt.etag == upload.etag


def _sent(job: "PhotoSync", name: str, etag: str) -> "tuple[Upload, Kind]":
    """Find the upload, and of whose photo it is; raises `Declined` where it is another one by now."""
    entry, upload = job.look(name)
    if not (entry.receipt and upload and is_as_sent(entry.receipt, upload) and upload.etag == etag):
        raise Declined(404, "This file was changed or deleted since, or it has not become a photo.")
    return upload, cast("Kind", entry.receipt.kind)


def _make(job: "PhotoSync", upload: "Upload", kind: "Kind") -> bytes:
    try:
        return _shrunk(job.make_photo(job.photos.read(upload), kind).jpeg)
    except (Overtaken, Rejected) as reason:
        raise Declined(404, f"This file does not become a photo any more: {reason}") from reason


def _later() -> Declined:
    return Declined(503, "Other pictures are being made. This one comes in a moment.", rest=_REST)


def _shrunk(jpeg: bytes) -> bytes:
    from PIL import Image

    file = BytesIO()
    with Image.open(BytesIO(jpeg)) as photo:
        photo.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS)
        photo.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
