from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from bench import peers
from bench.budget import budget, developed
from bench.corpus import Sample
from bench.overhead import Bare
from bench.quality import judge, psnr, reference, ssim
from photo_sync.imaging.jpeg import QUALITY

PEERS = [tool for tool in peers.IN_PYTHON if tool != peers.MAGICK or peers.find_magick()]
SCENE = Sample("scene", 1601, 1203, "chelsea").encoded()


def png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def ramp(width: int, height: int) -> Image.Image:
    """Grey from black on the left to white on the right."""
    values = np.linspace(0, 255, width).round().astype(np.uint8)
    return Image.fromarray(np.tile(values, (height, 1))).convert("RGB")


def test_the_reference_of_a_ramp_is_the_ramp_over_its_square() -> None:
    wanted = reference(png(ramp(2000, 1000)))

    assert wanted.shape == (648, 648, 3)
    assert np.abs(wanted[300, :, 0] - np.linspace(255 / 4, 255 * 3 / 4, 648)).max() < 0.6
    assert (wanted[300, :, 0] % 1).std() > 0.2  # it is not rounded


def test_the_reference_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = BytesIO()
    ramp(1000, 1000).save(file, "PNG", exif=exif.tobytes())

    wanted = reference(file.getvalue())

    assert (wanted[2, 300, 0], wanted[-3, 300, 0]) == pytest.approx((1, 254), abs=2)


def test_what_is_transparent_is_white_in_the_reference() -> None:
    assert reference(png(Image.new("RGBA", (700, 700), (200, 0, 0, 0)))).min() > 254


def test_the_same_pixels_are_as_alike_as_can_be() -> None:
    image = Image.open(BytesIO(SCENE)).resize((64, 64))
    pixels = np.asarray(image, np.float64)

    assert psnr(pixels + 1, image) == pytest.approx(48.13, abs=0.01)  # one step of 255 off everywhere
    assert ssim(pixels, image) == 1


def test_a_photo_of_an_odd_size_is_close_to_its_reference() -> None:
    quality = judge(SCENE)

    assert quality.psnr > 50
    assert quality.naive_psnr > 50
    assert quality.ssim > 0.997
    assert abs(quality.loss) < 0.1


@pytest.mark.parametrize("tool", PEERS)
def test_every_tool_makes_the_same_photo(tool: str) -> None:
    wanted = reference(SCENE)

    photo = Image.open(BytesIO(peers.IN_PYTHON[tool](SCENE)))

    assert (photo.format, photo.size, photo.mode) == ("JPEG", (648, 648), "RGB")
    assert psnr(wanted, photo) > 30


@pytest.mark.parametrize("tool", PEERS)
def test_every_tool_puts_what_is_transparent_on_white(tool: str) -> None:
    photo = Image.open(BytesIO(peers.IN_PYTHON[tool](png(Image.new("RGBA", (700, 700), (200, 0, 0, 0))))))

    assert np.asarray(photo).min() > 250


def test_the_bare_calls_are_those_that_were_decided() -> None:
    bare = Bare.of(Sample("scene", 3264, 2448, "coffee", orientation=6).encoded())

    bare.make()

    assert bare.draft == (1632, 1224)
    assert (bare.edge, bare.orientation, bare.qualities[0]) == (648, 6, QUALITY)


def test_a_budget_counts_what_did_not_fit_at_once() -> None:
    photos = [developed(SCENE), Image.new("RGB", (648, 648))]

    told = budget(photos, 60_000)

    assert (told.pictures, told.bound) == (2, 1)
    assert (told.encodes, told.most_encodes) == ((1 + told.most_encodes) / 2, told.most_encodes)
    assert told.most_encodes > 1
    assert 0.9 < told.least_fill == told.mean_fill <= 1
