"""The pieces that a picture consists of, whatever its format calls them, and the sums that hold them together."""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

_JPEG_SEGMENT: Final = re.compile(rb"\xff[^\0\xd0-\xd7\xff]")


def split(data: bytes) -> list[bytes]:
    """Return a picture's chunks, segments or boxes; joined they are the same bytes again."""
    cuts = next((cuts for start, cuts in _CUTS if start.match(data)), _even)
    places = [0, *cuts(data), len(data)]
    return [data[begin:end] for begin, end in pairwise(places) if begin < end]


def repaired(data: bytes) -> bytes:
    """Return a PNG with the checksums, or a WebP with the length, that its bytes ask for: else nobody reads on."""
    if data.startswith(b"RIFF"):
        return data[:4] + struct.pack("<L", (len(data) - 8) % 2**32) + data[8:]
    if data.startswith(b"\x89PNG"):
        return b"".join(_with_checksum(piece) for piece in split(data))
    return data


def _with_checksum(chunk: bytes) -> bytes:
    is_whole = len(chunk) >= 12 and len(chunk) == 12 + int.from_bytes(chunk[:4])
    return chunk[:-4] + struct.pack(">L", zlib.crc32(chunk[4:-4])) if is_whole else chunk


def _png_chunks(data: bytes) -> Iterator[int]:
    at = 8
    while at + 12 <= len(data):
        yield at
        at += 12 + int.from_bytes(data[at : at + 4])


def _riff_chunks(data: bytes) -> Iterator[int]:
    at = 12
    while at + 8 <= len(data):
        yield at
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + size % 2


def _jpeg_segments(data: bytes) -> Iterator[int]:
    return (match.start() for match in _JPEG_SEGMENT.finditer(data, 2))


def _boxes(data: bytes) -> Iterator[int]:
    at = 0
    while at + 8 <= len(data):
        yield at
        at += max(8, int.from_bytes(data[at : at + 4]))


def _even(data: bytes) -> range:
    """Pieces of 12 bytes, as a TIFF's directory has, where Pillow puts it."""
    return range(10, len(data), 12)


_CUTS: Final[tuple[tuple[re.Pattern[bytes], Callable[[bytes], Iterator[int] | range]], ...]] = (
    (re.compile(rb"\x89PNG"), _png_chunks),
    (re.compile(rb"RIFF"), _riff_chunks),
    (re.compile(rb"\xff\xd8"), _jpeg_segments),
    (re.compile(rb"....ftyp", re.DOTALL), _boxes),
)
