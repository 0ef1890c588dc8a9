"""A JPEG decoded at a half, a quarter or an eighth of its size: how far down is close enough, and what that takes.

Its decoder leaves out the work for the rest; libjpeg calls it scaling, Pillow a draft. docs/performance.md has the
measurements that the numbers here come from.
"""

from itertools import islice
from typing import Final

from PIL.JpegImagePlugin import JpegImageFile

from photo_sync.imaging.scans import is_single, scans, without_finest

MAX_SCANS: Final = 100
"""Each one takes time by the picture's size, however few bytes it has; a progressive JPEG usually has ten."""

SMALLEST: Final = 8
"""The smallest is an eighth of the width and of the height."""

_GAP: Final = 1.875
"""How many times the final side it is decoded at, at least: less is seen, more is only slower."""
_AREA: Final = 19.5
"""How many times the final area it is decoded at, at most: 8.2 million pixels for 648 x 648, in 36 MB with the rest."""
_FINE: Final = 768
"""The sum of a JPEG's steps of brightness at quality 90; with such fine steps the last bits are not missed."""


def count_scans(image: JpegImageFile, data: bytes) -> int:
    """Return in how many scans it is drawn, counted up to one more than `MAX_SCANS`."""
    if "progressive" not in image.info and is_single(data, image.layers):
        return 1
    return max(2, sum(1 for _ in islice(scans(data), MAX_SCANS + 1)))


def bytes_to_keep(image: JpegImageFile, scan_count: int) -> float:
    """Return the bytes for each pixel that are kept until the last of several scans: two for each coefficient."""
    if scan_count == 1:
        return 0
    widest, highest = (max(layer[axis] for layer in image.layer) or 1 for axis in (1, 2))
    return 2 * sum(layer[1] * layer[2] for layer in image.layer) / (widest * highest)


def scale(size: tuple[int, int], side: int, edge: int, most_pixels: float) -> int:
    """Return at which part of its size to decode it, 1, 2, 4 or 8, for a square of it to become `edge` pixels a side.

    `most_pixels` is how many there is memory for; rather than take more, the photo becomes a smaller one.
    """
    scale = next((scale for scale in (SMALLEST, 4, 2) if side / scale >= edge * _GAP), 1)
    width, height = size

    def is_large(scale: int) -> bool:
        pixels = width * height / scale**2
        return pixels > most_pixels or (pixels > _AREA * edge**2 and side / scale >= edge)

    while scale < SMALLEST and is_large(scale):
        scale *= 2
    return scale


def needed(image: JpegImageFile, data: bytes, scale: int) -> bytes:
    """Return the bytes that are worth decoding: of a finely quantised progressive JPEG, all but its last bits."""
    if scale == 1 or "progressive" not in image.info or image.mode not in {"L", "RGB"}:
        return data
    channel, _, _, table = image.layer[0]
    return without_finest(data, channel) if sum(image.quantization.get(table, ())) <= _FINE else data
