"""Any picture becomes the one JPEG that Microsoft 365 takes: upright, square, sRGB, small, and without metadata."""

from dataclasses import dataclass

from PIL import Image

from photo_sync.errors import Rejected
from photo_sync.imaging import faces
from photo_sync.imaging.colour import to_srgb
from photo_sync.imaging.crop import OF_GROUP, OF_PERSON, Crop, Face, Square, around, centre
from photo_sync.imaging.faces import RequireFace
from photo_sync.imaging.jpeg import encode
from photo_sync.imaging.orientation import Box, as_stored, upright, upright_size
from photo_sync.imaging.picture import Picture, decoding
from photo_sync.imaging.resample import resample
from photo_sync.recipe import MIN_EDGE, USUAL, Recipe


@dataclass(frozen=True, slots=True)
class Photo:
    """The JPEG to send, `width` x `height` pixels, and what came in: its format and its size in pixels.

    `faces` is how many were found: 0, 1 or many, empty where nobody looked; `warning` is a sentence for an admin, or
    empty.
    """

    jpeg: bytes
    width: int
    height: int
    source_format: str
    source_width: int
    source_height: int
    faces: str = ""
    warning: str = ""


def normalise(data: bytes, recipe: Recipe = USUAL) -> Photo:
    """Turn any picture into a square JPEG of at most `recipe.edge` pixels a side and `recipe.max_bytes` bytes.

    What the file is comes from its bytes. A square is kept, and never enlarged; orientation and colour are applied to
    the small picture, where they cost nothing.

    Raises `Rejected`, with the reason and what to do, for whatever cannot become a photo.
    """
    picture = Picture.open(data, recipe.limits)
    _check_edge(picture.size, recipe)
    found = _find_faces(picture) if recipe.looks_for_faces else None
    warning = _check_faces(found, recipe.require_face)
    square = _choose(picture.size, found, recipe)
    jpeg, side = encode(develop(picture, square, recipe.edge), recipe.max_bytes)
    count = "" if found is None else faces.in_words(len(found))
    return Photo(jpeg, side, side, picture.format.name, *picture.size, count, warning)


def preview(picture: Picture, edge: int) -> Image.Image:
    """Return the whole picture, upright and in sRGB, its longer side at most `edge` pixels."""
    width, height = picture.size
    shrink = min(1.0, edge / max(width, height))
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    return _render(picture, (0, 0, width, height), size, max(width, height), edge)


def develop(picture: Picture, square: Square, edge: int) -> Image.Image:
    """Return that square of the picture, upright and in sRGB, at most `edge` pixels a side."""
    final = min(square.side, edge)
    return _render(picture, square.box, (final, final), square.side, edge)


def _check_edge(size: tuple[int, int], recipe: Recipe) -> None:
    (width, height), least = size, recipe.min_edge
    if min(width, height) < least:
        best = max(least, recipe.edge)
        raise Rejected(
            "too-small",
            f"This picture is {width} x {height} pixels; none under {least} x {least} is taken here "
            f"(MIN_PHOTO_EDGE). Upload a larger one, best {best} x {best} or more.",
        )


def _find_faces(picture: Picture) -> list[Face]:
    """The faces in the whole picture, in its own pixels, the largest first."""
    shrink = min(1.0, faces.LONGEST_SIDE / max(picture.size))
    return [Face(*(length / shrink for length in face)) for face in faces.find(preview(picture, faces.LONGEST_SIDE))]


def _check_faces(found: list[Face] | None, require: RequireFace) -> str:
    """A warning where there is no face and there should be one; raises `Rejected` where there must."""
    if found != [] or require is RequireFace.OFF:
        return ""
    if require is RequireFace.REJECT:
        raise Rejected(
            "no-face",
            "No face was found in this picture. Upload one that shows the person from the front, in good light, with "
            "the head upright.",
        )
    return "No face was found in this picture. It was sent all the same: look whether it is the right one."


def _choose(size: tuple[int, int], found: list[Face] | None, recipe: Recipe) -> Square:
    """The square to keep: around the largest face where that is wanted and there is one, else the usual one."""
    if found and recipe.crop is Crop.FACE:
        return around(found[0], *size, least=max(MIN_EDGE, recipe.edge // 2))
    return centre(*size, above=OF_PERSON if recipe.is_of_person else OF_GROUP)


def _render(picture: Picture, box: Box, size: tuple[int, int], side: int, edge: int) -> Image.Image:
    """A box of the upright picture at that size, upright and in sRGB, decoded so that `side` pixels give `edge`."""
    return to_srgb(upright(_shrink(picture, box, size, side, edge), picture.orientation), picture.profile)


def _shrink(picture: Picture, box: Box, size: tuple[int, int], side: int, edge: int) -> Image.Image:
    """The same, as it is stored; all the other pixels are gone when it returns."""
    pixels, scale = picture.decode(side, edge)
    left, top, right, bottom = as_stored(box, picture.stored_size, picture.orientation)
    stored = upright_size(size, picture.orientation)  # turned back, which is the same as turned
    with decoding(picture.format.name, picture.data):  # a palette may be damaged
        return resample(pixels, (left / scale, top / scale, right / scale, bottom / scale), stored)
