"""What a file is, told from its first bytes; only the formats named here are ever opened."""

import re
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, BinaryIO, Final

from PIL.ImageFile import ImageFile

from photo_sync.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Format:
    """A picture format: its name, what its files begin with, and the class that decodes it, imported when needed.

    `beside` is how many bytes the decoder takes beside the picture, for each value of each pixel, as measured.
    """

    name: str
    signature: re.Pattern[bytes]
    decoder: str
    beside: float

    def open(self, file: BinaryIO) -> ImageFile:
        """Open a picture of this format by its own decoder; on damaged bytes, that raises anything at all."""
        decoder: Callable[[BinaryIO], ImageFile] = resolve_name(self.decoder)
        return decoder(file)


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


# HEIF's brands: ISO/IEC 23008-12. Where AVIF is among the compatible ones, behind the major one, it is an AVIF.
FORMATS: Final = (
    Format("JPEG", re.compile(rb"\xff\xd8\xff"), "PIL.JpegImagePlugin:JpegImageFile", 0),
    Format("PNG", re.compile(rb"\x89PNG\r\n\x1a\n"), "PIL.PngImagePlugin:PngImageFile", 0),
    Format("WebP", re.compile(rb"RIFF....WEBP", re.DOTALL), "PIL.WebPImagePlugin:WebPImageFile", 4),
    Format("GIF", re.compile(rb"GIF8[79]a"), "PIL.GifImagePlugin:GifImageFile", 0),
    Format("BMP", re.compile(rb"BM"), "PIL.BmpImagePlugin:BmpImageFile", 3),
    Format("TIFF", re.compile(rb"II[*+]\0|MM\0[*+]"), "PIL.TiffImagePlugin:TiffImageFile", 1.4),
    Format(
        "HEIC",
        re.compile(rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)(?!.{4,40}avi[fs])", re.DOTALL),
        "pillow_heif:HeifImageFile",
        2.1,
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
