"""One small picture of each kind, made in code: what damaged ones are made from."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

from fuzz.saved import colours, heic_of_ten_bits, heic_of_two, jpeg_of_a_face, save, saved
from fuzz.written import bmp, jpeg_in_three_scans, png, png_chunk, run_lengths, tiff_of


@dataclass(frozen=True, slots=True)
class Seed:
    """A picture and its name; `code` is why it is rejected, and empty for one that becomes a photo."""

    name: str
    data: bytes
    code: str = ""


@cache
def seeds() -> tuple[Seed, ...]:
    """Return all of them."""
    written = (Seed(name, make()) for name, make in _WRITTEN.items())
    refused = (Seed(name, make(), code) for name, (code, make) in _REFUSED.items())
    return *(Seed(*named) for named in saved()), *written, *refused


def _claiming(width: int, height: int) -> bytes:
    """A small PNG whose header says another size."""
    data = png(2, 8)
    return data[:8] + png_chunk(b"IHDR", struct.pack(">LL", width, height) + data[24:29]) + data[33:]


def _jpeg_of_scans(count: int) -> bytes:
    """A JPEG whose last scan comes again and again."""
    data = jpeg_in_three_scans()
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * (count - 3) + data[-2:]


_ANIMATION: Final = struct.pack(">LL", 1_001, 0)

_WRITTEN: Final[dict[str, Callable[[], bytes]]] = {
    "JPEG in three scans": jpeg_in_three_scans,
    "JPEG of a face": jpeg_of_a_face,
    **{
        f"PNG of type {kind}, {bits} bit{', interlaced' * interlaced}": partial(png, kind, bits, interlaced=interlaced)
        for kind, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}.items()
        for bits in depths
        for interlaced in (False, True)
    },
    "PNG grey, transparent": lambda: png(0, 8, (b"tRNS", b"\0\x30")),
    "PNG grey 1 bit, transparent": lambda: png(0, 1, (b"tRNS", b"\0\1")),
    "PNG RGB, transparent": lambda: png(2, 8, (b"tRNS", b"\0\0\0\x03\0\x06")),
    "PNG palette, translucent": lambda: png(3, 8, (b"tRNS", bytes(range(256)))),
    "PNG gamma, colours, size": lambda: png(
        2,
        8,
        (b"gAMA", struct.pack(">L", 45_455)),
        (b"cHRM", struct.pack(">8L", 31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000)),
        (b"sRGB", b"\0"),
        (b"pHYs", struct.pack(">LLB", 2_835, 2_835, 1)),
    ),
    "BMP 4 bit": lambda: bmp(4),
    "BMP 16 bit": lambda: bmp(16, compression=3),
    "BMP 24 bit, OS/2": lambda: bmp(24, header=12),
    "BMP RLE8": lambda: bmp(8, run_lengths(1), compression=1),
    "BMP RLE4": lambda: bmp(4, run_lengths(2), compression=2),
    "TIFF 12 bit": lambda: tiff_of(12, 1, 1),
    "TIFF 16 bit RGB": lambda: tiff_of(16, 3, 2),
    "TIFF in tiles": lambda: tiff_of(8, 3, 2, tile=32),
    "TIFF in planes": lambda: tiff_of(8, 3, 2, planes=True),
    "TIFF in tiles and planes": lambda: tiff_of(8, 3, 2, tile=16, planes=True),
    "TIFF YCbCr": lambda: tiff_of(8, 3, 6),
    "TIFF 2 bit, white is 0": lambda: tiff_of(2, 1, 0),
    "HEIC of two pictures": heic_of_two,
    "HEIC 10 bit": heic_of_ten_bits,
}

_REFUSED: Final[dict[str, tuple[str, Callable[[], bytes]]]] = {
    "nothing": ("empty", lambda: b""),
    "text": ("not-a-picture", lambda: b"no picture"),
    "PDF": ("wrong-format", lambda: b"%PDF-1.7"),
    "AVIF": ("wrong-format", lambda: save(colours(), "AVIF")),
    "PNG too small": ("too-small", lambda: save(colours(16, 16), "PNG")),
    "PNG bomb": ("too-many-pixels", lambda: _claiming(60_000, 60_000)),
    "PNG of too many frames": ("too-many-frames", lambda: png(2, 8, (b"acTL", _ANIMATION))),
    "JPEG in too many scans": ("too-many-scans", lambda: _jpeg_of_scans(101)),
    "JPEG cut off": ("truncated", lambda: save(colours(), "JPEG")[:1_000]),
    "TIFF cut off": ("truncated", lambda: save(colours(), "TIFF")[:4_000]),
}
