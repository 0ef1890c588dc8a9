"""What decoding takes in memory: as much as the header tells, measured in processes of their own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image

from photo_sync.errors import Rejected
from photo_sync.imaging.limits import Limits
from photo_sync.photo import normalise
from photo_sync.recipe import Recipe
from pictures import flat_jpeg, run_length_bmp, save
from pixel_files import tiff

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Only Linux tells a process its own peak of memory.")

LIMIT: Final = 24_000_000
SLACK: Final = 13_000_000
"""What comes on top, whatever the picture: the pieces that are converted, the photo, the JPEG."""

Maker = Callable[[int], bytes]

_GROWTH: Final = """
import sys
from pathlib import Path
from photo_sync.imaging.limits import Limits
from photo_sync.photo import normalise
from photo_sync.recipe import Recipe

def peak():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024  # not its parent's

small, large = (Path(name).read_bytes() for name in sys.argv[2:])
recipe = Recipe(limits=Limits(memory=int(sys.argv[1])))
normalise(small, recipe)
before = peak()
normalise(large, recipe)
print(peak() - before)
"""


def _growth(folder: Path, small: bytes, large: bytes, limit: int = LIMIT) -> int:
    """How much the memory of a process grows when a large picture comes after a small one."""
    for name, data in (("small", small), ("large", large)):
        (folder / name).write_bytes(data)
    command = [sys.executable, "-c", _GROWTH, str(limit), str(folder / "small"), str(folder / "large")]
    environ = {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
    return int(done.stdout)


def _of(format_: str, mode: str, **options: str | int) -> Maker:
    return lambda side: save(_gradient(mode, side), format_, **options)


def _gradient(mode: str, side: int) -> Image.Image:
    grey = Image.linear_gradient("L").resize((side, side))
    match mode:
        case "L":
            return grey
        case "I;16":
            return grey.convert("I").convert("I;16")
        case "RGBA":
            return Image.merge("RGBA", [grey] * 4)
    return grey.convert("RGB").convert(mode)


def _animated(format_: str, side: int) -> bytes:
    white = Image.new("L", (side, side), "white")
    return save(_gradient("L", side), format_, save_all=True, append_images=[white])


@pytest.mark.parametrize(
    ("format_", "mode", "options", "bytes_each"),
    [
        ("PNG", "1", {}, 1),
        ("PNG", "L", {}, 1),
        ("PNG", "P", {}, 1),
        ("PNG", "P", {"transparency": 0}, 1),
        ("PNG", "LA", {}, 4),
        ("PNG", "RGB", {}, 4),
        ("PNG", "RGBA", {}, 4),
        ("PNG", "I;16", {}, 2),
        ("GIF", "P", {}, 1),
        ("GIF", "P", {"transparency": 0}, 1),
        ("BMP", "RGB", {}, 13),
        ("WebP", "RGB", {}, 16),
        ("WebP", "RGBA", {}, 20),
        ("TIFF", "RGB", {}, 8.2),
        ("TIFF", "RGB", {"compression": "tiff_lzw", "strip_size": 10**9}, 8.2),
        ("TIFF", "RGBA", {"compression": "tiff_lzw", "strip_size": 10**9}, 9.6),
        ("TIFF", "F", {"compression": "tiff_lzw", "strip_size": 10**9}, 9.6),
        ("TIFF", "L", {"compression": "tiff_lzw", "strip_size": 10**9}, 2.4),
        ("TIFF", "1", {"compression": "group4"}, 2.4),
        ("TIFF", "I;16", {}, 4.8),
        ("TIFF", "CMYK", {"compression": "jpeg"}, 9.6),
        ("HEIC", "RGB", {}, 10.3),
        ("HEIC", "RGB", {"chroma": 420}, 10.3),
        ("HEIC", "RGBA", {}, 12.4),
        ("HEIC", "L", {}, 3.1),
    ],
    ids=str,
)
def test_the_largest_picture_takes_no_more_memory_than_it_may(
    tmp_path: Path, format_: str, mode: str, options: dict[str, str | int], bytes_each: float
) -> None:
    make = _of(format_, mode, **options)
    side = int((LIMIT / bytes_each) ** 0.5) - 2  # and three rows

    assert _growth(tmp_path, make(64), make(side)) <= 1.05 * LIMIT + SLACK
    with pytest.raises(Rejected, match="MAX_PHOTO_MEMORY"):
        normalise(make(int(side * 1.03)), Recipe(limits=Limits(memory=LIMIT)))


@pytest.mark.parametrize(("format_", "bytes_each"), [("PNG", 1), ("GIF", 1), ("WebP", 16)])
def test_of_an_animation_only_the_first_frame_counts(tmp_path: Path, format_: str, bytes_each: float) -> None:
    side = int((LIMIT / bytes_each) ** 0.5) - 2  # and three rows

    assert _growth(tmp_path, _animated(format_, 64), _animated(format_, side)) <= 1.05 * LIMIT + SLACK


@pytest.mark.parametrize(("subsampling", "bytes_each"), [("4:2:0", 3), ("4:4:4", 6)])
def test_a_progressive_jpeg_takes_what_all_its_scans_do(tmp_path: Path, subsampling: str, bytes_each: float) -> None:
    make = _of("JPEG", "RGB", progressive=True, subsampling=subsampling)
    side = int((LIMIT / (bytes_each + 4 / 64)) ** 0.5) - 8  # whole blocks

    assert _growth(tmp_path, make(64), make(side)) <= 1.05 * LIMIT + SLACK
    with pytest.raises(Rejected, match="MAX_PHOTO_MEMORY"):
        normalise(make(int(side * 1.03)), Recipe(limits=Limits(memory=LIMIT)))


def test_a_tiff_of_16_bits_a_channel_takes_as_much_as_it_may(tmp_path: Path) -> None:
    """It is unpacked as 16 bits, all in one strip, before it is 8."""
    side = int((LIMIT / 12.4) ** 0.5) - 2
    small, large = (tiff(np.zeros((edge, edge, 3), np.uint16), 2, packed=True) for edge in (64, side))

    assert _growth(tmp_path, small, large) <= 1.05 * LIMIT + SLACK


def test_a_bmp_of_runs_takes_as_much_as_it_may(tmp_path: Path) -> None:
    """Pillow decodes it in Python, all in one piece."""
    side = int((LIMIT / 4) ** 0.5) - 2

    assert _growth(tmp_path, run_length_bmp(64, 64), run_length_bmp(side, side)) <= 1.05 * LIMIT + SLACK


# The worst: just too small to be decoded at a half (2,429 = 2 x 648 x 1.875 - 1); a panorama; what a phone may have.
@pytest.mark.parametrize(
    ("width", "height"),
    [(2_429, 2_429), (3_504, 2_336), (2_023, 4_046), (16_000, 1_200), (12_600, 647), (13_352, 13_352)],
)
def test_a_baseline_jpeg_takes_36_megabytes_whatever_its_size(tmp_path: Path, width: int, height: int) -> None:
    assert _growth(tmp_path, flat_jpeg(64, 64), flat_jpeg(width, height), Limits().memory) <= 36_000_000
