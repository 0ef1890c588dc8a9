"""The first directory of a TIFF, or of an EXIF block, which is one: how much it says it has, told by itself alone."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

_MOST_VALUES: Final = 100_000
"""Of one tag: as many strips as the tallest scan has rows. Once it is read, each value is an object of 200 bytes."""
_MOST_ENTRIES: Final = 65_535
_TRANSFER_FUNCTION: Final = 301  # of a scanner's 16 bits it has 196,608 values, and nobody reads it
_TEXTS: Final = {1, 2, 6, 7}  # the types that are read as bytes, in one piece
_SIZES: Final = {3: "H", 4: "L", 16: "Q"}  # the types of whole numbers


class Entry(NamedTuple):
    """One entry of the directory: its tag, its values' type and number, and where these or their place stand."""

    tag: int
    kind: int
    length: int
    at: int


def is_modest(data: bytes) -> bool:
    """Say whether no tag has more values than a picture's may; True for what is no directory at all."""
    try:
        return all(
            entry.length <= _MOST_VALUES or entry.kind in _TEXTS or entry.tag == _TRANSFER_FUNCTION
            for entry in entries(data)
        )
    except (struct.error, OverflowError):
        return True
    except ValueError:
        return False


def entries(data: bytes) -> Iterator[Entry]:
    """Yield the entries of the first directory (TIFF 6.0, section 2; BigTIFF); raises `struct.error` where it ends.

    Raises `ValueError` for more than a TIFF could have before it was big.
    """
    order, big = _order(data), data[2:4] in {b"+\0", b"\0+"}
    (begin,) = struct.unpack_from(f"{order}{'Q' if big else 'L'}", data, 8 if big else 4)
    (count,) = struct.unpack_from(f"{order}{'Q' if big else 'H'}", data, begin)
    if count > _MOST_ENTRIES:
        raise ValueError("too many entries")
    head, size = (8, 20) if big else (2, 12)
    for number in range(count):
        at = begin + head + size * number
        tag, kind, length = struct.unpack_from(f"{order}HH{'Q' if big else 'L'}", data, at)
        yield Entry(tag, kind, length, at + (12 if big else 8))


def numbers(data: bytes, entry: Entry) -> tuple[int, ...]:
    """Return an entry's whole numbers; none where it has others; raises `struct.error` where they end."""
    if entry.kind not in _SIZES or entry.length > _MOST_VALUES:
        return ()
    big = data[2:4] in {b"+\0", b"\0+"}
    layout, at = f"{_order(data)}{entry.length}{_SIZES[entry.kind]}", entry.at
    if struct.calcsize(layout) > (8 if big else 4):
        (at,) = struct.unpack_from(f"{_order(data)}{'Q' if big else 'L'}", data, at)
    return struct.unpack_from(layout, data, at)


def _order(data: bytes) -> str:
    return "<" if data[:2] == b"II" else ">"
