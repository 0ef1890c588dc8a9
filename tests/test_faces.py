import threading

import numpy as np
import pytest
from PIL import Image
from skimage import data as photographs

from photo_sync.imaging import faces
from photo_sync.imaging.faces import LONGEST_SIDE, find, in_words
from pictures import noise

ASTRONAUT = Image.fromarray(np.asarray(photographs.astronaut()))  # type: ignore[no-untyped-call] # skimage has no types
FACE = (220, 115)
"""The middle of the astronaut's face, in her picture of 512 x 512 pixels."""


def test_a_face_is_found_where_it_is() -> None:
    (face,) = find(ASTRONAUT)

    assert face.left < FACE[0] < face.left + face.width
    assert face.top < FACE[1] < face.top + face.height
    assert 70 < face.height < 140


def test_the_largest_face_comes_first() -> None:
    both = Image.new("RGB", (LONGEST_SIDE, 512), "grey")
    both.paste(ASTRONAUT.crop((92, 0, 348, 256)), (384, 100))
    both.paste(ASTRONAUT.crop((92, 0, 348, 256)).resize((384, 384)), (0, 0))

    larger, smaller = find(both)

    assert larger.left < 384 < smaller.left
    assert larger.height > smaller.height


@pytest.mark.parametrize("name", ["chelsea", "coffee", "rocket", "hubble_deep_field", "brick", "moon"])
def test_where_there_is_no_face_none_is_found(name: str) -> None:
    picture = Image.fromarray(np.asarray(getattr(photographs, name)())).convert("RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))

    assert find(picture) == []


@pytest.mark.parametrize("picture", [noise(48), Image.new("RGB", (640, 1)), Image.new("RGB", (1, 640))])
def test_the_smallest_picture_may_be_looked_at(picture: Image.Image) -> None:
    assert find(picture) == []


def test_several_threads_look_at_pictures_of_their_own_size() -> None:
    sizes, found = [(512, 512), (300, 300), (640, 640), (400, 400)], dict[int, int]()

    def look(side: int) -> None:
        for _ in range(3):
            found[side] = found.get(side, 0) + len(find(ASTRONAUT.resize((side, side))))

    threads = [threading.Thread(target=look, args=(width,)) for width, _ in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == dict.fromkeys((512, 300, 640, 400), 3)


@pytest.mark.parametrize(("count", "word"), [(0, "0"), (1, "1"), (2, "many"), (40, "many")])
def test_a_receipt_counts_none_one_and_many(count: int, word: str) -> None:
    assert in_words(count) == word


def test_the_packages_are_there() -> None:
    assert faces.are_installed()
