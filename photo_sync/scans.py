"""In how many scans a JPEG is drawn: one is decoded block by block, of several all must be kept until the last."""

import re
from collections.abc import Iterator
from typing import Final

_MARKER: Final = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")  # all that a length follows, and the end; no restarts
_START_OF_SCAN: Final = b"\xff\xda"
_END: Final = b"\xff\xd9"


def is_single(data: bytes, channel_count: int) -> bool:
    """Say whether the first scan has all of the picture's channels."""
    return next(channels(data), 0) == channel_count


def channels(data: bytes) -> Iterator[int]:
    """Yield the number of channels in each scan of a JPEG, in order (ITU T.81, annex B)."""
    at = 2
    while (marker := _MARKER.search(data, at)) and marker[0] != _END:
        at = marker.end() + max(2, int.from_bytes(data[marker.end() : marker.end() + 2]))
        if marker[0] == _START_OF_SCAN:
            yield int.from_bytes(data[marker.end() + 2 : marker.end() + 3])
