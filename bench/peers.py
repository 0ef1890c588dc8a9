"""The tools that do the same job: photo-sync's own code, Pillow as most use it, libvips, sharp, ImageMagick."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from bench.naive import naive
from local.node import node
from photo_sync.imaging.jpeg import QUALITY
from photo_sync.photo import normalise
from photo_sync.recipe import EDGE

OURS: Final = "photo-sync"
NAIVE: Final = "naive Pillow"
VIPS: Final = "pyvips"
SHARP: Final = "sharp"
MAGICK: Final = "ImageMagick"
TOOLS: Final = (OURS, NAIVE, VIPS, SHARP, MAGICK)

_SHARP: Final = Path(__file__).with_name("sharp.mjs")


def ours(data: bytes) -> bytes:
    """Make the JPEG with photo-sync."""
    return normalise(data).jpeg


def vips(data: bytes) -> bytes:
    """Make it with libvips, which decodes a JPEG at a fraction of its size too."""
    import pyvips

    has_profile = pyvips.Image.new_from_buffer(data, "").get_typeof("icc-profile-data") != 0
    told = {"output_profile": "srgb"} if has_profile else {}  # without one it would convert every pixel for nothing
    image = pyvips.Image.thumbnail_buffer(data, EDGE, height=EDGE, crop="centre", **told)
    opaque = image.flatten(background=255) if image.hasalpha() else image
    jpeg: bytes = opaque.jpegsave_buffer(Q=QUALITY, subsample_mode="on", keep="none")
    return jpeg


def magick(data: bytes) -> bytes:
    """Make it with ImageMagick's program; raises `RuntimeError` where there is none."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        square = f"{EDGE}x{EDGE}"
        size = ("-resize", f"{square}^", "-gravity", "center", "-background", "white", "-extent", square)
        end = ("-alpha", "remove", "-strip", "-quality", str(QUALITY), "-sampling-factor", "4:2:0", "jpg:-")
        begin = (_magick(), "-define", f"jpeg:size={2 * EDGE}x{2 * EDGE}", file.name, "-auto-orient")
        made = subprocess.run([*begin, *size, *end], capture_output=True, check=False)  # noqa: S603
    if made.returncode:
        raise RuntimeError(made.stderr.decode(errors="replace").partition("\n")[0])
    return made.stdout


IN_PYTHON: Final[dict[str, Callable[[bytes], bytes]]] = {OURS: ours, NAIVE: naive, VIPS: vips, MAGICK: magick}
"""Those that a Python process can run, if only as another process."""


def sharp_command(*arguments: str) -> list[str]:
    """Return what runs sharp, in a Node.js of its own."""
    return [node(), str(_SHARP), str(EDGE), str(QUALITY), *arguments]


@cache
def find_magick() -> tuple[str, str] | None:
    """Return ImageMagick's program and its version; None where it is not installed."""
    for name in ("magick", "convert"):
        if (program := shutil.which(name)) is None:
            continue
        told = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
        if told.stdout.startswith("Version: ImageMagick"):  # another convert is Windows' own, for file systems
            return program, told.stdout.split()[2]
    return None


def _magick() -> str:
    found = find_magick()
    if found is None:
        raise RuntimeError("ImageMagick is not installed.")
    return found[0]
