"""Whether a file is shorter than its own first bytes say: then it was cut off on its way here, and is not damaged else.

Of PNG, GIF and BMP their decoders notice.
"""

import struct
from itertools import chain
from typing import Final

from photo_sync.imaging.tiff import entries, numbers

_STRIP_TAGS: Final = ((273, 279), (324, 325))  # where a TIFF's strips or tiles are, and how long each is


def is_cut_off(format_name: str, data: bytes) -> bool:
    """Say whether a JPEG, WebP, HEIC or TIFF ends before it should; False for other formats, and for damaged ones."""
    try:
        return format_name in _ENDS and _ENDS[format_name](data) > len(data)
    except (struct.error, OverflowError):
        return format_name == "TIFF"  # its directory is behind the end
    except ValueError:
        return False


def _end_of_jpeg(data: bytes) -> int:
    """Of the marker that ends it: somewhere behind, where there is none."""
    return len(data) if b"\xff\xd9" in data else len(data) + 2


def _end_of_webp(data: bytes) -> int:
    """Of the RIFF container."""
    return 8 + int(struct.unpack_from("<L", data, 4)[0])


def _end_of_heic(data: bytes) -> int:
    """Of the last box that begins within the file (ISO/IEC 14496-12, 4.2)."""
    end = 0
    while end + 8 <= len(data):
        (size,) = struct.unpack_from(">L", data, end)
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, end + 8)
        if size < 8:
            break  # 0 stands for all the rest of the file
        end += size
    return end


def _end_of_tiff(data: bytes) -> int:
    """Of the first page's strips or tiles."""
    tags = {entry.tag: entry for entry in entries(data)}
    strips = (
        zip(numbers(data, tags[places]), numbers(data, tags[lengths]), strict=False)
        for places, lengths in _STRIP_TAGS
        if places in tags and lengths in tags
    )
    return max((place + length for place, length in chain.from_iterable(strips)), default=0)


_ENDS: Final = {"JPEG": _end_of_jpeg, "WebP": _end_of_webp, "HEIC": _end_of_heic, "TIFF": _end_of_tiff}
