"""What docs/pictures.md says of pictures is what becomes of them."""

import re
from io import BytesIO

import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from documents import ROOT, Document
from photo_sync import recipe
from photo_sync.imaging import colour, crop, draft
from photo_sync.imaging.faces import RequireFace
from photo_sync.imaging.formats import FORMATS, detect
from photo_sync.imaging.limits import Limits
from photo_sync.imaging.memory import bytes_to_decode
from photo_sync.imaging.picture import MAX_FRAMES
from photo_sync.settings import SETTINGS
from pictures import plain, save

PICTURES = Document(ROOT / "docs" / "pictures.md")
TAKEN = {row[0]: row for row in PICTURES.tables("What is taken")[0]}
SCANS = "JPEG, progressive or in several scans"
TEXT = " ".join(PICTURES.text.split())


def millions(format_: str, mode: str = "RGB") -> int:
    """How many million pixels of a format are taken."""
    beside = next(row.beside for row in FORMATS if row.name == format_)
    return int(Limits().memory / bytes_to_decode(Image.new(mode, (1, 1)), beside) / 1e6)


def progressive_millions(subsampling: str) -> int:
    """The same of a progressive JPEG, decoded at an eighth."""
    image = JpegImageFile(BytesIO(save(Image.new("RGB", (64, 64)), "JPEG", progressive=True, subsampling=subsampling)))
    return int(Limits().memory / (draft.bytes_to_keep(image, 10) + 4 / draft.SMALLEST**2) / 1e6)


def test_every_format_has_its_row_and_its_limit() -> None:
    assert [name for name in TAKEN if name != SCANS] == [format_.name for format_ in FORMATS]
    assert {name: row[1] for name, row in TAKEN.items() if name != "JPEG"} == {
        SCANS: f"{progressive_millions('4:2:0')} million pixels",
        **{name: f"{millions(name)} million pixels" for name in ("PNG", "WebP", "BMP", "TIFF", "HEIC")},
        "GIF": f"{millions('GIF', 'P')} million pixels",
    }


@pytest.mark.parametrize(
    ("name", "most"),
    [
        (SCANS, progressive_millions("4:4:4")),
        ("WebP", millions("WebP", "RGBA")),
        ("HEIC", millions("HEIC", "RGBA")),
        ("BMP", millions("BMP", "RGBA")),
        ("TIFF", millions("TIFF", "CMYK")),
        ("TIFF", millions("TIFF", "F")),
    ],
)
def test_what_takes_more_memory_has_a_limit_of_its_own(name: str, most: int) -> None:
    assert f" {most} million" in TAKEN[name][2]


def test_what_a_phone_writes_is_within_the_limits() -> None:
    assert (
        Limits().memory / bytes_to_decode(Image.new("RGB", (1, 1)), detect(plain(format_="HEIC")).beside) > 5712 * 4284
    )
    assert "48 million pixels of HEIC are taken too" in TEXT
    assert 2 * millions("HEIC") >= 48


@pytest.mark.parametrize(
    "said",
    [
        f"{Limits().memory:,} bytes",
        f"{MAX_FRAMES:,} frames",
        f"{draft.MAX_SCANS} scans",
        f"at most {colour.TWELVE_BITS:,}",
        f"`MAX_PHOTO_BYTES`, {recipe.MAX_BYTES:,} unless",
        f"{crop.FACE_HEIGHT:.0%} of its height",
    ],
)
def test_every_number_is_the_code_s(said: str) -> None:
    assert said in TEXT


def test_the_tenth_is_the_row_that_stands_out() -> None:
    chosen = [row for row in PICTURES.tables("Which square")[0] if row[0].startswith("**")]
    assert [row[0] for row in chosen] == [{0.1: "**a tenth**", 0.2: "**a fifth**"}[crop.OF_PERSON]]


def test_every_setting_and_word_that_is_named_is_one() -> None:
    named = set(re.findall(r"`([A-Z_]{4,})(?:=\w+)?`", PICTURES.text))
    assert named <= {setting.name for setting in SETTINGS}
    assert named >= {"CROP", "REQUIRE_FACE", "MIN_PHOTO_EDGE", "MAX_PHOTO_MEMORY", "MAX_PHOTO_SECONDS"}
    assert all(f"`{word}`" in TEXT for word in RequireFace if word is not RequireFace.OFF)
