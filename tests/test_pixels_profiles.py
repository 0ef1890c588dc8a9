"""Colour profiles, against the arithmetic of their standards or another path to littlecms: before the JPEG."""

import zlib
from collections.abc import Callable
from time import monotonic
from typing import Final

import numpy as np
import pytest
import pyvips
from PIL import Image
from skimage import color

import pictures
from pictures import save
from pixel_files import (
    Bytes,
    Floats,
    Numbers,
    decibels,
    deep,
    developed,
    furthest,
    gamma_profile,
    gradient,
    grey,
    grey_profile,
    jpeg_with_parts,
    on_white,
    padded,
    photograph,
    png_of,
    soft_photograph,
    table_profile,
)

PHOTOGRAPH = photograph()
SOFT = soft_photograph()
ALPHA = gradient().astype(np.uint8)
INKS = np.dstack([255 - PHOTOGRAPH, ALPHA // 2])

P3: Final = pictures.display_p3()
ADOBE: Final = gamma_profile(
    563 / 256, ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
)
LINEAR: Final = pictures.linear_rgb()
CMYK: Final[bytes] = pyvips.Operation.call("profile_load", "cmyk")  # of a real press, in nearly a megabyte

# What one's linear light is in sRGB's, the product of their matrices to and from XYZ (SMPTE EG 432-1, Adobe RGB 1998).
_FROM_P3 = ((1.2249401, -0.2249404, 0.0), (-0.0420569, 1.0420571, 0.0), (-0.0196376, -0.0786361, 1.0982735))
_FROM_ADOBE = ((1.3983832, -0.3983831, 0.0), (0.0, 1.0, 0.0), (0.0, -0.0429298, 1.0429298))

Formula = Callable[[Numbers], Floats]

WITHIN: Final = 2.0
"""Levels: littlecms calculates in fixed point, by way of tables."""


def encoded(light: Floats) -> Floats:
    """What linear light, 0 to 1, is as sRGB has it, 0 to 255 (IEC 61966-2-1)."""
    clipped = np.clip(light, 0, 1)
    return 255 * np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)


def decoded(values: Numbers) -> Floats:
    """The other way round."""
    shares = values / 255.0
    light: Floats = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return light


def from_p3(pixels: Numbers) -> Floats:
    """Display P3 has sRGB's curve."""
    return encoded(decoded(pixels) @ np.transpose(_FROM_P3))


def from_adobe(pixels: Numbers) -> Floats:
    return encoded((pixels / 255.0) ** (563 / 256) @ np.transpose(_FROM_ADOBE))


def from_linear(pixels: Numbers) -> Floats:
    return encoded(pixels / 255.0)


# By primaries and curves


@pytest.mark.parametrize(
    ("icc", "to_srgb"), [(P3, from_p3), (ADOBE, from_adobe), (LINEAR, from_linear)], ids=["P3", "Adobe", "linear"]
)
@pytest.mark.parametrize("format_", ["PNG", "WebP", "TIFF"])
def test_a_photograph_in_other_primaries_becomes_srgb(format_: str, icc: bytes, to_srgb: Formula) -> None:
    options = {"lossless": True} if format_ == "WebP" else {}

    data = save(Image.fromarray(PHOTOGRAPH), format_, icc_profile=icc, **options)

    assert furthest(data, to_srgb(PHOTOGRAPH)) <= WITHIN


@pytest.mark.parametrize("format_", ["JPEG", "HEIC"])
def test_a_lossy_photograph_in_display_p3_becomes_srgb(format_: str) -> None:
    data = save(Image.fromarray(SOFT), format_, icc_profile=P3, quality=98)

    assert furthest(data, from_p3(SOFT)) <= 8
    assert decibels(developed(data), from_p3(SOFT)) > 47


def test_a_palette_of_display_p3_becomes_srgb() -> None:
    picture = Image.fromarray(PHOTOGRAPH).quantize(200)
    colours = np.array(picture.getpalette()).reshape(-1, 3)[np.asarray(picture)]

    assert furthest(save(picture, "PNG", icc_profile=P3), from_p3(colours)) <= WITHIN


@pytest.mark.parametrize("bits", [8, 16])
def test_what_is_transparent_in_display_p3_becomes_srgb_and_lies_on_the_white_of_srgb(bits: int) -> None:
    pixels = np.dstack([PHOTOGRAPH, ALPHA])
    chunk = (b"iCCP", b"Display P3\0\0" + zlib.compress(P3))

    data = png_of(pixels if bits == 8 else deep(pixels).astype(np.uint16), chunk)

    assert furthest(data, on_white(from_p3(PHOTOGRAPH), ALPHA)) <= 5  # what is hardly seen is known in few steps


@pytest.mark.parametrize("gamma", [1.8, 2.2])
@pytest.mark.parametrize("bits", [8, 16])
def test_grey_of_another_gamma_becomes_srgb(bits: int, gamma: float) -> None:
    levels = gradient(highest=2**bits - 1)
    chunk = (b"iCCP", b"grey\0\0" + zlib.compress(grey_profile(gamma)))
    in_8_bits = np.rint(levels * 255 / (2**bits - 1))
    expected = encoded((in_8_bits / 255) ** (round(gamma * 256) / 256))

    data = png_of(levels.astype(f"u{bits // 8}")[..., None], chunk)

    assert furthest(data, grey(expected)) <= WITHIN


def test_linear_grey_becomes_srgb_but_for_the_deepest_shadows() -> None:
    data = save(Image.fromarray(ALPHA), "PNG", icc_profile=pictures.linear_grey())
    error = np.abs(developed(data) - grey(from_linear(ALPHA)))

    assert error[ALPHA > 8].max() <= WITHIN
    assert error.max() <= 10  # littlecms' table has a point at 0 and the next at 8


# By tables


def _by_littlecms(inks: Bytes) -> Floats:
    """Another path to the same library."""
    height, width, _ = inks.shape
    image = pyvips.Image.new_from_memory(inks.tobytes(), width, height, 4, "uchar").copy(interpretation="cmyk")
    converted = image.icc_transform("srgb", input_profile="cmyk", intent="perceptual")
    return np.asarray(converted.numpy(), np.float64)


@pytest.mark.parametrize(("format_", "options"), [("TIFF", {}), ("JPEG", {"quality": 100, "subsampling": 0})])
def test_cmyk_of_a_real_press_becomes_srgb(format_: str, options: dict[str, int]) -> None:
    picture = Image.frombytes("CMYK", INKS.shape[1::-1], INKS.tobytes())

    data = save(picture, format_, icc_profile=CMYK, **options)

    assert furthest(data, _by_littlecms(INKS)) <= 3


def _table_of_p3(points: int) -> bytes:
    """Display P3 as a table: its matrix to the XYZ of D50, and to L*a*b* from there."""
    levels = np.linspace(0, 255, points)
    mixtures = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)
    to_xyz = ((0.51512, 0.29198, 0.15710), (0.24120, 0.69225, 0.06657), (-0.00105, 0.04189, 0.78407))
    return table_profile(color.xyz2lab(decoded(mixtures) @ np.transpose(to_xyz), illuminant="D50"))


