"""Every mode and depth of pixels, against what arithmetic makes of a real photograph: before the JPEG, each value."""

import numpy as np
import pytest
from PIL import Image
from skimage import color

from photo_sync.errors import Rejected
from photo_sync.photo import normalise
from pictures import save
from pixel_files import (
    ALPHA,
    DEEP,
    DEEP_ALPHA,
    LEVELS,
    PHOTOGRAPH,
    SIDE,
    Bytes,
    Floats,
    Order,
    decibels,
    deep,
    developed,
    furthest,
    gradient,
    grey,
    kept,
    png_of,
    tiff,
)

TWELVE_BITS = gradient(highest=4_095).astype(np.uint16)[..., None]
INKS = np.dstack([255 - PHOTOGRAPH, ALPHA // 2])

NOT_AT_ALL = 0.0
BY_ROUNDING = 0.51  # the reference is not rounded
BY_ROUNDING_DEEP = 1.0  # of 16 bits, some decoders keep the upper 8 and round nothing
BY_THE_JPEG = 6.0  # at quality 100: chroma, brightness and ink are rounded one after the other


def _inks_on_paper(inks: Bytes) -> Floats:
    """Each ink, and then the black one, lets through what it does not cover."""
    through = 255 - inks.astype(float)
    seen: Floats = through[..., :3] * through[..., 3:] / 255
    return seen


def _image(pixels: Bytes, mode: str) -> Image.Image:
    return Image.frombytes(mode, pixels.shape[1::-1], pixels.tobytes())


# Opaque


@pytest.mark.parametrize("data", [save(_image(LEVELS, "L"), format_) for format_ in ("PNG", "TIFF", "BMP", "GIF")])
def test_grey_keeps_every_level(data: bytes) -> None:
    assert furthest(data, grey(LEVELS)) == NOT_AT_ALL


@pytest.mark.parametrize("format_", ["PNG", "TIFF", "BMP"])
def test_black_and_white_keeps_every_pixel(format_: str) -> None:
    bits = LEVELS > 110

    assert furthest(save(Image.fromarray(bits), format_), grey(bits) * 255) == NOT_AT_ALL


@pytest.mark.parametrize("format_", ["PNG", "TIFF", "BMP", "GIF"])
@pytest.mark.parametrize("colours", [2, 4, 16, 200])
def test_a_palette_keeps_every_colour_whatever_its_bits(format_: str, colours: int) -> None:
    picture = Image.fromarray(PHOTOGRAPH).quantize(colours)

    assert furthest(save(picture, format_), _palette(picture)[np.asarray(picture)]) == NOT_AT_ALL


def _palette(picture: Image.Image) -> Floats:
    return np.array(picture.getpalette(), float).reshape(-1, 3)


@pytest.mark.parametrize(
    "data",
    [
        save(Image.fromarray(PHOTOGRAPH), "PNG"),
        save(Image.fromarray(PHOTOGRAPH), "WebP", lossless=True),
        save(Image.fromarray(PHOTOGRAPH), "BMP"),
        save(Image.fromarray(PHOTOGRAPH), "TIFF", compression="tiff_lzw"),
        tiff(PHOTOGRAPH, 2, ">"),
    ],
    ids=["PNG", "WebP", "BMP", "TIFF", "TIFF, big-endian"],
)
def test_rgb_keeps_every_value(data: bytes) -> None:
    assert furthest(data, PHOTOGRAPH.astype(float)) == NOT_AT_ALL


@pytest.mark.parametrize("order", ["<", ">"])
def test_grey_whose_0_is_white_is_no_negative(order: Order) -> None:
    assert furthest(tiff(255 - LEVELS[..., None], 0, order), grey(LEVELS)) == NOT_AT_ALL


@pytest.mark.parametrize(
    ("data", "within"),
    [
        (save(_image(INKS, "CMYK"), "TIFF"), BY_ROUNDING),
        (tiff(INKS, 5, ">"), BY_ROUNDING),
        (tiff(deep(INKS).astype(np.uint16), 5), BY_ROUNDING_DEEP),
        (save(_image(INKS, "CMYK"), "JPEG", quality=100, subsampling=0), BY_THE_JPEG),
    ],
    ids=["TIFF", "TIFF, big-endian", "TIFF, 16 bits", "JPEG, which Adobe inverts"],
)
def test_cmyk_is_what_its_inks_leave_of_the_paper(data: bytes, within: float) -> None:
    assert furthest(data, _inks_on_paper(INKS)) <= within


def test_ycck_is_cmyk_in_brightness_and_chroma_as_photoshop_writes_it() -> None:
    y_cb_cr = np.asarray(_image(INKS[..., :3].copy(), "RGB").convert("YCbCr"))
    data = save(_image(np.dstack([255 - y_cb_cr, INKS[..., 3]]), "CMYK"), "JPEG", quality=100, subsampling=0)
    in_the_clear = data.index(b"Adobe") + 11
    assert data[in_the_clear] == 0

    assert furthest(data[:in_the_clear] + b"\2" + data[in_the_clear + 1 :], _inks_on_paper(INKS)) <= BY_THE_JPEG


# By CIE 15, and to sRGB from D50, adapted by Bradford's matrix (brucelindbloom.com, "RGB/XYZ Matrices").
_FROM_D50 = (
    (3.1338561, -1.6168667, -0.4906146),
    (-0.9787684, 1.9161415, 0.0334540),
    (0.0719453, -0.2289914, 1.4052427),
)


@pytest.mark.parametrize("order", ["<", ">"])
def test_lab_becomes_srgb_by_the_formulas_of_the_standards(order: Order) -> None:
    exact = color.rgb2lab(PHOTOGRAPH / 255, illuminant="D50") * (2.55, 1, 1)
    stored = np.rint(exact).astype(np.int64)
    linear = color.lab2xyz(stored / (2.55, 1, 1), illuminant="D50") @ np.transpose(_FROM_D50)
    expected = 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.clip(linear, 0, 1) ** (1 / 2.4) - 0.055)

    data = tiff((stored & 255).astype(np.uint8), 8, order)

    assert furthest(data, expected) < 5  # in the deepest shadows only, where littlecms' table is coarse
    assert decibels(developed(data), expected) > 53


# More than 8 bits


@pytest.mark.parametrize(
    "data",
    [
        png_of(DEEP_ALPHA[..., None]),
        save(_image(DEEP_ALPHA.view(np.uint8).reshape(SIDE, SIDE, 2), "I;16"), "TIFF"),
        tiff(DEEP_ALPHA[..., None], 1, "<"),
        tiff(DEEP_ALPHA[..., None], 1, ">"),
        tiff(DEEP_ALPHA[..., None].astype(np.int32), 1, "<"),
        tiff(DEEP_ALPHA[..., None].astype(np.int32) * 32_768, 1, ">"),
        tiff((DEEP_ALPHA[..., None] / 65_535).astype(np.float32), 1, "<"),
        tiff(DEEP_ALPHA[..., None].astype(np.float32), 1, ">"),
    ],
    ids=["PNG", "TIFF by Pillow", "II", "MM", "32 bits, II", "32 bits, MM", "floating point, II", "floating point, MM"],
)
def test_deep_grey_keeps_every_level(data: bytes) -> None:
    assert furthest(data, grey(DEEP_ALPHA / 257)) <= BY_ROUNDING


@pytest.mark.parametrize(
    "data",
    [png_of(TWELVE_BITS), tiff(TWELVE_BITS, 1, "<"), tiff(TWELVE_BITS, 1, ">")],
    ids=["PNG", "TIFF, II", "TIFF, MM"],
)
def test_12_bits_in_16_are_as_bright_as_in_12(data: bytes) -> None:
    assert furthest(data, grey(TWELVE_BITS[..., 0] / 4_095 * 255)) <= BY_ROUNDING


def test_one_bright_pixel_at_the_end_is_enough_to_tell_16_bits_from_12() -> None:
    levels = gradient(300, 600, highest=4_095)
    levels[-1, -1] = 65_535

    assert furthest(tiff(levels.astype(np.uint16)[..., None], 1), kept(grey(levels / 257))) <= BY_ROUNDING


@pytest.mark.parametrize(
    "data",
    [png_of(DEEP), png_of(DEEP, interlaced=True), tiff(DEEP, 2, "<"), tiff(DEEP, 2, ">")],
    ids=["PNG", "PNG, interlaced", "TIFF, II", "TIFF, MM"],
)
def test_16_bits_a_channel_keep_every_value(data: bytes) -> None:
    assert furthest(data, PHOTOGRAPH.astype(float)) <= BY_ROUNDING_DEEP


@pytest.mark.parametrize("order", ["<", ">"])
def test_16_bits_a_channel_one_channel_after_the_other_keep_every_value_where_they_are_compressed(order: Order) -> None:
    assert furthest(tiff(DEEP, 2, order, planar=True, packed=True), PHOTOGRAPH.astype(float)) <= BY_ROUNDING_DEEP


def test_16_bit_grey_whose_0_is_white_is_no_negative() -> None:
    assert furthest(tiff(65_535 - DEEP_ALPHA[..., None], 0), grey(DEEP_ALPHA / 257)) <= BY_ROUNDING


def test_32_bit_grey_without_a_sign_keeps_every_level_below_two_billion() -> None:
    levels = gradient().astype(np.uint32)[..., None] * 8_421_504

    assert furthest(tiff(levels, 1), grey(gradient())) <= BY_ROUNDING


@pytest.mark.parametrize(
    "data",
    [
        tiff(DEEP, 2, "<", planar=True),
        tiff(DEEP, 2, ">", planar=True),
        tiff(gradient().astype(np.uint32)[..., None] * 16_843_009, 1),
        tiff(DEEP.astype(np.float32), 2),
        tiff(np.dstack([DEEP_ALPHA, DEEP_ALPHA]), 1),
        tiff(DEEP, 8),
        tiff(DEEP_ALPHA[..., None] / 65_535, 1),
        tiff((DEEP_ALPHA[..., None] / 65_535).astype(np.float16), 1),
    ],
    ids=[
        "one channel after the other, II",
        "one channel after the other, MM",
        "all of 32 bits",
        "RGB in floating point",
        "grey with alpha",
        "Lab in 16 bits",
        "double precision",
        "half precision",
    ],
)
def test_deep_pixels_that_pillow_cannot_read_are_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(Rejected, match=r"TIFF .*cannot be decoded.*save it as a JPEG") as refusal:
        normalise(data)

    assert refusal.value.code == "damaged"


def _light(x: int, y: int, value: float) -> bytes:
    """Grey in floating point, black to white, with another value in one place."""
    pixels = (gradient() / 255).astype(np.float32)[..., None]
    pixels[y, x] = value
    return tiff(pixels, 1)


@pytest.mark.parametrize(
    ("at", "value"), [((0, 0), np.inf), ((71, 71), np.inf), ((SIDE - 1, SIDE - 1), np.inf), ((0, 0), np.nan)]
)
def test_where_the_brightest_pixel_is_no_number_the_picture_is_refused(at: tuple[int, int], value: float) -> None:
    with pytest.raises(Rejected) as refusal:
        normalise(_light(*at, value))

    assert refusal.value.code == "not-numbers"


@pytest.mark.parametrize("value", [np.nan, -np.inf])
@pytest.mark.parametrize("at", [(71, 71), (SIDE - 1, SIDE - 1)])
def test_a_pixel_that_is_no_number_is_black_and_spoils_no_other(at: tuple[int, int], value: float) -> None:
    expected = grey(gradient())
    expected[at[1], at[0]] = 0

    assert furthest(_light(*at, value), expected) <= BY_ROUNDING
