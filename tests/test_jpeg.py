import numpy as np
import pytest
from PIL import Image
from PIL.JpegImagePlugin import get_sampling
from skimage import data as photographs

from photo_sync.imaging.jpeg import encode, tries
from photo_sync.recipe import MIN_BYTES
from pictures import corners, noise, opened, quadrants, segments

ONLY_PIXELS = ["SOI", "APP0", "DQT", "DQT", "SOF0", "DHT", "DHT", "DHT", "DHT", "SOS", "EOI"]


def test_a_photo_is_a_baseline_jpeg_and_nothing_else() -> None:
    jpeg, _ = encode(quadrants(), 100_000)

    assert segments(jpeg) == ONLY_PIXELS


def test_a_photo_has_three_channels_and_its_colour_at_half_the_resolution() -> None:
    jpeg, _ = encode(quadrants(), 100_000)

    assert opened(jpeg).mode == "RGB"
    assert get_sampling(opened(jpeg)) == 2  # 4:2:0


def test_what_a_picture_carries_in_its_info_is_left_out() -> None:
    picture = quadrants()
    picture.info.update(dict.fromkeys(("comment", "exif", "xmp", "icc_profile"), b"Exif\0\0SECRET"), dpi=(300, 300))

    jpeg, _ = encode(picture, 100_000)

    assert segments(jpeg) == ONLY_PIXELS
    assert b"SECRET" not in jpeg
    assert "dpi" not in opened(jpeg).info


def test_colours_survive() -> None:
    jpeg, side = encode(quadrants(), 100_000)

    assert side == 96
    assert corners(jpeg) == "RG BY"


def _coarseness(jpeg: bytes) -> int:
    """How much a JPEG leaves out: the sum of the steps that it rounds brightness to."""
    return sum(opened(jpeg).quantization[0])  # type: ignore[attr-defined] # it is a JpegImageFile


def test_quality_falls_before_the_side_does() -> None:
    fine, fine_side = encode(noise(200), 100_000)
    coarse, coarse_side = encode(noise(200), 16_000)

    assert fine_side == coarse_side == 200
    assert _coarseness(fine) < _coarseness(coarse)


def _photograph(name: str) -> Image.Image:
    """A real photograph, 648 pixels a side, with some noise of a sensor: it needs more bytes than it may have."""
    picture = Image.fromarray(np.asarray(getattr(photographs, name)())).convert("RGB").resize((648, 648))
    return Image.blend(picture, noise(648), 0.08)


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee", "retina", "rocket"])
@pytest.mark.parametrize("budget", [100_000, 60_000])
def test_the_budget_is_filled_in_four_tries_at_most(name: str, budget: int) -> None:
    picture = _photograph(name)

    tried = [*tries(picture, budget)]
    jpeg, side = encode(picture, budget)

    assert len(tried) <= 4
    assert side == 648
    assert len(jpeg) <= budget
    assert len(jpeg) >= 0.95 * budget or tried[-1].quality == 90


@pytest.mark.parametrize("budget", range(20_000, 40_000, 4_000))
def test_noise_fills_its_budget_too(budget: int) -> None:
    jpeg, side = encode(noise(200), budget)

    assert side == 200
    assert 0.94 * budget < len(jpeg) <= budget


def test_the_quality_is_the_best_of_those_that_were_tried_and_fit() -> None:
    tried = [*tries(_photograph("coffee"), 60_000)]

    jpeg, _ = encode(_photograph("coffee"), 60_000)

    fits, over = ([one for one in tried if (len(one.jpeg) <= 60_000) is fit] for fit in (True, False))
    assert jpeg == max(fits, key=lambda one: one.quality).jpeg
    assert max(one.quality for one in fits) < min(one.quality for one in over)


@pytest.mark.parametrize("budget", [10_000, 20_000, 30_000])
def test_a_picture_that_fits_at_no_quality_is_made_smaller_and_no_smaller_than_it_must(budget: int) -> None:
    jpeg, side = encode(noise(400), budget)

    assert opened(jpeg).size == (side, side)
    assert side < 400
    assert 0.9 * budget < len(jpeg) <= budget


@pytest.mark.parametrize("side", [48, 300, 648, 4096])
def test_the_smallest_budget_is_always_enough_for_a_photo_that_is_taken(side: int) -> None:
    jpeg, shrunk = encode(noise(side), MIN_BYTES)

    assert len(jpeg) <= MIN_BYTES
    assert shrunk >= 48


def test_a_picture_within_its_budget_is_left_alone() -> None:
    jpeg, _ = encode(quadrants(300, 300), MIN_BYTES)
    roomy, _ = encode(quadrants(300, 300), 1_000_000)

    assert jpeg == roomy


def test_the_same_picture_always_becomes_the_same_bytes() -> None:
    assert encode(noise(300), 50_000) == encode(Image.frombytes("RGB", (300, 300), noise(300).tobytes()), 50_000)
