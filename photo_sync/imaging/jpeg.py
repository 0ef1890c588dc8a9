"""The JPEG that leaves: baseline, no metadata, never more bytes than every store of Microsoft 365 takes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from math import exp, log
from typing import Final

from PIL import Image

QUALITY: Final = 90
LOWEST_QUALITY: Final = 40

_ENOUGH: Final = 0.955  # of the budget; what is to be gained above is not worth another try
_AIM: Final = 0.98
_MOST_TRIES: Final = 4
_SHRINKING: Final = 0.56  # a smaller side saves a little less than its square: there is more in each pixel then
_USUAL_SLOPE: Final = -0.55  # of the logarithm of a JPEG's bytes over that of its coarseness, as photographs have it
_SLOPES: Final = (-3.0, -0.2)  # what is believed, where two tries say otherwise


@dataclass(frozen=True, slots=True)
class Try:
    """A JPEG, and the quality and the side in pixels it was encoded with."""

    jpeg: bytes = field(repr=False)
    quality: int
    side: int


def encode(image: Image.Image, max_bytes: int) -> tuple[bytes, int]:
    """Encode a square RGB picture as a JPEG of at most `max_bytes`; returns it with its side in pixels.

    The quality falls first, from 90 down to 40, and no further than it must; a picture that does not fit even so is
    made smaller.
    """
    best = max((one for one in tries(image, max_bytes) if len(one.jpeg) <= max_bytes), key=lambda one: one.quality)
    return best.jpeg, best.side


def tries(image: Image.Image, max_bytes: int) -> Iterator[Try]:
    """Yield one JPEG after the other, until one fills the budget or no better one is likely; the last side's fit."""
    quality = QUALITY
    while True:
        smallest = None
        for one in _tries_at_its_side(image, max_bytes, quality):
            yield one
            smallest = one if smallest is None or one.quality < smallest.quality else smallest
        if smallest is None or len(smallest.jpeg) <= max_bytes:
            return
        side = min(int(image.width * (_AIM * max_bytes / len(smallest.jpeg)) ** _SHRINKING), image.width - 1)
        image, quality = image.resize((side, side), Image.Resampling.LANCZOS), LOWEST_QUALITY


def _tries_at_its_side(image: Image.Image, max_bytes: int, first: int) -> Iterator[Try]:
    """Approach the best quality that fits; ends with one that does, or with the lowest there is."""
    fits, over, sizes = LOWEST_QUALITY - 1, QUALITY + 1, dict[int, int]()
    quality = first
    while fits < quality < over:
        jpeg = _save(image, quality)
        yield Try(jpeg, quality, image.width)
        sizes[quality] = len(jpeg)
        if len(jpeg) > max_bytes:
            over = quality
        else:
            fits = quality
        is_enough = _ENOUGH * max_bytes <= len(jpeg) <= max_bytes
        if is_enough or (fits >= LOWEST_QUALITY and len(sizes) >= _MOST_TRIES):
            return
        quality = min(max(_predict(sizes, _AIM * max_bytes), fits + 1), over - 1)


def _predict(sizes: dict[int, int], wanted: float) -> int:
    """Return the quality at which a JPEG would have the wanted size, going by those of the last one or two tries.

    The logarithm of its size falls nearly in proportion to that of its coarseness.
    """
    *others, last = sizes
    slope = _USUAL_SLOPE
    for other in others[-1:]:
        measured = log(sizes[last] / sizes[other]) / log(_coarseness(last) / _coarseness(other))
        slope = min(max(measured, _SLOPES[0]), _SLOPES[1])
    coarseness = _coarseness(last) * exp(log(wanted / sizes[last]) / slope)
    return round(100 - coarseness / 2 if coarseness < 100 else 5_000 / coarseness)


def _coarseness(quality: int) -> float:
    """How far libjpeg stretches the steps of its tables at that quality, in percent."""
    return 5_000 / quality if quality < 50 else 200 - 2 * quality


def _save(image: Image.Image, quality: int) -> bytes:
    file = BytesIO()
    # An empty comment, because Pillow writes the one that the upload came with where none is given.
    image.save(file, "JPEG", quality=quality, subsampling="4:2:0", comment=b"")
    return file.getvalue()
