import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pictures
from photo_sync.errors import Rejected
from photo_sync.imaging.draft import MAX_SCANS
from photo_sync.imaging.limits import Limits
from photo_sync.imaging.picture import MAX_FRAMES
from photo_sync.photo import normalise
from photo_sync.recipe import Recipe
from pictures import GREY, claims, corners, noise, opened, pixel, quadrants, save
from pixel_files import tiled_tiff

USUAL = Limits()


def _refusal(data: bytes, limits: Limits = USUAL) -> Rejected:
    with pytest.raises(Rejected) as refusal:
        normalise(data, Recipe(limits=limits))
    return refusal.value


# Cut off, damaged


@pytest.mark.parametrize(
    ("format_", "options"),
    [
        *((format_, {}) for format_ in pictures.FORMATS),
        ("JPEG", {"progressive": True}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate", "strip_size": 1_000}),
        ("TIFF", {"compression": "jpeg"}),
        ("WebP", {"lossless": True}),
    ],
    ids=str,
)
@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_a_file_that_was_cut_off_is_truncated(format_: str, options: dict[str, str | int], share: float) -> None:
    whole = save(noise(200), format_, **options)

    refusal = _refusal(whole[: int(len(whole) * share)])

    assert refusal.code == "truncated"
    assert re.search(f"This {format_} ends too early.*Upload it again", refusal.reason)


@pytest.mark.parametrize("format_", pictures.FORMATS)
def test_a_file_that_only_begins_like_a_picture_is_damaged(format_: str) -> None:
    refusal = _refusal(save(quadrants(), format_)[:12] + b"and then something else entirely" * 9)

    assert refusal.code in {"truncated", "damaged"}
    assert f"This {format_} " in refusal.reason


@pytest.mark.parametrize(
    ("format_", "data"),
    [
        ("WebP", pictures.webp_claiming(10_000, 5_001)),
        ("HEIC", claims("HEIC", 10_000, 5_001)),
        ("HEIC", claims("HEIC", 60, 60)),  # its pixels are those of 96 x 96
    ],
)
def test_a_refusal_calls_a_format_by_one_name_throughout(format_: str, data: bytes) -> None:
    assert f" {format_} " in _refusal(data).reason


def test_a_palette_picture_without_its_palette_is_damaged() -> None:
    data = pictures.png(64, 64, 8, 3, b"\1")

    assert _refusal(data).code == "damaged"


# Bombs


@pytest.mark.parametrize(
    ("data", "width", "height"),
    [
        (claims("JPEG", 65_500, 65_500), "65,500", "65,500"),
        (claims("JPEG", 10_000, 9_001, progressive=True), "10,000", "9,001"),
        (claims("PNG", 30_000, 30_000), "30,000", "30,000"),
        (claims("GIF", 30_000, 30_000), "30,000", "30,000"),
        (claims("BMP", 30_000, 30_000), "30,000", "30,000"),
        (pictures.tiff_claiming(30_000, 30_000), "30,000", "30,000"),
        (claims("HEIC", 30_000, 30_000), "30,000", "30,000"),
        (pictures.webp_claiming(10_000, 5_001), "10,000", "5,001"),
    ],
    ids=["JPEG", "progressive JPEG", "PNG", "GIF", "BMP", "TIFF", "HEIC", "WebP"],
)
def test_a_picture_that_claims_too_many_pixels_is_refused_by_its_header(data: bytes, width: str, height: str) -> None:
    refusal = _refusal(data)

    assert refusal.code == "too-many-pixels"
    assert f"{width} x {height} pixels" in refusal.reason
    assert "2,000 pixels wide" in refusal.reason


@pytest.mark.parametrize(
    "data",
    [pictures.webp_claiming(16_384, 16_384), pictures.gif_claiming_in_its_frame(30_000, 30_000)],
    ids=["WebP", "GIF"],
)
def test_so_many_pixels_that_pillow_itself_refuses_them_get_the_same_advice(data: bytes) -> None:
    refusal = _refusal(data)

    assert refusal.code == "too-many-pixels"
    assert "2,000 pixels wide" in refusal.reason


def test_a_baseline_jpeg_of_120_million_pixels_is_a_photo() -> None:
    photo = normalise(pictures.flat_jpeg(12_000, 10_000))

    assert (photo.source_width, photo.source_height) == (12_000, 10_000)
    assert opened(photo.jpeg).size == (648, 648)
    assert pixel(photo.jpeg) == pytest.approx(GREY, abs=2)


def test_a_panorama_is_a_photo_however_wide_it_is() -> None:
    photo = normalise(pictures.flat_jpeg(60_000, 2_000))

    assert (photo.source_width, photo.source_height) == (60_000, 2_000)
    assert opened(photo.jpeg).size == (648, 648)


def test_a_jpeg_that_only_fits_its_limit_at_a_fraction_becomes_a_smaller_photo_rather_than_none() -> None:
    photo = normalise(pictures.flat_jpeg(4_000, 1_000), Recipe(limits=Limits(memory=1_500_000)))

    assert opened(photo.jpeg).size == (648, 648)
    assert pixel(photo.jpeg) == pytest.approx(GREY, abs=2)


def test_a_large_jpeg_in_several_scans_is_refused_because_all_of_it_would_have_to_be_kept() -> None:
    assert pixel(normalise(pictures.flat_jpeg_in_three_scans(640, 640)).jpeg) == pytest.approx(GREY, abs=2)

    assert _refusal(pictures.flat_jpeg_in_three_scans(12_000, 10_000)).code == "too-many-pixels"


def test_a_jpeg_of_more_scans_than_any_camera_writes_is_refused() -> None:
    assert pixel(normalise(pictures.jpeg_of_many_scans(640, 640, 20)).jpeg) == pytest.approx(GREY, abs=2)

    refusal = _refusal(pictures.jpeg_of_many_scans(640, 640, MAX_SCANS + 1))

    assert refusal.code == "too-many-scans"
    assert "more than 100 passes" in refusal.reason


@pytest.mark.parametrize(
    "upload",
    [
        pictures.flat_jpeg(60_000, 60_000),
        pictures.png(5_000, 5_000, 8, 2, b"\0\0\0"),
        pictures.run_length_bmp(2_000, 2_000),
    ],
    ids=["3,600 million pixels", "PNG", "BMP in Python"],
)
def test_what_takes_too_long_is_refused_between_two_blocks(upload: bytes) -> None:
    refusal = _refusal(upload, Limits(memory=4_000_000_000, seconds=0.01))

    assert refusal.code == "too-slow"
    assert "more than the 0.01 seconds to decode" in refusal.reason


@pytest.mark.parametrize("long", [pictures.long_gif, pictures.long_webp])
def test_an_animation_of_a_thousand_frames_is_a_photo(long: pictures.Animation) -> None:
    assert corners(normalise(long(MAX_FRAMES)).jpeg) == "RG BY"


@pytest.mark.parametrize("long", [pictures.long_gif, pictures.long_webp, pictures.long_png])
def test_a_longer_animation_is_rejected(long: pictures.Animation) -> None:
    refusal = _refusal(long(MAX_FRAMES + 1))

    assert refusal.code == "too-many-frames"
    assert "more than 1,000 frames. Save one of them as a JPEG" in refusal.reason


@pytest.mark.parametrize(
    ("bomb", "code"),
    [
        ("JPEG with hidden scans", "too-many-scans"),
        ("JPEG of many segments", "damaged"),
        ("JPEG with an endless profile", ""),
        ("TIFF of many strips", "damaged"),
        ("TIFF of many resolutions", "damaged"),
        ("TIFF of many orientations", "damaged"),
        ("PNG with a long EXIF", ""),
        ("PNG of texts", ""),
        ("PNG of many chunks", "damaged"),
    ],
)
def test_what_would_take_an_age_or_all_the_memory_is_refused_or_left_aside(bomb: str, code: str) -> None:
    """Each of them took up to a minute, or gigabytes, once; now none takes a tenth of a second."""
    data = pictures.BOMBS[bomb]()

    if code:
        assert _refusal(data).code == code
    else:
        assert normalise(data, Recipe(limits=Limits(seconds=0.5))).width >= 64


def test_a_profile_of_endless_steps_is_ignored() -> None:
    assert corners(normalise(pictures.BOMBS["JPEG with an endless profile"]()).jpeg) == "RG BY"


def test_a_tile_that_is_larger_than_its_picture_counts() -> None:
    data = tiled_tiff(np.zeros((64, 64, 3), np.uint8), 64)
    assert normalise(data).width == 64

    assert _refusal(pictures.with_larger_tile(data, 30_000)).code == "too-many-pixels"


def test_the_rows_of_a_picture_that_is_nothing_but_wide_count() -> None:
    refusal = _refusal(pictures.png(20_000_000, 1, 8, 6, b"\0\0\0\0"))

    assert refusal.code == "too-many-pixels"


def test_a_palette_with_more_transparency_than_colours_is_damaged() -> None:
    data = pictures.png(64, 64, 8, 3, b"\x55", (b"PLTE", b"\1" * 768), (b"tRNS", b"\x80" * 257))

    assert _refusal(data).code == "damaged"


# Pillow is shared by the whole process


_IN_A_NEW_PROCESS = """
from PIL import Image
from pictures import FORMATS, quadrants, save
from photo_sync.photo import normalise
from photo_sync.imaging.picture import MAX_FRAMES

def settings():
    return Image.MAX_IMAGE_PIXELS, set(Image.OPEN), set(Image.SAVE), dict(Image.EXTENSION)

uploads = [save(quadrants(), format_) for format_ in FORMATS]
Image.init()  # Pillow registers its own formats whenever it first needs them
before = settings()
for upload in uploads:
    normalise(upload)
assert settings() == before
assert "HEIF" not in Image.OPEN
"""


def test_the_settings_of_pillow_stay_as_they_were() -> None:
    """In a process of its own, for other libraries of the tests register HEIF."""
    _run(_IN_A_NEW_PROCESS)


def _run(program: str, *arguments: str) -> str:
    tests = Path(__file__).parent
    environ = {"PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}"}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=True).stdout  # noqa: S603
