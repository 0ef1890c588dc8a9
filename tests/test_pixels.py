"""Every way to lay pixels out in a file, against the pixels that were laid out: before the JPEG, value by value."""

import zlib
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from photo_sync.photo import normalise
from pictures import opened, save
from pixel_files import (
    Bytes,
    Floats,
    animated_webp,
    decibels,
    deep,
    developed,
    furthest,
    gif_frame,
    gif_of,
    photograph,
    png_of,
    soft_photograph,
    tiff,
    tiled_tiff,
)

PHOTOGRAPH = photograph()
IMAGE = Image.fromarray(PHOTOGRAPH)
OTHER = Image.fromarray(255 - PHOTOGRAPH)
SOFT = soft_photograph()


# Laid out in other orders


@pytest.mark.parametrize(
    "data",
    [
        png_of(PHOTOGRAPH, interlaced=True),
        png_of(deep(PHOTOGRAPH).astype(np.uint16), interlaced=True),
        tiff(PHOTOGRAPH, 2, "<", planar=True),
        tiff(PHOTOGRAPH, 2, ">", planar=True),
        tiled_tiff(PHOTOGRAPH, 64),
        save(IMAGE, "TIFF", strip_size=7 * 3 * 150),
    ],
    ids=["PNG, Adam7", "PNG, Adam7, 16 bits", "TIFF, planes", "TIFF, planes, MM", "TIFF, tiles", "TIFF, strips"],
)
def test_pixels_are_put_back_in_their_places(data: bytes) -> None:
    assert furthest(data, PHOTOGRAPH.astype(float)) <= 1  # of 16 bits the upper 8 are kept, without rounding


@pytest.mark.parametrize("side", [48, 49, 50, 51, 52, 53, 54, 55])
def test_an_interlaced_png_of_any_size_has_all_its_pixels(side: int) -> None:
    pixels = photograph(side, side)

    assert furthest(png_of(pixels, interlaced=True), pixels.astype(float)) == 0


@pytest.mark.parametrize(
    "chunk",
    [
        (b"tEXt", b"Raw profile\0" + b"x" * 2_000_000),
        (b"zTXt", b"Raw profile\0\0" + zlib.compress(b"x" * 2_000_000)),
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b"x" * 2_000_000)),
    ],
    ids=["tEXt", "zTXt", "iTXt"],
)
def test_two_megabytes_of_text_beside_the_pixels_change_none(chunk: tuple[bytes, bytes]) -> None:
    assert furthest(png_of(PHOTOGRAPH, chunk), PHOTOGRAPH.astype(float)) == 0


# The first of several pictures


@pytest.mark.parametrize(
    "data",
    [
        save(IMAGE, "PNG", save_all=True, append_images=[OTHER]),
        save(IMAGE, "PNG", save_all=True, append_images=[OTHER], default_image=True),
        save(IMAGE, "TIFF", save_all=True, append_images=[OTHER]),
        save(IMAGE, "WebP", save_all=True, append_images=[OTHER], lossless=True),
    ],
    ids=["APNG", "APNG whose still is no frame", "TIFF", "WebP"],
)
def test_of_several_pictures_the_first_is_kept_pixel_by_pixel(data: bytes) -> None:
    assert furthest(data, PHOTOGRAPH.astype(float)) == 0


