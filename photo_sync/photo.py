"""Any picture becomes the one JPEG that Microsoft 365 takes: upright, square, sRGB, small, and without metadata."""

from dataclasses import dataclass
from typing import Final

from PIL import Image
from PIL.ImageFile import ImageFile

from photo_sync.colour import to_continuous, to_srgb
from photo_sync.errors import Rejected
from photo_sync.formats import Format, check_pixels, decoding, detect, open_picture
from photo_sync.jpeg import encode

VERSION: Final = 1
"""Counts the ways of making a photo: raised whenever the same picture becomes another JPEG than before."""
EDGE: Final = 648
"""The largest side Microsoft 365 keeps a photo in (Microsoft Learn, "Get profilePhoto")."""
MIN_EDGE: Final = 48
"""The smallest one; Graph answers `ValidationWidthTooSmall` below (microsoft-graph-docs-contrib#423)."""
MAX_BYTES: Final = 100_000
"""What every store that Microsoft documents takes; Graph itself takes less than 4 MB."""

_DRAFT_GAP: Final = 1.75
"""How many times the final side a JPEG is decoded at, at least: less is seen, more is only slower."""
_ORIENTATION: Final = 0x0112  # EXIF's tag
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Photo:
    """The JPEG to send, `width` x `height` pixels, and what came in: its format and its size in pixels."""

    jpeg: bytes
    width: int
    height: int
    source_format: str
    source_width: int
    source_height: int


def normalise(data: bytes, *, edge: int = EDGE, max_bytes: int = MAX_BYTES) -> Photo:
    """Turn any picture into a square JPEG of at most `edge` pixels a side and `max_bytes` bytes.

    What the file is comes from its bytes. The centre square is kept, and never enlarged; orientation and colour are
    applied to the small picture, where they cost nothing.

    Raises `Rejected`, with the reason and what to do, for whatever cannot become a photo.
    """
    format_ = detect(data)
    image = open_picture(data, format_)
    source_width, source_height = image.size
    _check_edge(image)
    square = _square(_decode(image, format_, edge), edge)
    upright = square.transpose(_UPRIGHT[turn]) if (turn := _orientation(image)) in _UPRIGHT else square
    jpeg, side = encode(to_srgb(upright, image.info.get("icc_profile")), max_bytes)
    return Photo(jpeg, side, side, format_.name, source_width, source_height)


def _check_edge(image: ImageFile) -> None:
    width, height = image.size
    if min(width, height) < MIN_EDGE:
        raise Rejected(
            "too-small",
            f"This picture is {width} x {height} pixels; Microsoft 365 takes none under {MIN_EDGE} x {MIN_EDGE}. "
            f"Upload a larger one, best {EDGE} x {EDGE} or more.",
        )


def _decode(image: ImageFile, format_: Format, edge: int) -> Image.Image:
    """Decode the pixels: of a JPEG no more than needed, at a half, a quarter or an eighth of its size."""
    shortest = int(edge * _DRAFT_GAP)
    with decoding(format_.name):
        if image.format == "JPEG":
            image.draft(None, (shortest, shortest))
    check_pixels(image, format_, format_.max_pixels)
    with decoding(format_.name):
        image.load()
        return to_continuous(image)


def _square(image: Image.Image, edge: int) -> Image.Image:
    """Cut the centre square out and shrink it to `edge` pixels a side, in one step."""
    width, height = image.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    final = min(side, edge)
    return image.resize((final, final), Image.Resampling.LANCZOS, box=(left, top, left + side, top + side))


def _orientation(image: ImageFile) -> int:
    """How the picture lies, 1 to 8 (EXIF 2.32, 4.6.4); upright where its EXIF is missing or damaged."""
    if image.format == "HEIF":
        return 1  # its decoder turns it by its own rotation, which is the one that counts (ISO/IEC 23008-12, 6.5.10)
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - a damaged EXIF block raises anything, and must not cost somebody their photo
        return 1
