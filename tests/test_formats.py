import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import pictures
from photo_sync.errors import Rejected
from photo_sync.formats import FORMATS, MAX_FRAMES, MAX_MEMORY
from photo_sync.photo import normalise
from pictures import GREY, claims, corners, noise, opened, pixel, quadrants, save


def _refusal(data: bytes) -> Rejected:
    with pytest.raises(Rejected) as refusal:
        normalise(data)
    return refusal.value


# What is taken


@pytest.mark.parametrize("format_", pictures.FORMATS)
def test_every_format_is_read_from_its_bytes_alone(format_: str) -> None:
    photo = normalise(save(quadrants(120, 120), format_))

    assert opened(photo.jpeg).size == (120, 120)
    assert corners(photo.jpeg) == "RG BY"


@pytest.mark.parametrize(
    ("format_", "options"),
    [
        ("JPEG", {"progressive": True}),
        ("JPEG", {"subsampling": "4:4:4", "quality": 100}),
        ("JPEG", {"restart_marker_rows": 1}),
        ("PNG", {"compress_level": 0}),
        ("WebP", {"lossless": True}),
        ("WebP", {"quality": 100, "method": 0}),
        ("GIF", {"interlace": 1}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("TIFF", {"compression": "jpeg", "quality": 95}),
        ("TIFF", {"compression": "packbits"}),
        ("TIFF", {"big_tiff": True}),
        ("TIFF", {"strip_size": 1}),
        ("HEIC", {"chroma": 420}),
    ],
    ids=str,
)
def test_every_way_to_write_a_format_is_read(format_: str, options: dict[str, str | int]) -> None:
    assert corners(normalise(save(quadrants(), format_, **options)).jpeg) == "RG BY"


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
def test_heic_is_known_by_each_of_its_brands(brand: bytes) -> None:
    data = save(quadrants(), "HEIC")

    assert corners(normalise(data[:8] + brand + data[12:]).jpeg) == "RG BY"


@pytest.mark.parametrize("format_", ["GIF", "PNG", "WebP", "TIFF"])
def test_an_animation_or_a_document_is_its_first_frame(format_: str) -> None:
    assert corners(normalise(pictures.animation(format_)).jpeg) == "RG BY"


def test_a_heic_of_several_pictures_is_the_one_its_maker_chose() -> None:
    data = pictures.heic_of_two(Image.new("RGB", (96, 96), "white"), quadrants(), chosen=1)

    assert corners(normalise(data).jpeg) == "RG BY"


def test_a_jpeg_with_another_picture_behind_it_is_the_first() -> None:
    other = Image.new("RGB", (96, 96), "white")

    photo = normalise(save(quadrants(), "MPO", save_all=True, append_images=[other]))

    assert photo.source_format == "JPEG"
    assert corners(photo.jpeg) == "RG BY"


# What is not


@pytest.mark.parametrize(
    ("data", "code", "advice"),
    [
        (b"", "empty", "0 bytes"),
        (b"Dear Ada,\nplease find my photo attached.", "not-a-picture", "not a picture"),
        (bytes(5000), "not-a-picture", "not a picture"),
        (b"%PDF-1.7\n", "wrong-format", "a PDF document"),
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf", "wrong-format", "an AVIF picture"),
        (b"\0\0\0\x1cftypavis\0\0\0\0msf1avismiaf", "wrong-format", "an AVIF picture"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "wrong-format", "an AVIF picture"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "wrong-format", "an SVG drawing"),
        (b'<?xml version="1.0"?>\n<!-- Generator: some editor -->\n<svg>', "wrong-format", "an SVG drawing"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "">\n<svg>', "wrong-format", "an SVG"),
        (b"<!DOCTYPE html><html><title>Sign in</title>", "wrong-format", "a web page"),
        (b"\n<html>", "wrong-format", "a web page"),
        (b"PK\x03\x04\x14\0", "wrong-format", "a ZIP archive"),
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", "wrong-format", "a video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "wrong-format", "a video"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01", "wrong-format", "a video"),
        (b"RIFF\0\0\1\0AVI LIST", "wrong-format", "a video"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "wrong-format", "a JPEG XL picture"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "wrong-format", "a JPEG 2000 picture"),
        (b"8BPS\0\1", "wrong-format", "a Photoshop file"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "wrong-format", "a PostScript file"),
        (b"\0\0\1\0\1\0", "wrong-format", "an icon"),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else "",
)
def test_what_is_no_photo_is_named_in_the_refusal(data: bytes, code: str, advice: str) -> None:
    refusal = _refusal(data)

    assert refusal.code == code
    assert advice in refusal.reason


def test_a_refusal_says_which_formats_would_do() -> None:
    assert "Save the photo as one of JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC" in _refusal(b"%PDF-1.7").reason


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_a_file_that_was_cut_off_is_truncated(format_: str, share: float) -> None:
    whole = save(noise(200), format_)

    refusal = _refusal(whole[: int(len(whole) * share)])

    assert refusal.code == "truncated"
    assert re.search(f"This {format_} ends too early.*Upload it again", refusal.reason)


@pytest.mark.parametrize("format_", ["WebP", "HEIC"])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_a_file_that_was_cut_off_is_refused_where_its_decoder_cannot_tell_why(format_: str, share: float) -> None:
    whole = save(noise(200), format_)

    assert _refusal(whole[: int(len(whole) * share)]).code in {"truncated", "damaged"}


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


# Bombs


@pytest.mark.parametrize(
    ("data", "width", "height"),
    [
        (claims("JPEG", 20_000, 10_001), "20,000", "10,001"),
        (claims("JPEG", 10_000, 5_001, progressive=True), "10,000", "5,001"),
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


def test_a_panorama_too_narrow_to_be_decoded_small_is_refused_for_its_pixels() -> None:
    refusal = _refusal(pictures.flat_jpeg(60_000, 2_000))

    assert refusal.code == "too-many-pixels"
    assert "60,000 x 2,000 pixels" in refusal.reason


def test_a_large_jpeg_in_several_scans_is_refused_because_all_of_it_would_have_to_be_kept() -> None:
    assert pixel(normalise(pictures.flat_jpeg_in_three_scans(640, 640)).jpeg) == pytest.approx(GREY, abs=2)

    assert _refusal(pictures.flat_jpeg_in_three_scans(12_000, 10_000)).code == "too-many-pixels"


def test_a_jpeg_of_more_scans_than_any_camera_writes_is_refused() -> None:
    assert pixel(normalise(pictures.jpeg_of_many_scans(640, 640, 20)).jpeg) == pytest.approx(GREY, abs=2)

    assert _refusal(pictures.jpeg_of_many_scans(640, 640, 5_000)).code == "too-many-scans"


@pytest.mark.parametrize("long", [pictures.long_gif, pictures.long_webp])
def test_an_animation_of_a_thousand_frames_is_a_photo(long: pictures.Animation) -> None:
    assert corners(normalise(long(MAX_FRAMES)).jpeg) == "RG BY"


@pytest.mark.parametrize("long", [pictures.long_gif, pictures.long_webp, pictures.long_png])
def test_a_longer_animation_is_rejected(long: pictures.Animation) -> None:
    refusal = _refusal(long(MAX_FRAMES + 1))

    assert refusal.code == "too-many-frames"
    assert "more than 1,000 frames. Save one of them as a JPEG" in refusal.reason


_GROWTH = """
import resource, sys
from pathlib import Path
from photo_sync.photo import normalise
from pictures import quadrants, save

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

upload = Path(sys.argv[1]).read_bytes()
normalise(save(quadrants(), sys.argv[2]))
before = peak()
normalise(upload)
print(peak() - before)
"""


@pytest.mark.parametrize(("format_", "mode"), [("WebP", "RGBA"), ("PNG", "RGBA"), ("TIFF", "F")])
def test_the_largest_picture_of_a_format_takes_no_more_memory_than_it_may(
    tmp_path: Path, format_: str, mode: str
) -> None:
    side = int(next(row for row in FORMATS if row.name == format_).max_pixels ** 0.5)
    (tmp_path / "upload").write_bytes(save(pictures.flat(0, mode, side), format_))
    growth = int(_run(_GROWTH, str(tmp_path / "upload"), format_))
    assert growth <= MAX_MEMORY * 1.1


# Pillow is shared by the whole process


_IN_A_NEW_PROCESS = """
from PIL import Image
from pictures import FORMATS, quadrants, save
from photo_sync.photo import normalise

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
