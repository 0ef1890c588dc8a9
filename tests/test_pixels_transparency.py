"""Whatever is transparent, and in whatever way, against what arithmetic makes of it on white: before the JPEG."""

import numpy as np
import pytest
from PIL import Image

from pictures import BLACK, GREEN, WHITE, Colour, save
from pixel_files import (
    ALPHA,
    DEEP,
    DEEP_ALPHA,
    LEVELS,
    PHOTOGRAPH,
    Bytes,
    Floats,
    Numbers,
    decibels,
    developed,
    furthest,
    grey,
    on_white,
    photograph,
    png_of,
    shrunk,
    tiff,
)

MULTIPLIED = np.rint(PHOTOGRAPH * (ALPHA[..., None] / 255)).astype(np.uint8)
PALETTE = Image.fromarray(PHOTOGRAPH).quantize(200)
COLOURS = np.array(PALETTE.getpalette()).reshape(-1, 3)[np.asarray(PALETTE)]

WITHIN = 2.5
"""Levels. To be averaged, colours are multiplied by their alpha, in 8 bits: that rounds, and so do the steps after."""


def _tiff_with_alpha(*channels: Numbers, photometric: int, kind: int) -> bytes:
    """`kind` is 1 where the colours are multiplied by the alpha already, and 2 where they are not."""
    return tiff(np.dstack(channels), photometric, more={338: (kind,)})


@pytest.mark.parametrize(
    "data",
    [
        save(Image.fromarray(np.dstack([PHOTOGRAPH, ALPHA])), "PNG"),
        save(Image.fromarray(np.dstack([PHOTOGRAPH, ALPHA])), "TIFF"),
        save(Image.fromarray(np.dstack([PHOTOGRAPH, ALPHA])), "WebP", lossless=True, exact=True),
        png_of(np.dstack([PHOTOGRAPH, ALPHA]), interlaced=True),
        png_of(np.dstack([DEEP, DEEP_ALPHA])),
        _tiff_with_alpha(DEEP, DEEP_ALPHA, photometric=2, kind=2),
        _tiff_with_alpha(MULTIPLIED, ALPHA, photometric=2, kind=1),
    ],
    ids=["PNG", "TIFF", "WebP", "PNG, interlaced", "PNG, 16 bits", "TIFF, 16 bits", "TIFF, multiplied"],
)
def test_colour_shows_as_far_as_it_is_opaque(data: bytes) -> None:
    assert furthest(data, on_white(PHOTOGRAPH, ALPHA)) <= WITHIN


@pytest.mark.parametrize(
    "data",
    [
        save(Image.fromarray(np.dstack([LEVELS, ALPHA]), "LA"), "PNG"),
        save(Image.fromarray(np.dstack([LEVELS, ALPHA]), "LA"), "TIFF"),
        png_of(np.dstack([DEEP[..., 1], DEEP_ALPHA])),
        _tiff_with_alpha(MULTIPLIED[..., 1], ALPHA, photometric=1, kind=1),
    ],
    ids=["PNG", "TIFF", "PNG, 16 bits", "TIFF, multiplied"],
)
def test_grey_shows_as_far_as_it_is_opaque(data: bytes) -> None:
    assert furthest(data, on_white(grey(LEVELS), ALPHA)) <= WITHIN


@pytest.mark.parametrize("format_", ["PNG", "GIF"])
def test_the_one_transparent_colour_of_a_palette_leaves_all_others_as_they_are(format_: str) -> None:
    alpha = np.where(np.asarray(PALETTE) == 7, 0, 255)
    assert 0 < np.mean(alpha == 0) < 0.1

    assert furthest(save(PALETTE, format_, transparency=7), on_white(COLOURS, alpha)) == 0


def test_each_colour_of_a_palette_can_have_an_alpha_of_its_own() -> None:
    alphas = np.arange(200, dtype=np.uint8) * 37

    data = save(PALETTE, "PNG", transparency=alphas.tobytes())

    assert furthest(data, on_white(COLOURS, alphas[np.asarray(PALETTE)])) <= WITHIN


def test_a_palette_with_an_alpha_for_each_pixel_shows_as_far_as_it_is_opaque() -> None:
    picture = PALETTE.convert("PA")
    picture.putalpha(Image.fromarray(ALPHA))
    assert picture.mode == "PA"

    assert furthest(save(picture, "TIFF"), on_white(COLOURS, ALPHA)) <= WITHIN


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_one_transparent_colour_of_a_png_leaves_all_others_as_they_are(mode: str) -> None:
    picture = Image.fromarray(PHOTOGRAPH).convert(mode)
    chosen = picture.getpixel((75, 75))
    is_chosen = np.all(np.atleast_3d(np.asarray(picture)) == chosen, axis=2)

    expected = on_white(np.asarray(picture.convert("RGB")), np.where(is_chosen, 0, 255))

    assert furthest(save(picture, "PNG", transparency=chosen), expected) == 0


# Averaged


@pytest.fixture(scope="module")
def large() -> Bytes:
    """A photograph as it is, without any transparency."""
    return photograph(1500, 1500)


def _cut_out(colours: Bytes, alpha: Floats, hidden: Colour) -> tuple[Bytes, Bytes]:
    """The photograph with that alpha, 0 to 1, in 8 bits; where it is 0, another colour that nobody is to see."""
    in_8_bits = np.rint(alpha * 255).astype(np.uint8)
    return np.where(in_8_bits[..., None] == 0, np.array(hidden, np.uint8), colours), in_8_bits


def _veil(side: int) -> Floats:
    """A round picture with soft edges, in waves of more and of less to be seen."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    veil: Floats = np.clip((0.8 - np.hypot(x, y)) * 8, 0, 1) * (0.75 + 0.25 * np.sin(x * 60))
    return veil


def test_what_is_averaged_is_what_is_seen(large: Bytes) -> None:
    grain = np.random.default_rng(1).random((1500, 1500))  # what is seen the most is the brightest, pixel by pixel
    bright = large // 2 + (127 * grain[..., None]).astype(np.uint8)
    colours, alpha = _cut_out(bright, _veil(1500) * (0.4 + 0.6 * grain), GREEN)

    data = _tiff_with_alpha(colours, alpha, photometric=2, kind=2)

    expected = shrunk(on_white(colours, alpha))
    assert furthest(data, expected) <= 5
    assert decibels(developed(data), expected) > 50


@pytest.mark.parametrize("hidden", [WHITE, GREEN])
def test_hard_edges_have_no_fringes_of_what_was_cut_away(large: Bytes, hidden: Colour) -> None:
    hard = (_veil(1500) > 0.5).astype(float)
    files = [_tiff_with_alpha(*_cut_out(large, hard, colour), photometric=2, kind=2) for colour in (BLACK, hidden)]

    one, other = (developed(file) for file in files)

    assert np.array_equal(one, other)


@pytest.mark.parametrize("colour", [BLACK, GREEN])
def test_a_picture_that_cannot_be_seen_at_all_is_white(colour: Colour) -> None:
    data = save(Image.new("RGBA", (900, 700), (*colour, 0)), "PNG")

    assert np.all(developed(data) == 255)
