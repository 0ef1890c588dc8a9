"""The scans that a JPEG is drawn in: of one, each block is done with at once; of several, all must be kept to the last.

What the scans of a progressive JPEG add, and to what, is in ITU T.81, annex G.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_MARKER: Final = re.compile(rb"\xff[\xc0-\xcf\xd9-\xfe]")  # all that a length follows, and the end; no restarts
_MOST_SEGMENTS: Final = 10_000
"""A JPEG has some dozens, with a large profile some hundreds."""
_START_OF_SCAN: Final = b"\xff\xda"
_END: Final = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class Scan:
    """Which bytes a scan has, of which channels, which coefficients they draw, and from which bit to which."""

    begin: int
    end: int
    channels: bytes
    first: int
    last: int
    high: int
    low: int

    @property
    def is_finest(self) -> bool:
        """Whether it adds the last bit to coefficients that are there, of a single channel and not of its mean."""
        return len(self.channels) == 1 and self.first > 0 and (self.high, self.low) == (1, 0)


def is_single(data: bytes, channel_count: int) -> bool:
    """Say whether the first scan of a JPEG has all of the picture's channels."""
    begin = next((begin for marker, begin in _markers(data) if marker == _START_OF_SCAN), len(data))
    return data[begin + 4 : begin + 5] == bytes([channel_count])


def scans(data: bytes) -> Iterator[Scan]:
    """Yield the scans of a JPEG, in order; raises `ValueError` for more segments than a picture has."""
    head = None
    for marker, begin in _markers(data):
        if head is not None:
            yield _scan(data, head, begin)
        head = begin if marker == _START_OF_SCAN else None
    if head is not None:
        yield _scan(data, head, len(data))


def without_finest(data: bytes, channel: int) -> bytes:
    """Return a progressive JPEG without the last bits of a channel: its longest scan, and the slowest to decode."""
    for scan in scans(data):
        if scan.is_finest and scan.channels[0] == channel:
            return data[: scan.begin] + data[scan.end :]
    return data


def _markers(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Each segment's marker and where it is, up to the end of the picture (ITU T.81, annex B)."""
    at, count = 2, 0
    while marker := _MARKER.search(data, at):
        count += 1
        if count > _MOST_SEGMENTS:
            raise ValueError("too many segments")
        yield marker[0], marker.start()
        if marker[0] == _END:
            return
        at = marker.end() + max(2, int.from_bytes(data[marker.end() : marker.end() + 2]))


def _scan(data: bytes, begin: int, end: int) -> Scan:
    count = int.from_bytes(data[begin + 4 : begin + 5])
    behind = begin + 5 + 2 * count
    first, last, bits = (*data[behind : behind + 3], 0, 0, 0)[:3]
    return Scan(begin, end, data[begin + 5 : behind : 2], first, last, bits >> 4, bits & 15)
