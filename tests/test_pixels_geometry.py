"""Pictures that are shrunk: the right square at the right size, against Lanczos' filter in floating point."""

from collections.abc import Callable
from io import BytesIO
from typing import Final

import numpy as np
import pytest
from PIL import Image

from pictures import save
from pixel_files import (
    Bytes,
    Numbers,
    Order,
    decibels,
    deep,
    developed,
    exif,
    gradient,
    grey,
    large_photograph,
    lying,
    on_white,
    shrunk,
    soft_photograph,
    tiff,
)

Maker = Callable[[Bytes], tuple[bytes, Numbers]]
"""Makes a file of some pixels, and tells what is seen of them, 0 to 255."""


def _decoded(data: bytes) -> Bytes:
    """All the pixels of a JPEG at its full size."""
    with Image.open(BytesIO(data), formats=["JPEG"]) as image:
        return np.asarray(image)


# JPEGs, of which most are decoded at a half or a quarter. Measured: at full size 58.2 dB, at a half 53.2 (progressive
# 52.0), at a quarter 47.5. Half a pixel to the side of where it should be, a square is at 38 dB, at a quarter 28.


@pytest.mark.parametrize(("width", "height"), [(1301, 1999), (3061, 4600), (4352, 2903), (4861, 4865)], ids=str)
def test_a_large_jpeg_is_shrunk_as_if_it_were_decoded_in_full(width: int, height: int) -> None:
    data = save(Image.fromarray(large_photograph(width, height)), "JPEG", quality=92)

    assert decibels(developed(data), shrunk(_decoded(data))) > 46


@pytest.mark.parametrize(("orientation", "width", "height"), [(6, 2601, 3203), (8, 2601, 3203), (3, 3203, 2601)])
def test_a_large_progressive_jpeg_is_shrunk_and_turned_as_if_it_were_decoded_in_full(
    orientation: int, width: int, height: int
) -> None:
    upright = large_photograph(width, height)
    stored = Image.fromarray(lying(upright, orientation))

    data = save(stored, "JPEG", quality=92, progressive=True, exif=exif(orientation))

    assert decibels(developed(data), shrunk(upright)) > 40  # with the losses of the JPEG; measured 41.9


# Pictures that are converted before they are shrunk, strip by strip. They are neither dark nor bright: where the filter
# overshoots, whole numbers are clipped, and the reference is not.


def _plain(pixels: Bytes) -> tuple[bytes, Numbers]:
    return tiff(pixels, 2), pixels


def _veiled(pixels: Bytes) -> tuple[bytes, Numbers]:
    height, width, _ = pixels.shape
    alpha = gradient(width, height) // 2 + 127
    return tiff(np.dstack([pixels, alpha.astype(np.uint8)]), 2, more={338: (2,)}), on_white(pixels, alpha)


def _opaque(pixels: Bytes) -> tuple[bytes, Numbers]:
    alpha = np.full(pixels.shape[:2], 255, np.uint8)
    return tiff(np.dstack([pixels, alpha]), 2, more={338: (2,)}), pixels


def _of_a_palette(pixels: Bytes) -> tuple[bytes, Numbers]:
    picture = Image.fromarray(pixels).quantize(64, dither=Image.Dither.NONE)
    return save(picture, "TIFF"), np.array(picture.getpalette()).reshape(-1, 3)[np.asarray(picture)]


def _deep(pixels: Bytes, order: Order = "<") -> tuple[bytes, Numbers]:
    levels = deep(pixels[..., 1])
    return tiff(levels.astype(np.uint16)[..., None], 1, order), grey(levels / 257)


def _deep_in_the_other_order(pixels: Bytes) -> tuple[bytes, Numbers]:
    return _deep(pixels, ">")


def _floating(pixels: Bytes) -> tuple[bytes, Numbers]:
    return tiff((pixels[..., :1] / 255).astype(np.float32), 1), grey(pixels[..., 0])


NOISE: Final = np.random.default_rng(1).integers(64, 128, (1700, 1500, 3), np.uint8)
PORTRAIT: Final = large_photograph(1500, 1700) // 4 + NOISE
LANDSCAPE: Final = lying(PORTRAIT, 5)
SOFT: Final = soft_photograph(1500, 1500) // 2 + 64


@pytest.mark.parametrize(
    ("make", "pixels", "within"),
    [
        (_veiled, PORTRAIT, 3.0),  # it is multiplied by its alpha in 8 bits, and rounded
        (_opaque, LANDSCAPE, 1.5),
        (_of_a_palette, PORTRAIT, 1.5),
        (_deep, LANDSCAPE, 1.5),
        (_deep_in_the_other_order, SOFT, 1.5),
        (_floating, SOFT, 1.5),
    ],
)
def test_where_two_strips_meet_nothing_is_seen(make: Maker, pixels: Bytes, within: float) -> None:
    data, seen = make(pixels)

    error = np.abs(developed(data) - shrunk(seen)).max(axis=(1, 2))

    assert {row: worst for row, worst in enumerate(error) if worst > within} == {}


# Of a picture more than six times too large, blocks of pixels are averaged first, as wide as a third of that allows.
# Measured: at most 3.6 levels and at least 48.5 dB where it is transparent, else 2.4 and 53.7.


@pytest.mark.parametrize("edge", [97, 162])  # blocks of five pixels, and of three; neither divides the picture
@pytest.mark.parametrize(
    ("make", "within", "least"),
    [(_plain, 3, 52), (_veiled, 4.5, 48), (_opaque, 3, 52), (_deep, 3, 52)],
)
def test_a_picture_that_is_far_too_large_is_shrunk_as_if_no_blocks_were_averaged(
    make: Maker, within: float, least: float, edge: int
) -> None:
    data, seen = make(LANDSCAPE)
    pixels, expected = developed(data, edge), shrunk(seen, edge)

    assert np.abs(pixels - expected).max() <= within
    assert decibels(pixels, expected) > least
