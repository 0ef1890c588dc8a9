"""The JPEG that leaves: baseline, no metadata, never more bytes than every store of Microsoft 365 takes."""

from io import BytesIO
from typing import Final

from PIL import Image

QUALITY: Final = 90
LOWEST_QUALITY: Final = 40
MIN_BUDGET: Final = 10_000
"""Bytes within which the smallest photo always fits: fewer cannot be asked for."""


def encode(image: Image.Image, max_bytes: int) -> tuple[bytes, int]:
    """Encode a square RGB picture as the best JPEG of at most `max_bytes`; returns it with its side in pixels.

    The quality falls first, from 90 down to 40; a picture that does not fit even so is made smaller.
    """
    while (jpeg := _best(image, max_bytes)) is None:
        side = image.width * 3 // 4
        image = image.resize((side, side), Image.Resampling.LANCZOS)
    return jpeg, image.width


def _best(image: Image.Image, max_bytes: int) -> bytes | None:
    """The JPEG of the highest quality that fits, found by halving; None where the lowest quality does not."""
    jpeg = _save(image, QUALITY)
    if len(jpeg) <= max_bytes:
        return jpeg
    best, low, high = None, LOWEST_QUALITY, QUALITY - 1
    while low <= high:
        quality = (low + high) // 2
        jpeg = _save(image, quality)
        if len(jpeg) <= max_bytes:
            best, low = jpeg, quality + 1
        else:
            high = quality - 1
    return best


def _save(image: Image.Image, quality: int) -> bytes:
    file = BytesIO()
    # An empty comment, because Pillow writes the one that the upload came with where none is given.
    image.save(file, "JPEG", quality=quality, subsampling="4:2:0", comment=b"")
    return file.getvalue()
