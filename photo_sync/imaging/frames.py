"""How many frames an animation has, told without decoding any."""

from collections.abc import Iterator
from itertools import islice

from PIL.ImageFile import ImageFile


def count(image: ImageFile, data: bytes, *, most: int) -> int:
    """Count a picture's frames; the count may end at `most`. The pages of a TIFF are no animation and count as one."""
    if image.format == "GIF":
        return sum(1 for _ in islice(_gif_frames(data), most))
    return 1 if image.format == "TIFF" else int(getattr(image, "n_frames", 1))


def _gif_frames(data: bytes) -> Iterator[int]:
    """Where each frame of a GIF begins, found by its blocks' lengths alone (GIF89a, sections 17 to 24)."""

    def table_size(flags: int) -> int:
        return 3 << ((flags & 7) + 1) if flags & 0x80 else 0

    def after_blocks(at: int) -> int:
        while at < len(data) and data[at]:
            at += 1 + data[at]
        return at + 1

    at = 13 + table_size(data[10])
    while at + 9 < len(data):
        if data[at] == 0x21:
            at = after_blocks(at + 2)
        elif data[at] == 0x2C:
            yield at
            at = after_blocks(at + 11 + table_size(data[at + 9]))
        else:
            return
