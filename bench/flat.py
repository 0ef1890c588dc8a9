"""A grey baseline JPEG of any size, written byte by byte: nobody has to hold its pixels to make it."""

import struct
from typing import Final

_BITS: Final = 6
"""For eight by eight pixels: no difference to those before and nothing more, for each of three components."""


def flat_jpeg(width: int, height: int) -> bytes:
    """Return one that has no pixel unlike the others (ITU T.81, annexes B and F)."""
    blocks = -(-width // 8) * -(-height // 8)
    components = b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3))
    return (
        b"\xff\xd8"
        + _segment(0xDB, b"\0" + b"\x10" * 64)
        + _segment(0xC4, b"\0\1" + bytes(15) + b"\0")
        + _segment(0xC4, b"\x10\1" + bytes(15) + b"\0")
        + _segment(0xC0, struct.pack(">BHHB", 8, height, width, 3) + components)
        + _segment(0xDA, b"\3\1\0\2\0\3\0\0\x3f\0")
        + bytes(blocks * _BITS // 8 + 1)
        + b"\xff\xd9"
    )


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
