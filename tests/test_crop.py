import pytest
from hypothesis import given
from hypothesis import strategies as st

from photo_sync.imaging.crop import OF_GROUP, Face, Square, around, centre

SIDES = st.integers(48, 10_000)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (100, 100, Square(0, 0, 100)),
        (300, 100, Square(100, 0, 100)),
        (301, 100, Square(100, 0, 100)),
        (100, 300, Square(0, 20, 100)),
        (3024, 4032, Square(0, 100, 3024)),
    ],
)
def test_the_usual_square_is_the_middle_but_nearer_the_top(width: int, height: int, expected: Square) -> None:
    assert centre(width, height) == expected


def test_of_a_group_s_emblem_the_middle_is_kept() -> None:
    assert centre(100, 300, OF_GROUP) == Square(0, 100, 100)


def test_around_a_face_there_is_room_for_hair_and_shoulders() -> None:
    face = Face(left=900, top=700, width=200, height=270)

    square = around(face, 3_000, 2_000, least=324)

    assert square.side == 600
    above, below = face.top - square.top, square.top + square.side - (face.top + face.height)
    assert (above, below) == (147, 183)
    assert square.left + square.side / 2 == face.left + face.width / 2


@pytest.mark.parametrize(
    ("face", "expected"),
    [
        (Face(0, 0, 200, 270), Square(0, 0, 600)),
        (Face(2_800, 1_730, 200, 270), Square(2_400, 1_400, 600)),
        (Face(1_000, 500, 900, 1_200), Square(450, 0, 2_000)),  # too large for room around it
        (Face(1_500, 1_000, 40, 54), Square(1_358, 875, 324)),  # so small that it would be blurred
    ],
)
def test_the_square_around_a_face_stays_within_the_picture(face: Face, expected: Square) -> None:
    assert around(face, 3_000, 2_000, least=324) == expected


FACES = st.tuples(st.floats(-100, 10_000), st.floats(-100, 10_000), st.floats(0, 9_000), st.floats(0, 9_000))


@given(SIDES, SIDES, FACES, st.integers(1, 2_048))
def test_no_square_leaves_the_picture(
    width: int, height: int, face: tuple[float, float, float, float], least: int
) -> None:
    for square in (centre(width, height), around(Face(*face), width, height, least)):
        left, top, right, bottom = square.box
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert right - left == bottom - top
