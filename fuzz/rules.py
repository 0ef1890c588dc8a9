"""What must be true of any bytes at all: they become a photo or are rejected with a reason, within the limits."""

import re
import traceback
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL.JpegImagePlugin import JpegImageFile

from fuzz.meter import Cost, Meter
from photo_sync.errors import Rejected
from photo_sync.imaging.crop import Crop
from photo_sync.imaging.faces import RequireFace
from photo_sync.imaging.limits import Limits
from photo_sync.photo import Photo, normalise
from photo_sync.recipe import Recipe

USUAL: Final = Recipe()
TIGHT: Final = Recipe(edge=48, max_bytes=10_000, min_edge=1, limits=Limits(memory=16_000_000, seconds=0.25))
FACES: Final = Recipe(crop=Crop.FACE, require_face=RequireFace.WARN)
RECIPES: Final = {"usual": USUAL, "tight": TIGHT, "faces": FACES}
"""The usual one; one with which small pictures come upon every limit and are made smaller; one that looks for faces."""

MORE_SECONDS: Final = 1.5
"""Of CPU, beyond the limit: what is not read block by block, and the JPEG that leaves."""
MORE_MEMORY: Final = 0.15
"""Of the limit, beyond it: what the model of a decoder's memory may be wrong by."""
ASIDE: Final = 13_000_000
"""Bytes of memory beside the decoder's, whatever the picture: the pieces that are converted, the photo, the JPEG."""

PHOTO: Final = "photo"

_CODE: Final = re.compile(r"[a-z]+(-[a-z]+)*")
_REASON: Final = re.compile(r"[A-Z][ -~]*[.]")
_SEGMENTS: Final = frozenset({0xE0, 0xDB, 0xC0, 0xC4})  # JFIF's header, the tables, and the frame of a baseline JPEG
_SCAN: Final = re.compile(rb"\xff\xda(?:[^\xff]|\xff\0)*\xff\xd9")
_NO_MEMORY: Final = re.compile("memory(?!.*Security limit exceeded)", re.IGNORECASE | re.DOTALL)  # those are libheif's


class Finding(Exception):
    """Something that must not be; `kind` is the same each time it is found, `details` tell more."""

    def __init__(self, kind: str, details: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.details = details


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of some bytes: `photo`, or the code of the rejection and its reason; and at what cost."""

    code: str
    reason: str
    cost: Cost


def recipe_for(data: bytes) -> Recipe:
    """Return the recipe to try these bytes with: always the same one."""
    return [*RECIPES.values()][zlib.crc32(data) % len(RECIPES)]


def check(data: bytes, recipe: Recipe, meter: Meter, make: Callable[[bytes, Recipe], Photo] = normalise) -> Outcome:
    """Make a photo of these bytes and look at whatever comes of it; raises `Finding`."""
    with meter.measuring() as cost:
        code, reason = _made(data, recipe, make)
    _check_cost(cost, recipe.limits)
    return Outcome(code, reason, cost)


def _made(data: bytes, recipe: Recipe, make: Callable[[bytes, Recipe], Photo]) -> tuple[str, str]:
    try:
        photo = make(data, recipe)
    except Rejected as rejected:
        _check_rejected(rejected)
        return rejected.code, rejected.reason
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__} in {last.name}, {last.filename.rpartition('/')[2]}:{last.lineno}"
        raise Finding(kind, traceback.format_exc()) from error
    _check_photo(photo, recipe)
    return PHOTO, f"{photo.width} x {photo.height} pixels, {len(photo.jpeg):,} bytes"


def _check_rejected(rejected: Rejected) -> None:
    if not _CODE.fullmatch(rejected.code):
        raise Finding("a code that is no short word", repr(rejected.code))
    if not _REASON.fullmatch(rejected.reason):
        raise Finding("a reason that is no sentence", repr(rejected.reason))
    cause = rejected.__cause__
    if isinstance(cause, MemoryError) or _NO_MEMORY.search(str(cause)):
        raise Finding("no memory, told as a rejection", f"{rejected.code}: {cause!r}")


def _check_photo(photo: Photo, recipe: Recipe) -> None:
    image = JpegImageFile(BytesIO(photo.jpeg))
    image.load()
    wrong = {
        "not square": photo.width != photo.height,
        "of another size than it says": image.size != (photo.width, photo.height),
        "too large": not 1 <= photo.width <= recipe.edge,
        "too many bytes": len(photo.jpeg) > recipe.max_bytes,
        "not RGB": image.mode != "RGB",
        "not plain": not is_plain(photo.jpeg),
    }
    if any(wrong.values()):
        raise Finding(f"a photo that is {', '.join(name for name, is_so in wrong.items() if is_so)}", repr(photo))


def is_plain(jpeg: bytes) -> bool:
    """Say whether it is a baseline JPEG of one scan, with nothing in it that a picture can do without."""
    at = 2
    while jpeg[at] == 0xFF and jpeg[at + 1] in _SEGMENTS:
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return jpeg.startswith(b"\xff\xd8") and _SCAN.fullmatch(jpeg, at) is not None


def _check_cost(cost: Cost, limits: Limits) -> None:
    if cost.printed:
        printed = cost.printed[:2_000].decode(errors="replace")
        raise Finding(f"printed to stderr: {re.sub('[0-9]+', '0', printed)[:60].strip()}", printed)
    if cost.seconds > limits.seconds + MORE_SECONDS:
        raise Finding("too slow", f"{cost.seconds:.1f} s of CPU, of {limits.seconds:g} s")
    if cost.growth > limits.memory * (1 + MORE_MEMORY) + ASIDE:
        raise Finding("too much memory", f"{cost.growth / 1e6:.1f} MB, of {limits.memory / 1e6:g} MB")