def _on_a_canvas(pixels: Floats, width: int, height: int, left: int, top: int) -> Floats:
    canvas = np.full((height, width, 3), 255.0)
    canvas[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return canvas


@pytest.mark.parametrize("disposal", [0, 1, 2, 3])
def test_a_gif_whose_first_frame_is_smaller_than_its_canvas_is_white_around_it(disposal: int) -> None:
    picture = Image.fromarray(photograph(120, 90)).quantize(100)
    colours, numbers = np.array(picture.getpalette(), np.uint8).reshape(-1, 3), np.asarray(picture)
    first = gif_frame(numbers, 20, 30, transparent=5, disposal=disposal)
    second = gif_frame(np.full((180, 180), 9, np.uint8), disposal=disposal)

    seen = np.where(numbers[..., None] == 5, 255.0, colours[numbers])

    assert furthest(gif_of((180, 180), colours, first, second), _on_a_canvas(seen, 180, 180, 20, 30)) == 0


def test_a_webp_whose_first_frame_is_smaller_than_its_canvas_is_white_around_it() -> None:
    first, second = (save(Image.fromarray(pixels), "WebP", lossless=True) for pixels in (photograph(120, 90), SOFT))

    data = animated_webp((180, 180), (20, 30, first), (0, 0, second))

    assert furthest(data, _on_a_canvas(photograph(120, 90).astype(float), 180, 180, 20, 30)) == 0


def test_a_jpeg_with_more_of_them_behind_it_is_the_first() -> None:
    data = save(Image.fromarray(SOFT), "MPO", quality=95, save_all=True, append_images=[OTHER])

    assert furthest(data, SOFT.astype(float)) <= 6


# With losses; measured at most 7 levels in any value, and 44.7 dB over all (YCbCr in a TIFF; 45.9 the others)


def _heic(pixels: Bytes, bits: int, **options: int) -> bytes:
    if bits == 8:
        return save(Image.fromarray(pixels), "HEIC", **({"quality": 95} | options))
    file = BytesIO()
    values = deep(pixels).astype(np.uint16).tobytes()
    picture = pillow_heif.from_bytes("RGB;16", pixels.shape[1::-1], values)
    picture.save(file, **({"quality": 95} | options))
    assert pillow_heif.open_heif(file).info["bit_depth"] == bits
    return file.getvalue()


LOSSY: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: save(Image.fromarray(SOFT), "JPEG"),
    "JPEG, 4:4:4": lambda: save(Image.fromarray(SOFT), "JPEG", subsampling=0),
    "JPEG, 4:2:2": lambda: save(Image.fromarray(SOFT), "JPEG", subsampling=1),
    "JPEG, progressive": lambda: save(Image.fromarray(SOFT), "JPEG", progressive=True),
    "JPEG, RGB": lambda: save(Image.fromarray(SOFT), "JPEG", keep_rgb=True),
    "WebP": lambda: save(Image.fromarray(SOFT), "WebP", quality=95),
    "TIFF, YCbCr": lambda: save(Image.fromarray(SOFT).convert("YCbCr"), "TIFF"),
    "TIFF, YCbCr, JPEG": lambda: save(Image.fromarray(SOFT).convert("YCbCr"), "TIFF", compression="jpeg", quality=95),
    "TIFF, JPEG": lambda: save(Image.fromarray(SOFT), "TIFF", compression="jpeg", quality=95),
    "HEIC, 8 bits, 4:2:0": lambda: _heic(SOFT, 8, chroma=420),
    "HEIC, 8 bits, 4:4:4": lambda: _heic(SOFT, 8, chroma=444),
    "HEIC, 10 bits, 4:2:0": lambda: _heic(SOFT, 10, chroma=420),
    "HEIC, 10 bits, 4:4:4": lambda: _heic(SOFT, 10, chroma=444),
}


@pytest.mark.parametrize("make", LOSSY.values(), ids=LOSSY)
def test_a_lossy_file_loses_no_more_than_its_compression_does(make: Callable[[], bytes]) -> None:
    data = make()

    assert furthest(data, SOFT.astype(float)) <= 8
    assert decibels(developed(data), SOFT.astype(float)) > 44


def test_the_jpeg_that_leaves_has_the_pixels_of_the_picture() -> None:
    pixels = np.asarray(opened(normalise(save(Image.fromarray(SOFT), "PNG")).jpeg), float)

    assert np.abs(pixels - SOFT).max() <= 8  # at quality 90, colours at half the size
    assert decibels(pixels, SOFT.astype(float)) > 42
