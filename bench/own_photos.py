"""Somebody's own photos, to be measured beside those that are made: no made one is quite like a camera's."""

from pathlib import Path
from typing import Final

from PIL.JpegImagePlugin import JpegImageFile

from bench.file import File
from photo_sync.errors import Rejected
from photo_sync.imaging.limits import Limits
from photo_sync.imaging.picture import Picture

_FEWEST: Final = 2_000_000 * 0.95  # pixels; 1,600 x 1,200 is called 2 MP
_MOST: Final = 48_000_000 * 1.05


def read(folder: Path) -> tuple[list[File], dict[str, str]]:
    """Return the pictures of a folder, and why photo-sync refuses the other files, by their names."""
    files, refused = list[File](), dict[str, str]()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        try:
            files.append(_file(path))
        except Rejected as refusal:
            refused[path.name] = refusal.code
    return files, refused


def _file(path: Path) -> File:
    picture = Picture.open(path.read_bytes(), Limits())
    width, height = picture.stored_size
    is_jpeg = isinstance(picture.image, JpegImageFile)
    return File(
        path.name,
        path,
        picture.format.name,
        width,
        height,
        counts=is_jpeg and picture.image.mode == "RGB" and _FEWEST <= width * height <= _MOST,
        is_baseline=is_jpeg and "progressive" not in picture.image.info,
    )
