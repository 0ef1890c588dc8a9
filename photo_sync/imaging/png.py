"""A PNG's chunks beside its pixels: of those that are compressed, the ones that matter are kept, and none is a bomb."""

import zlib
from collections.abc import Iterator
from typing import Final

_MOST_CHUNKS: Final = 100_000
_MOST_UNPACKED: Final = 1_000_000
"""Bytes of one chunk: more the decoder does not take."""
_PROFILE: Final = 16_000_000
"""Bytes of the largest profile that is unpacked; those of presses have four megabytes."""
_HEAD: Final = 8  # bytes of the signature, and likewise of a chunk's length and name
_WANTED: Final = {b"zTXt": b"Raw profile type exif\0", b"iTXt": b"XML:com.adobe.xmp\0", b"iCCP": b""}


def split(data: bytes) -> tuple[bytes, bytes]:
    """Return the PNG without texts that nobody reads and without chunks that are too large unpacked.

    With it comes the profile, where it was one of these. Raises `ValueError` for more chunks than a picture has;
    whatever else is damaged is left for the decoder to find.
    """
    kept, profile, at, wanted = [], b"", 0, dict(_WANTED)
    for begin, end, name in _chunks(data):
        if name not in _WANTED:
            continue
        body = data[begin + _HEAD : end - 4]
        if name in wanted and body.startswith(wanted[name]):
            del wanted[name]  # one of each is looked at
            packed = _packed(name, body)
            if len(_unpack(packed, _MOST_UNPACKED + 1)) <= _MOST_UNPACKED:
                continue
            profile = _unpack(packed, _PROFILE) if name == b"iCCP" else profile
        kept.append(data[at:begin])
        at = end
    return (b"".join([*kept, data[at:]]) if at else data), profile


def _chunks(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Where each chunk begins and ends, and its name (PNG, third edition, 5.3)."""
    at, count = _HEAD, 0
    while at + _HEAD <= len(data):
        end = at + _HEAD + int.from_bytes(data[at : at + 4]) + 4
        yield at, end, data[at + 4 : at + _HEAD]
        at, count = end, count + 1
        if count > _MOST_CHUNKS:
            raise ValueError("too many chunks")


def _packed(name: bytes, body: bytes) -> bytes:
    """What is compressed in a chunk: behind a keyword, and in iTXt behind two words more, if it is at all."""
    rest = body.partition(b"\0")[2]
    if name != b"iTXt":
        return rest[1:]
    return rest[2:].split(b"\0", 2)[-1] if rest[:1] == b"\1" else b""


def _unpack(packed: bytes, most: int) -> bytes:
    """Unpack up to so many bytes; nothing where it is damaged."""
    try:
        return zlib.decompressobj().decompress(packed, most)
    except zlib.error:
        return b""
