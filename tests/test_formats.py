import pytest
from PIL import Image

import pictures
from photo_sync.errors import Rejected
from photo_sync.photo import normalise
from pictures import corners, opened, quadrants, save


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
