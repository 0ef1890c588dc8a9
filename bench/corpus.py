"""The pictures that are measured, made in code: JPEGs as cameras and phones write them, and what else people upload."""

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import pillow_heif
import pyvips
from PIL import Image, ImageCms

from bench.file import File
from bench.flat import flat_jpeg
from bench.scene import Photograph, Scene

Format = Literal["JPEG", "PNG", "WebP", "HEIC"]
Profile = Literal["p3", "cmyk"]
"""The names under which libvips ships them."""

_TINY: Final = 96  # pixels a side
_ORIENTATION: Final = 0x0112  # EXIF's tag
_LIKE_A_PHONE: Final[dict[str, Any]] = {"quality": 60, "enc_params": {"preset": "ultrafast"}}
"""Of an HEIC: as many bytes as an iPhone's has, without half a minute of encoding."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture to measure: what it is called, its pixels as they are stored, and what its file is like.

    Without a photograph it is grey all over, and measured for memory alone.
    """

    name: str
    width: int
    height: int
    photograph: Photograph | None = None
    format: Format = "JPEG"
    mode: Literal["RGB", "RGBA", "CMYK"] = "RGB"
    orientation: int = 1
    profile: Profile | None = None
    progressive: bool = False

    @property
    def file_name(self) -> str:
        """The name in words without spaces, with the format's extension."""
        return "".join(letter if letter.isalnum() else "-" for letter in self.name) + suffix(self.format)

    def at(self, path: Path) -> File:
        """Return it as a file to measure."""
        is_jpeg, for_memory = self.format == "JPEG", self.photograph is None
        return File(
            self.name,
            path,
            self.format,
            self.width,
            self.height,
            counts=is_jpeg and self.mode == "RGB" and not for_memory,
            is_baseline=is_jpeg and not self.progressive,
            for_memory=for_memory,
        )

    def encoded(self) -> bytes:
        """Make the file."""
        if self.photograph is None:
            return flat_jpeg(self.width, self.height)
        image = _in_mode(_scene(self.photograph, self.width, self.height), self)
        return save(image, self.format, **self._options())

    def _options(self) -> dict[str, Any]:
        """Pillow's options for saving it."""
        exif = Image.Exif()
        exif[_ORIENTATION] = self.orientation
        told: dict[str, Any] = {"exif": exif.tobytes()} if self.orientation != 1 else {}
        if self.profile:
            told["icc_profile"] = profile(self.profile)
        if self.format == "JPEG":
            told |= {"progressive": self.progressive, "subsampling": "4:2:0"}
        return told


SAMPLES: Final = (
    Sample("2 MP", 1600, 1200, "coffee"),
    Sample("3 MP", 2048, 1536, "chelsea"),
    Sample("5 MP", 2592, 1944, "astronaut"),
    Sample("8 MP", 3264, 2448, "coffee"),
    Sample("12 MP", 4032, 3024, "astronaut", orientation=6),
    Sample("12 MP, Display P3", 4032, 3024, "astronaut", profile="p3"),
    Sample("12 MP, progressive", 4032, 3024, "astronaut", progressive=True),
    Sample("HEIC, 12 MP", 4032, 3024, "astronaut", format="HEIC"),
    Sample("16 MP", 4608, 3456, "rocket"),
    Sample("24 MP", 6000, 4000, "coffee"),
    Sample("48 MP", 8064, 6048, "chelsea"),
    Sample("CMYK, 4 MP", 2400, 1800, "rocket", mode="CMYK", profile="cmyk"),
    Sample("PNG, 4 MP", 2400, 1800, "coffee", format="PNG"),
    Sample("PNG with alpha, 4 MP", 2400, 1800, "coffee", format="PNG", mode="RGBA"),
    Sample("WebP, 4 MP", 2400, 1800, "coffee", format="WebP"),
    Sample("8 MP, grey", 3504, 2336),
    Sample("8 MP, grey, tall", 2023, 4046),
    Sample("19 MP, grey, panorama", 16_000, 1200),
    Sample("100 MP, grey", 10_000, 10_000),
    Sample("178 MP, grey", 13_344, 13_344),
)


def tiny(format_: str) -> bytes:
    """Return the smallest picture of a format that all tools take, for whatever happens only once."""
    return save(Image.new("RGB", (_TINY, _TINY), "green"), format_)


def suffix(format_: str) -> str:
    """Return the extension of a format's files."""
    return {"JPEG": ".jpg", "TIFF": ".tif"}.get(format_, f".{format_.lower()}")


def save(image: Image.Image, format_: str, **options: Any) -> bytes:  # noqa: ANN401 - they are Pillow's
    """Return a file of any format that photo-sync takes; a JPEG or a WebP at quality 90."""
    file = BytesIO()
    if format_ == "HEIC":
        pillow_heif.from_pillow(image).save(file, **_LIKE_A_PHONE, **options)
    else:
        image.save(file, format_, **{"quality": 90} | options)
    return file.getvalue()


def profile(name: Profile) -> bytes:
    """Return a colour profile: an iPhone's Display P3, or a press' CMYK of about a megabyte."""
    blob: bytes = pyvips.Operation.call("profile_load", name)
    return blob


def write(folder: Path, samples: tuple[Sample, ...] = SAMPLES) -> list[File]:
    """Write the pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [sample.at(folder / sample.file_name) for sample in samples]
    for sample, file in zip(samples, files, strict=True):
        file.path.write_bytes(sample.encoded())
    return files


@lru_cache(maxsize=1)
def _scene(photograph: Photograph, width: int, height: int) -> Image.Image:
    """The last one is kept: several files in turn show the same."""
    return Scene(photograph, width, height).image()


def _in_mode(image: Image.Image, sample: Sample) -> Image.Image:
    if sample.mode == "CMYK":
        ink = ImageCms.ImageCmsProfile(BytesIO(profile("cmyk")))
        printed = ImageCms.profileToProfile(image, ImageCms.createProfile("sRGB"), ink, outputMode="CMYK")
        return printed or image  # it is None only when asked to work in place
    if sample.mode == "RGBA":
        opacity = np.linspace(0, 255, sample.width).astype(np.uint8)
        image = image.copy()
        image.putalpha(Image.fromarray(np.broadcast_to(opacity, (sample.height, sample.width)).copy()))
    return image
