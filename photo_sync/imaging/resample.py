"""Shrinking to the photo's size: Lanczos' filter over the square alone, and no second copy of all the pixels."""

from math import ceil, floor
from typing import Final

from PIL import Image

from photo_sync.imaging.colour import Averageable
from photo_sync.imaging.orientation import Box

_ROWS: Final = 64
"""How many rows of the photo are made at a time: the filter's first pass keeps as many as one strip needs."""
_LARGE: Final = 6_000_000
"""How many pixels a picture must have for that to be worth it, where nothing must be converted before."""
_PIXELS: Final = 1_000_000
"""How many pixels are converted at a time, about."""
_GAP: Final = 3
"""How many times the final size is left for the filter, where plain averages of blocks come first: nobody sees them."""
_REACH: Final = 3  # Lanczos' filter looks at three of the photo's pixels to each side


def resample(image: Image.Image, box: Box, size: tuple[int, int]) -> Image.Image:
    """Shrink a box of the picture to that size.

    Pixels that cannot be averaged as they are (palettes, 16 bits, transparency) are converted piece by piece: all of
    them at once would take several times the picture's memory.
    """
    averageable = Averageable.of(image)
    photo = Image.new(averageable.mode, size)
    if image.mode == averageable.mode and image.mode not in {"LA", "RGBA"}:
        rows = _ROWS if image.width * image.height > _LARGE else size[1]
        for top in range(0, size[1], rows):
            photo.paste(_plain_strip(image, box, size, top, rows), (0, top))
    else:
        for top in range(0, size[1], _ROWS):
            photo.paste(_strip(image, averageable, box, size, top), (0, top))
    return photo


def _plain_strip(image: Image.Image, box: Box, size: tuple[int, int], top: int, most: int) -> Image.Image:
    """The photo's rows from `top` on, so many at most."""
    rows, down = min(most, size[1] - top), (box[3] - box[1]) / size[1]
    part = box[0], box[1] + top * down, box[2], min(box[1] + (top + rows) * down, box[3])
    return image.resize((size[0], rows), Image.Resampling.LANCZOS, part, reducing_gap=_GAP)


def _strip(image: Image.Image, averageable: Averageable, box: Box, size: tuple[int, int], top: int) -> Image.Image:
    """The photo's rows from `top` on, made of as many of the picture's as they need."""
    width, height = size
    across, down = (box[2] - box[0]) / width, (box[3] - box[1]) / height
    block = max(1, floor(min(across, down) / _GAP))
    rows = min(_ROWS, height - top)
    begin, end = box[1] + top * down, box[1] + (top + rows) * down
    reach = _REACH * max(1.0, across, down) + block
    left, upper = (max(0, floor((edge - reach) / block) * block) for edge in (box[0], begin))
    right, lower = min(image.width, ceil(box[2] + reach)), min(image.height, ceil(end + reach))
    blocks = _average(image, averageable, (left, upper, right, lower), block)
    inner = (box[0] - left) / block, (begin - upper) / block, (box[2] - left) / block, (end - upper) / block
    return blocks.resize((width, rows), Image.Resampling.LANCZOS, inner)


def _average(image: Image.Image, averageable: Averageable, area: tuple[int, int, int, int], block: int) -> Image.Image:
    """The area converted, each block of so many pixels a side averaged to one."""
    left, upper, right, lower = area
    blocks = Image.new(averageable.mode, (ceil((right - left) / block), ceil((lower - upper) / block)))
    rows = max(1, _PIXELS // (right - left) // block) * block
    for y in range(upper, lower, rows):
        piece = averageable.convert(image.crop((left, y, right, min(y + rows, lower))))
        blocks.paste(piece.reduce(block) if block > 1 else piece, (0, (y - upper) // block))
    return blocks
