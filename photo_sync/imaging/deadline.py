"""A file whose reading ends in time: decoders of JPEG and PNG ask for more between their blocks, and are refused it.

Those of WebP, HEIC and compressed TIFF read all at once and are held by their limits of pixels alone.
"""

import time
from io import BytesIO

from photo_sync.errors import Rejected


class TimedFile(BytesIO):
    """The bytes of a picture, to be read within so many seconds of this thread's CPU.

    After that, reading raises `Rejected`.
    """

    def __init__(self, data: bytes, seconds: float) -> None:
        super().__init__(data)
        self._seconds = seconds
        self._end = time.thread_time() + seconds

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as any file does, while there is time."""
        if time.thread_time() > self._end:
            raise Rejected(
                "too-slow",
                f"This picture takes more than the {self._seconds:g} seconds to decode that it may take here "
                "(MAX_PHOTO_SECONDS). "
                "Open it in an image editor, save it as a JPEG and upload that.",
            )
        return super().read(size)
