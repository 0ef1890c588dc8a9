"""Which square of a picture is kept: the middle, nearer the top than the foot, or the face with room around it."""

from enum import StrEnum
from typing import Final, NamedTuple

OF_PERSON: Final = 0.1
"""Which part of what a tall picture of a person loses it loses above, for heads are at the top.

Half of it above cut into the head in 23 of 25 portraits; a tenth in 4, by 3% of the side at most (docs/pictures.md).
"""
OF_GROUP: Final = 0.5
"""The same for the picture of a group, which is an emblem as a rule: its middle is in the middle."""
FACE_HEIGHT: Final = 0.45
"""Of the square's side, from the forehead to the chin."""
_FACE_CENTRE: Final = 0.47  # of the square's side, from above: a face's middle is below that of its head


class Crop(StrEnum):
    """The ways to choose the square."""

    CENTRE = "centre"
    FACE = "face"


class Face(NamedTuple):
    """Where a face is, forehead to chin, in pixels from the upper left corner."""

    left: float
    top: float
    width: float
    height: float


class Square(NamedTuple):
    """A square of an upright picture, in whole pixels from its upper left corner."""

    left: int
    top: int
    side: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom."""
        return self.left, self.top, self.left + self.side, self.top + self.side


def centre(width: int, height: int, above: float = OF_PERSON) -> Square:
    """Return the largest square, centred from side to side; of what is lost, that part is lost above."""
    side = min(width, height)
    return Square((width - side) // 2, int((height - side) * above), side)


def around(face: Face, width: int, height: int, least: int) -> Square:
    """Return the square around a face, with head-room, within the picture; at least so many pixels a side if it can."""
    side = round(min(max(face.height / FACE_HEIGHT, least), width, height))
    left = face.left + face.width / 2 - side / 2
    top = face.top + face.height / 2 - side * _FACE_CENTRE
    return Square(round(min(max(left, 0), width - side)), round(min(max(top, 0), height - side)), side)
