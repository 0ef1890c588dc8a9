import pytest
from PIL import Image

from photo_sync.imaging.orientation import as_stored, upright, upright_size
from pictures import noise


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_of_the_upright_picture_is_the_same_pixels_as_they_are_stored(orientation: int) -> None:
    stored = noise(40).crop((0, 0, 40, 25))
    seen = upright(stored, orientation)
    box = (3, 5, 15, 23)

    piece = stored.crop(as_stored(box, stored.size, orientation))

    assert seen.size == upright_size(stored.size, orientation)
    assert upright(piece, orientation).tobytes() == seen.crop(box).tobytes()


def test_an_upright_picture_is_left_alone() -> None:
    picture = Image.new("RGB", (3, 2))

    assert upright(picture, 1) is picture
