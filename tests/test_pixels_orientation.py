"""A picture that lies in any of the eight ways, and not square: the right part of it, upright, pixel by pixel."""

import struct
from typing import Final

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pictures import save
from pixel_files import FIRST_ROW_AND_COLUMN, Bytes, exif, furthest, kept, lying, soft_photograph, tiff

PORTRAIT: Final = soft_photograph(120, 200)
LANDSCAPE: Final = soft_photograph(201, 120)  # it loses one column more at the right than at the left
TAG: Final = 0x0112

WITHIN: Final = {"JPEG": 6, "PNG": 0, "WebP": 0, "TIFF": 0}
"""Levels; only the JPEG's pixels are not kept exactly."""
OPTIONS: Final[dict[str, dict[str, int]]] = {"JPEG": {"subsampling": 0}, "PNG": {}, "WebP": {"lossless": 1}, "TIFF": {}}


def xmp(orientation: int) -> str:
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="{orientation}"/></x:xmpmeta>'


@pytest.mark.parametrize("upright", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
@pytest.mark.parametrize("orientation", FIRST_ROW_AND_COLUMN)
@pytest.mark.parametrize("format_", WITHIN)
def test_the_part_that_is_kept_is_chosen_as_people_see_the_picture(
    format_: str, orientation: int, upright: Bytes
) -> None:
    data = save(Image.fromarray(lying(upright, orientation)), format_, exif=exif(orientation), **OPTIONS[format_])

    assert furthest(data, kept(upright)) <= WITHIN[format_]


@pytest.mark.parametrize("orientation", FIRST_ROW_AND_COLUMN)
@pytest.mark.parametrize("format_", WITHIN)
def test_an_orientation_in_xmp_alone_chooses_the_same_part(format_: str, orientation: int) -> None:
    stored, packet = Image.fromarray(lying(PORTRAIT, orientation)), xmp(orientation)
    text = PngInfo()
    text.add_itxt("XML:com.adobe.xmp", packet)
    data = {
        "JPEG": lambda: save(stored, "JPEG", xmp=packet.encode(), subsampling=0),
        "PNG": lambda: save(stored, "PNG", pnginfo=text),
        "WebP": lambda: save(stored, "WebP", xmp=packet.encode(), lossless=True),
        "TIFF": lambda: tiff(np.asarray(stored), 2, more={700: packet.encode()}),
    }[format_]()

    assert furthest(data, kept(PORTRAIT)) <= WITHIN[format_]


def test_where_exif_and_xmp_tell_two_orientations_exif_is_obeyed() -> None:
    stored = Image.fromarray(lying(PORTRAIT, 6))

    data = save(stored, "JPEG", exif=exif(6), xmp=xmp(8).encode(), subsampling=0)

    assert furthest(data, kept(PORTRAIT)) <= WITHIN["JPEG"]


# HEIC, which has a rotation and a mirror of its own (ISO/IEC 23008-12, 6.5.10 and 6.5.12)


def _heic(upright: Bytes, orientation: int, exif_orientation: int) -> bytes:
    """A HEIC that its own properties turn upright, and an EXIF that says something, true or not."""
    data = save(Image.fromarray(lying(upright, orientation)), "HEIC", quality=95, exif=exif(orientation))
    entry = struct.pack(">HHLH", TAG, 3, 1, orientation)
    assert data.count(entry) == 1
    return data.replace(entry, struct.pack(">HHLH", TAG, 3, 1, exif_orientation))


@pytest.mark.parametrize("orientation", FIRST_ROW_AND_COLUMN)
def test_a_heic_is_turned_as_it_says_itself_and_once(orientation: int) -> None:
    assert furthest(_heic(PORTRAIT, orientation, exif_orientation=orientation), kept(PORTRAIT)) <= 6


@pytest.mark.parametrize(("orientation", "exif_orientation"), [(6, 1), (6, 8), (8, 3), (3, 6), (5, 6), (1, 6)])
def test_the_exif_of_a_heic_turns_nothing(orientation: int, exif_orientation: int) -> None:
    assert furthest(_heic(PORTRAIT, orientation, exif_orientation), kept(PORTRAIT)) <= 6
