"""Pictures written byte by byte: the kinds that Pillow reads and does not write."""

import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Final

WIDTH: Final = 80
HEIGHT: Final = 64

_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of PNG's colour types: grey, RGB, palette, and two with alpha
_ADAM7: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_SIZES: Final = {3: "H", 4: "L"}  # TIFF's types of numbers


def png(kind: int, bits: int, *more: tuple[bytes, bytes], interlaced: bool = False) -> bytes:
    """Return a PNG of any colour type and depth, each of its rows filtered in another way; `more` are other chunks."""
    grids = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    sizes = [(-(-(WIDTH - x) // across), -(-(HEIGHT - y) // down)) for x, y, across, down in grids]
    rows = b"".join(_rows(height, -(-width * bits * _CHANNELS[kind] // 8), filters=5) for width, height in sizes)
    header = struct.pack(">LLBBBBB", WIDTH, HEIGHT, bits, kind, 0, 0, interlaced)
    palette = [(b"PLTE", bytes(range(96)) * 8)] if kind == 3 else []
    chunks = ((b"IHDR", header), *palette, *more, (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def png_chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk with its length and its checksum."""
    return struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))


def bmp(bits: int, rows: bytes | None = None, *, compression: int = 0, header: int = 40) -> bytes:
    """Return a BMP with a palette or with bit masks, as its depth asks for; `header` is 12 for OS/2's kind."""
    body = _rows(HEIGHT, -(-WIDTH * bits // 32) * 4) if rows is None else rows
    colours = bytes(range(256)) * 4 if bits <= 8 else struct.pack("<LLL", 0xF800, 0x7E0, 0x1F)
    table = colours[: 3 << bits] if header == 12 else colours[: 4 << bits]
    size = struct.pack("<HHHH" if header == 12 else "<LLHH", WIDTH, HEIGHT, 1, bits)
    rest = struct.pack("<LLLLLL", compression, len(body), 0, 0, 0, 0) if header == 40 else b""
    start = 14 + header + len(table)
    head = b"BM" + struct.pack("<LLLL", start + len(body), 0, start, header)
    return head + size + rest + table + body


def run_lengths(pixels: int) -> bytes:
    """Return a BMP's rows by run lengths, `pixels` to a byte: runs, pixels as they are, a jump, and ends of lines."""
    literal = b"\0\x08" + bytes(range(8 // pixels))
    line = b"\x28\x11" + literal + b"\x10\x22" + b"\0\x02\x08\0" + b"\x08\x33" + b"\0\0"
    return line * HEIGHT + b"\0\1"


def tiff(*tags: tuple[int, int, Sequence[int]], blocks: Iterable[bytes]) -> bytes:
    """Return a TIFF of those tags, each with its type and its numbers, and of strips or tiles.

    Where these are is filled in, in the tags 273 or 324.
    """
    data, starts = bytearray(8), []
    for block in blocks:
        starts.append(len(data))
        data += block
    entries = b""
    for tag, kind, told in sorted(tags):
        numbers = starts if tag in {273, 324} else told
        packed = struct.pack(f"<{len(numbers)}{_SIZES[kind]}", *numbers)
        if len(packed) > 4:
            packed, behind = struct.pack("<L", len(data)), packed
            data += behind
        entries += struct.pack("<HHL", tag, kind, len(numbers)) + packed.ljust(4, b"\0")
    data[:8] = b"II" + struct.pack("<HL", 42, len(data))
    return bytes(data) + struct.pack("<H", len(tags)) + entries + bytes(4)


def tiff_of(bits: int, channels: int, photometric: int, *, tile: int = 0, planes: bool = False) -> bytes:
    """Return an uncompressed TIFF in strips of 16 rows, or in square tiles, its channels together or in planes."""
    across, down = (-(-WIDTH // tile), -(-HEIGHT // tile)) if tile else (1, HEIGHT // 16)
    size = -(-(tile or WIDTH) * bits * (1 if planes else channels) // 8) * (tile or 16)
    count = across * down * (channels if planes else 1)
    places = [(322, 3, [tile]), (323, 3, [tile])] if tile else [(278, 3, [16])]
    where, length = (324, 325) if tile else (273, 279)
    return tiff(
        (256, 3, [WIDTH]),
        (257, 3, [HEIGHT]),
        (258, 3, [bits] * channels),
        (259, 3, [1]),
        (262, 3, [photometric]),
        (277, 3, [channels]),
        (284, 3, [2 if planes else 1]),
        *places,
        (where, 4, []),
        (length, 4, [size] * count),
        blocks=[_rows(1, size)] * count,
    )


def jpeg_in_three_scans() -> bytes:
    """Return a mid-grey baseline JPEG with red, green and blue one after the other (ITU T.81, annexes B and F)."""
    frame = struct.pack(">BHHB", 8, HEIGHT, WIDTH, 3) + b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3))
    tables = (0xDB, b"\0" + b"\x10" * 64), (0xC4, b"\0\1" + bytes(16)), (0xC4, b"\x10\1" + bytes(16)), (0xC0, frame)
    rows = bytes(WIDTH * HEIGHT // 64 * 2 // 8)  # two bits for each block: as the one before, and nothing more in it
    scans = (jpeg_segment(0xDA, bytes([1, number, 0, 0, 63, 0])) + rows for number in (1, 2, 3))
    return b"\xff\xd8" + b"".join(jpeg_segment(*table) for table in tables) + b"".join(scans) + b"\xff\xd9"


def jpeg_segment(marker: int, body: bytes) -> bytes:
    """Return a segment with its marker and its length."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _rows(count: int, length: int, *, filters: int = 0) -> bytes:
    """Rows of bytes that rise, each one shifted; with filters, each begins with the number of one of them."""
    ramp = bytes(range(0, 256, 3)) * (length // 86 + 2)
    kinds = [bytes([row % filters]) if filters else b"" for row in range(count)]
    return b"".join(kind + ramp[row % 86 : row % 86 + length] for row, kind in enumerate(kinds))
