"""What a file is, told from its first bytes; only the formats named here are ever opened, and only within limits."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pkgutil import resolve_name
from typing import Final

from PIL import Image
from PIL.ImageFile import ImageFile

from photo_sync import frames, scans
from photo_sync.errors import Rejected

MAX_FRAMES: Final = 1_000
MAX_MEMORY: Final = 256_000_000
"""Bytes that decoding one picture may take; four at once fit an instance of 2,048 MB."""
MAX_PIXELS_IN_ONE_SCAN: Final = 200_000_000
"""A JPEG in one scan is decoded at a fraction of its size, block by block: its memory does not grow with its pixels."""
MAX_SCANS: Final = 100
"""Each one takes time by the picture's size, however few bytes it has; a progressive JPEG usually has ten."""


@dataclass(frozen=True, slots=True)
class Format:
    """A picture format: its name, what its files begin with, and the class that decodes it, imported when needed.

    `bytes_per_pixel` is what its worst file was seen to take in memory, from the first byte to the small square.
    """

    name: str
    signature: re.Pattern[bytes]
    decoder: str
    bytes_per_pixel: int

    @property
    def max_pixels(self) -> int:
        """How many pixels fit `MAX_MEMORY`."""
        return MAX_MEMORY // self.bytes_per_pixel

    def open(self, data: bytes) -> ImageFile:
        """Open a picture of this format by its own decoder; on damaged bytes, that raises anything at all."""
        decoder: Callable[[BytesIO], ImageFile] = resolve_name(self.decoder)
        return decoder(BytesIO(data))


def detect(data: bytes) -> Format:
    """Say what a file is; raises `Rejected` for what is no picture, or of a format that is not on the list."""
    if not data:
        raise Rejected("empty", "This file is empty: 0 bytes. Upload it again.")
    head = data[:1024]
    for format_ in FORMATS:
        if format_.signature.match(head):
            return format_
    what = next((name for name, signature in _NOT_FOR_PHOTOS if signature.match(head)), None)
    accepted = ", ".join(format_.name for format_ in FORMATS)
    raise Rejected(
        "not-a-picture" if what is None else "wrong-format",
        (f"This file is {what}, whatever its name says. " if what else "This file is not a picture. ")
        + f"Save the photo as one of {accepted} and upload that.",
    )


def open_picture(data: bytes, format_: Format) -> ImageFile:
    """Open a picture of that format, its pixels not yet decoded; an animation opens at its first frame.

    The decoder is called directly, not through `Image.open`: no other format is ever tried, nothing is registered,
    and the limits are these rather than Pillow's process-wide ones.

    Raises `Rejected` for a damaged file, and for what is over the limits.
    """
    with decoding(format_.name):
        image = format_.open(data)
        frame_count = frames.count(image, data, most=MAX_FRAMES + 1)
        passes = _count_passes(image, data)
    check_pixels(image, format_, MAX_PIXELS_IN_ONE_SCAN if passes == 1 else format_.max_pixels)
    if passes > MAX_SCANS:
        raise Rejected(
            "too-many-scans",
            f"This JPEG is drawn in more than {MAX_SCANS} passes, which no camera does. "
            "Open it in an image editor, save it as a JPEG and upload that.",
        )
    if frame_count > MAX_FRAMES:
        raise Rejected(
            "too-many-frames",
            f"This animation has more than {MAX_FRAMES:,} frames. Save one of them as a JPEG and upload that.",
        )
    return image


def check_pixels(image: ImageFile, format_: Format, limit: int) -> None:
    """Raise `Rejected` where decoding this picture would take more than `limit` pixels."""
    width, height = image.size
    if width * height > limit:
        raise Rejected(
            "too-many-pixels",
            f"This picture is {width:,} x {height:,} pixels, more than the {limit // 1_000_000} million that a "
            f"{format_.name} may have here. Make it smaller, 2,000 pixels wide is plenty, and upload it again.",
        )


@contextmanager
def decoding(format_name: str) -> Iterator[None]:
    """Turn whatever a decoder raises inside into `Rejected`: on damaged bytes, decoders raise anything at all.

    Only a lack of memory passes: that is this machine's fault, and over when others are done.
    """
    try:
        yield
    except MemoryError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Rejected(
            "too-many-pixels",
            f"This {format_name} has far too many pixels. Make it smaller, 2,000 pixels wide is plenty, "
            "and upload it again.",
        ) from error
    except Exception as error:
        if "truncated" in str(error).lower():
            raise Rejected(
                "truncated",
                f"This {format_name} ends too early: the upload or the copy before it was cut off. Upload it again.",
            ) from error
        raise Rejected(
            "damaged",
            f"This {format_name} is damaged and cannot be decoded. "
            "Open it in an image editor, save it as a JPEG and upload that.",
        ) from error


# HEIF's brands: ISO/IEC 23008-12. Where AVIF is among the compatible ones, behind the major one, it is an AVIF.
FORMATS: Final = (
    Format("JPEG", re.compile(rb"\xff\xd8\xff"), "PIL.JpegImagePlugin:JpegImageFile", 8),
    Format("PNG", re.compile(rb"\x89PNG\r\n\x1a\n"), "PIL.PngImagePlugin:PngImageFile", 11),
    Format("WebP", re.compile(rb"RIFF....WEBP", re.DOTALL), "PIL.WebPImagePlugin:WebPImageFile", 16),
    Format("GIF", re.compile(rb"GIF8[79]a"), "PIL.GifImagePlugin:GifImageFile", 9),
    Format("BMP", re.compile(rb"BM"), "PIL.BmpImagePlugin:BmpImageFile", 9),
    Format("TIFF", re.compile(rb"II[*+]\0|MM\0[*+]"), "PIL.TiffImagePlugin:TiffImageFile", 9),
    Format(
        "HEIC",
        re.compile(rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)(?!.{4,40}avi[fs])", re.DOTALL),
        "pillow_heif:HeifImageFile",
        9,
    ),
)

_NOT_FOR_PHOTOS: Final = (
    ("a PDF document", re.compile(rb"%PDF")),
    ("an AVIF picture", re.compile(rb"....ftyp(?:avi[fs]|mif1|msf1)", re.DOTALL)),
    ("a video", re.compile(rb"....ftyp|\x1aE\xdf\xa3|RIFF....AVI ", re.DOTALL)),
    ("a JPEG XL picture", re.compile(rb"\xff\x0a|\0\0\0\x0cJXL ")),
    ("a JPEG 2000 picture", re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51")),
    ("a Photoshop file", re.compile(rb"8BPS")),
    (
        "an SVG drawing",
        re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:!doctype )?svg", re.DOTALL | re.IGNORECASE),
    ),
    ("a web page", re.compile(rb"\s*<(?:!doctype html|html)", re.IGNORECASE)),
    ("a PostScript file", re.compile(rb"%!PS")),
    ("a ZIP archive or an Office document", re.compile(rb"PK\x03\x04")),
    ("an icon", re.compile(rb"\0\0\x01\0")),
)


def _count_passes(image: ImageFile, data: bytes) -> int:
    """How often a JPEG goes over its pixels, up to one more than it may; 0 for what is no JPEG."""
    if image.format != "JPEG":
        return 0
    if scans.is_single(data, len(image.getbands())) and "progressive" not in image.info:
        return 1
    return max(2, sum(1 for _ in islice(scans.channels(data), MAX_SCANS + 1)))
