"""How a picture lies: where its upright self is in the pixels as they are stored, and how these are turned (EXIF)."""

from typing import Final

from PIL import Image
from PIL.ImageFile import ImageFile

from photo_sync.imaging.tiff import is_modest

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels from the upper left corner."""

_TAG: Final = 0x0112  # EXIF's
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_FROM_THE_RIGHT: Final = {2, 3, 7, 8}
_FROM_BELOW: Final = {3, 4, 6, 7}
_ON_ITS_SIDE: Final = {5, 6, 7, 8}


def orientation(image: ImageFile) -> int:
    """Say how a picture lies, 1 to 8 (EXIF 2.32, 4.6.4); 1, upright, where its EXIF or XMP is missing or damaged.

    For a PNG the pixels must have been decoded: its EXIF may stand behind them. The decoders of HEIC and TIFF turn the
    pixels themselves and say so; a HEIC's own rotation is the one that counts (ISO/IEC 23008-12, 6.5.10).
    """
    exif = image.info.get("exif")
    if isinstance(exif, bytes) and not is_modest(exif.removeprefix(b"Exif\0\0")):
        return 1
    try:
        told = int(image.getexif().get(_TAG, 1))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a damaged EXIF block raises anything, and must not cost somebody their photo
        return 1
    return told if told in _UPRIGHT else 1


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turn a picture, or a square of it, upright."""
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


def upright_size(stored: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return the width and height of the picture as people see it."""
    width, height = stored
    return (height, width) if orientation in _ON_ITS_SIDE else (width, height)


def as_stored(box: Box, stored: tuple[int, int], orientation: int) -> Box:
    """Return where a box of the upright picture is in the pixels as they are stored."""
    left, top, right, bottom = box
    width, height = stored
    if orientation in _ON_ITS_SIDE:
        left, top, right, bottom = top, left, bottom, right
    if orientation in _FROM_THE_RIGHT:
        left, right = width - right, width - left
    if orientation in _FROM_BELOW:
        top, bottom = height - bottom, height - top
    return left, top, right, bottom