# Large, in parts, or not there


@pytest.mark.parametrize("icc", [padded(P3, 4_000_000), _table_of_p3(90)], ids=["padded", "a table"])
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WebP", "TIFF", "HEIC"])
def test_a_profile_of_four_megabytes_is_applied_and_takes_no_longer(format_: str, icc: bytes) -> None:
    assert len(icc) > 4_000_000
    data = save(Image.fromarray(SOFT), format_, icc_profile=icc, quality=98)

    start = monotonic()
    pixels = developed(data)

    assert monotonic() - start < 2
    assert decibels(pixels, from_p3(SOFT)) > 44


# A JPEG's own losses are at 49 dB and above, what the profile makes of the picture is at 34.


def _jpeg(*numbers: int) -> bytes:
    """A JPEG with such of the six parts of a profile."""
    return jpeg_with_parts(save(Image.fromarray(SOFT), "JPEG", quality=100, subsampling=0), P3, numbers, 6)


@pytest.mark.parametrize("numbers", [(1, 2, 3, 4, 5, 6), (6, 5, 4, 3, 2, 1), (2, 1, 4, 3, 6, 5)])
def test_the_parts_of_a_profile_are_put_in_order(numbers: tuple[int, ...]) -> None:
    assert decibels(developed(_jpeg(*numbers)), from_p3(SOFT)) > 45


@pytest.mark.parametrize("numbers", [(1, 2, 3, 4, 5), (2, 3, 4, 5, 6), (1, 2, 4, 5, 6), (3,)])
def test_without_one_of_its_parts_a_profile_is_ignored(numbers: tuple[int, ...]) -> None:
    assert decibels(developed(_jpeg(*numbers)), SOFT.astype(float)) > 45
