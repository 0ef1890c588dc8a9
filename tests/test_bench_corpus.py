from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from skimage import data

from bench import own_photos
from bench.corpus import SAMPLES, Sample, tiny, write
from bench.flat import flat_jpeg
from bench.scene import Scene
from photo_sync.imaging.limits import Limits
from photo_sync.imaging.picture import Picture

NAMED = {sample.name: sample for sample in SAMPLES}


def encoded(name: str) -> bytes:
    return replace(NAMED[name], width=320, height=240).encoded()


def small(name: str) -> Image.Image:
    """A sample of the corpus, of fewer pixels, opened as anybody would."""
    return Image.open(BytesIO(encoded(name)))


@pytest.mark.parametrize("name", [name for name in NAMED if not name.startswith("HEIC")])
def test_a_picture_has_the_size_and_the_format_it_claims(name: str) -> None:
    image = small(name)

    assert image.size == (320, 240)
    assert image.format == NAMED[name].format.upper()
    assert image.mode == NAMED[name].mode


def test_the_heic_is_one() -> None:
    picture = Picture.open(encoded("HEIC, 12 MP"), Limits())

    assert (picture.format.name, picture.size) == ("HEIC", (320, 240))


def test_only_the_turned_one_is_turned_only_the_progressive_one_progressive() -> None:
    jpegs = {name: small(name) for name, sample in NAMED.items() if sample.format == "JPEG"}

    assert [name for name, image in jpegs.items() if image.getexif().get(0x0112) == 6] == ["12 MP"]
    assert [name for name, image in jpegs.items() if "progressive" in image.info] == ["12 MP, progressive"]


@pytest.mark.parametrize(("name", "space"), [("12 MP, Display P3", "RGB"), ("CMYK, 4 MP", "CMYK")])
def test_a_profile_is_one_of_its_colours(name: str, space: str) -> None:
    profile = ImageCms.ImageCmsProfile(BytesIO(small(name).info["icc_profile"]))

    assert profile.profile.xcolor_space.strip() == space


def test_the_transparent_one_is_opaque_at_one_side_only() -> None:
    alpha = np.asarray(small("PNG with alpha, 4 MP").getchannel("A"))

    assert (alpha[:, 0].max(), alpha[:, -1].min()) == (0, 255)


def test_the_sizes_are_those_that_the_goals_name() -> None:
    counted = [round(sample.width * sample.height / 1e6) for sample in SAMPLES if sample.at(Path()).counts]

    assert counted == [2, 3, 5, 8, 12, 12, 12, 16, 24, 49]


def test_a_scene_is_always_the_same_and_has_the_bytes_of_a_photograph() -> None:
    once, again = (Sample("a", 1024, 768, "coffee").encoded() for _ in range(2))

    assert once == again
    assert 1 < len(once) * 8 / 1024 / 768 < 3  # bits for each pixel


def test_a_scene_shows_its_photograph() -> None:
    untyped: Any = data
    photograph = np.asarray(Image.fromarray(untyped.astronaut()).reduce(32), np.float32)

    scene = np.asarray(Scene("astronaut", 1024, 1024).image().reduce(64), np.float32)

    assert np.abs(scene - photograph).mean() < 4


@pytest.mark.parametrize("size", [(64, 48), (1001, 333)])
def test_a_grey_jpeg_is_grey_all_over(size: tuple[int, int]) -> None:
    image = Image.open(BytesIO(flat_jpeg(*size)))

    assert image.size == size
    assert image.convert("RGB").getextrema() == ((128, 128),) * 3


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WebP", "HEIC", "GIF", "BMP", "TIFF"])
def test_there_is_a_tiny_picture_of_each_format(format_: str) -> None:
    assert Picture.open(tiny(format_), Limits()).format.name == format_


def test_own_photos_are_read_and_other_files_are_told(tmp_path: Path) -> None:
    samples: tuple[Any, ...] = (Sample("one", 1600, 1200, "coffee"), Sample("two", 200, 100, "coffee", format="PNG"))
    write(tmp_path, samples)
    (tmp_path / "notes.txt").write_text("no picture")

    files, refused = own_photos.read(tmp_path)

    assert [(file.name, file.format, file.counts, file.is_baseline) for file in files] == [
        ("one.jpg", "JPEG", True, True),
        ("two.png", "PNG", False, False),
    ]
    assert refused == {"notes.txt": "not-a-picture"}
