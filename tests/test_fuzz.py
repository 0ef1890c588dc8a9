import json
import os
import re
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import pictures
from fuzz.attempts import load
from fuzz.folder import Folder
from fuzz.hunt import hunt
from fuzz.meter import Meter
from fuzz.mutation import mutate
from fuzz.pieces import repaired, split
from fuzz.rules import FACES, MORE_SECONDS, PHOTO, RECIPES, TIGHT, USUAL, Finding, check, recipe_for
from fuzz.run import ENGINES
from fuzz.seeds import Seed, seeds
from fuzz.written import bmp
from photo_sync.errors import Rejected
from photo_sync.imaging.formats import FORMATS, detect
from photo_sync.photo import Photo, normalise
from photo_sync.recipe import Recipe

pytest.importorskip("resource", reason="there is nothing here that holds a process to its memory")

ROOT = Path(__file__).parents[1]
SOUND = pictures.plain()


@pytest.fixture(scope="module")
def meter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meter]:
    load()
    with (tmp_path_factory.mktemp("fuzz") / "printed").open("wb+") as printed:
        yield Meter(printed)


def fuzz(*options: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run the program as `make fuzz` does."""
    command = [sys.executable, "-m", "fuzz.run", "--folder", str(folder), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603


def rejected(data: bytes) -> str:
    with pytest.raises(Rejected) as caught:
        normalise(data)
    return caught.value.code


# What it starts from


@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: seed.name)
def test_a_seed_becomes_what_its_row_says_with_the_usual_recipe(seed: Seed, meter: Meter) -> None:
    assert check(seed.data, USUAL, meter).code == (seed.code or PHOTO)


@pytest.mark.parametrize("recipe", [name for name in RECIPES if name != "usual"])
@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: seed.name)
def test_nothing_is_found_in_a_seed_with_another_recipe(seed: Seed, recipe: str, meter: Meter) -> None:
    check(seed.data, RECIPES[recipe], meter)


def test_each_recipe_is_tried_with_a_third_of_the_inputs() -> None:
    tried = [recipe_for(number.to_bytes(2)) for number in range(3_000)]
    assert [tried.count(recipe) for recipe in RECIPES.values()] == pytest.approx([1_000] * 3, rel=0.1)


def test_there_are_seeds_of_every_format() -> None:
    assert {detect(seed.data).name for seed in seeds() if not seed.code} == {format_.name for format_ in FORMATS}


def test_there_is_a_seed_with_a_face() -> None:
    (face,) = (seed for seed in seeds() if seed.name == "JPEG of a face")
    assert normalise(face.data, FACES).faces == "1"


# How they are damaged


@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: seed.name)
def test_the_pieces_of_a_picture_are_all_of_it(seed: Seed) -> None:
    assert b"".join(split(seed.data)) == seed.data
    assert repaired(seed.data) == seed.data


@given(st.sampled_from(seeds()), st.sampled_from(seeds()), st.integers(0))
@settings(deadline=None)
def test_the_same_number_damages_a_picture_the_same_way(seed: Seed, other: Seed, number: int) -> None:
    once, again = (mutate(seed.data, other.data, Random(number)) for _ in range(2))  # noqa: S311 - no secret
    assert once == again


def test_a_damaged_png_is_read_on_since_its_checksums_are_right_again() -> None:
    data = pictures.plain(format_="PNG")
    damaged = data.replace(b"IHDR\0\0\0\x40", b"IHDR\0\0\0\x20")
    assert rejected(damaged) == "damaged"
    assert rejected(repaired(damaged)) == "too-small"


# What is found


def raises(_: bytes, __: Recipe) -> Photo:
    raise ValueError


def has_no_memory(_: bytes, __: Recipe) -> Photo:
    raise MemoryError


def hides_that_it_has_no_memory(_: bytes, __: Recipe) -> Photo:
    raise Rejected("damaged", "This picture is damaged.") from OSError("out of memory")


def gives_no_reason(_: bytes, __: Recipe) -> Photo:
    raise Rejected("damaged", "")


def gives_no_code(_: bytes, __: Recipe) -> Photo:
    raise Rejected("", "This picture is damaged.")


def prints(data: bytes, recipe: Recipe) -> Photo:
    os.write(2, b"libpicture: something is odd")
    return normalise(data, recipe)


def takes_memory(data: bytes, recipe: Recipe) -> Photo:
    bytearray(b"1") * (3 * recipe.limits.memory)
    return normalise(data, recipe)


def takes_its_time(data: bytes, recipe: Recipe) -> Photo:
    end = time.process_time() + recipe.limits.seconds + MORE_SECONDS
    while time.process_time() < end:
        pass
    return normalise(data, recipe)


def keeps_a_comment(data: bytes, recipe: Recipe) -> Photo:
    photo = normalise(data, recipe)
    return replace(photo, jpeg=photo.jpeg.replace(b"\xff\xdb", b"\xff\xfe\0\3!\xff\xdb", 1))


def is_progressive(data: bytes, recipe: Recipe) -> Photo:
    return replace(
        normalise(data, recipe), jpeg=pictures.save(pictures.quadrants(48, 48), "JPEG", progressive=True, quality=50)
    )


def is_not_square(data: bytes, recipe: Recipe) -> Photo:
    return replace(normalise(data, recipe), jpeg=pictures.plain(width=48, height=40), height=40)


def is_large(data: bytes, recipe: Recipe) -> Photo:
    side = recipe.edge + 1
    return replace(normalise(data, recipe), jpeg=pictures.plain(width=side, height=side), width=side, height=side)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (raises, "ValueError in raises, test_fuzz.py:[0-9]+"),
        (has_no_memory, "MemoryError in has_no_memory, .*"),
        (hides_that_it_has_no_memory, "no memory, told as a rejection"),
        (gives_no_reason, "a reason that is no sentence"),
        (gives_no_code, "a code that is no short word"),
        (prints, "printed to stderr: libpicture: something is odd"),
        (takes_memory, "too much memory"),
        (takes_its_time, "too slow"),
        (keeps_a_comment, "a photo that is not plain"),
        (is_progressive, "a photo that is not plain"),
        (is_not_square, "a photo that is not square"),
        (is_large, "a photo that is too large"),
    ],
)
def test_what_must_not_be_is_found(make: Callable[[bytes, Recipe], Photo], kind: str, meter: Meter) -> None:
    with pytest.raises(Finding) as found:
        check(SOUND, TIGHT, meter, make)
    assert re.fullmatch(kind, found.value.kind)


# The program


@pytest.mark.parametrize("engine", [engine for engine in ENGINES if find_spec(engine)])
def test_a_short_run_finds_nothing_and_counts(engine: str, tmp_path: Path) -> None:
    run = fuzz("--seconds", "2", "--engine", engine, "--number", "1", folder=tmp_path)
    told: dict[str, Any] = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert run.returncode == 0, run.stdout + run.stderr
    assert (told["engine"], told["findings"]) == (engine, {})
    assert told["inputs"] == told["photos"] + sum(told["rejected"].values()) > len(seeds())
    assert f"{told['inputs']:,}" in run.stdout
    assert 0 < told["slowest_seconds"] < USUAL.limits.seconds


_DIES: Final = """
from contextlib import nullcontext as instrumented
from os import abort

def explore(attempt, *_):
    attempt(b"harmless")
    abort()
"""


def test_the_death_of_a_worker_is_found_with_its_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dies.py").write_text(_DIES, "utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(tmp_path)]))
    tally = hunt(Folder(tmp_path / "fuzz"), "dies", 1, 0.1)
    ((kind, file),) = tally.findings.items()
    assert kind.startswith("death by SIGABRT")
    assert Path(file).read_bytes() == b"harmless"
    assert f"python -m fuzz.run {file}" in Path(file).with_suffix(".txt").read_text("utf-8")


# Pictures as large as the limits allow, of a few bytes, in a process that is held to its memory


def flat(mode: str, side: int, format_: str, **options: Any) -> bytes:  # noqa: ANN401 - they are Pillow's
    return pictures.save(Image.new(mode, (side, side)), format_, **options)


def bmp_of_jumps(side: int) -> bytes:
    """A BMP of run lengths that are but jumps to the right and up, of four bytes each."""
    data = bytearray(bmp(8, b"\0\2\xff\xff" * 64 + b"\0\1", compression=1))
    struct.pack_into("<LL", data, 18, side, side)
    return bytes(data)


HOSTILE: Final[dict[str, Callable[[], bytes]]] = {
    "baseline.jpg": lambda: pictures.flat_jpeg(20_000, 20_000),
    "progressive.jpg": lambda: pictures.jpeg_of_many_scans(6_400, 6_400, 10),
    "three-scans.jpg": lambda: pictures.flat_jpeg_in_three_scans(6_400, 6_400),
    "bomb.png": lambda: pictures.claims("PNG", 60_000, 60_000),
    "rgb.png": lambda: flat("RGB", 7_900, "PNG", compress_level=1),
    "16-bit.png": lambda: flat("I;16", 11_200, "PNG", compress_level=1),
    "transparent.gif": lambda: flat("P", 15_900, "GIF", transparency=0),
    "rgb.webp": lambda: flat("RGB", 4_000, "WebP", lossless=True, quality=0, method=0),
    "deflate.tiff": lambda: flat("RGB", 5_500, "TIFF", compression="tiff_adobe_deflate"),
    "jumps.bmp": lambda: bmp_of_jumps(15_900),
    "transparent for the tight.gif": lambda: flat("P", 3_900, "GIF", transparency=0),
    "16 bit for the tight.png": lambda: flat("I;16", 2_800, "PNG"),
    "transparent for the tight.png": lambda: flat("LA", 1_900, "PNG"),
}


@pytest.fixture(scope="module")
def became(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What each of them became with each recipe, as `python -m fuzz.run FILE...` tells it."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, make in HOSTILE.items():
        (folder / name).write_bytes(make())
    run = fuzz(*(str(folder / name) for name in HOSTILE), folder=folder)
    return {name: re.findall(f"^{name}, [a-z]+: (.+)$", run.stdout, re.MULTILINE) for name in HOSTILE}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_picture_as_large_as_may_be_takes_no_more_memory_than_it_may(name: str, became: dict[str, list[str]]) -> None:
    assert len(became[name]) == len(RECIPES)
    assert [told for told in became[name] if told.startswith("FOUND")] == []
