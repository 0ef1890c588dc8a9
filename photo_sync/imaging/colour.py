"""Whatever colours a picture comes in, what leaves is sRGB on white."""

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from math import isfinite
from typing import TYPE_CHECKING, Final, cast

from PIL import Image

from photo_sync.errors import Rejected

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

TWELVE_BITS: Final = 4_095
"""The brightest of 12 bits, as scanners and medical devices write them in 16."""

_MANY_STEPS: Final = b"mpet"
"""The type of a profile's tag that may have any number of steps (ICC.1:2022, 10.16): thousands in a small file."""
_LARGE: Final = 1_000_000  # bytes of a profile whose way to sRGB is not kept for the next picture
_PROFILE_MODES: Final = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
_BITS, _COMPRESSION, _WHITE, _PLANES, _SIGN = 258, 259, 262, 284, 339  # tags of TIFF 6.0
_AVERAGEABLE: Final = {"1": "L", "P": "RGB", "RGBa": "RGBA", "La": "LA"}


@dataclass(frozen=True, slots=True)
class Averageable:
    """How the pixels of a picture become such as can be averaged: 8 bits a channel, no palette, neither 1 bit nor 16.

    `scale` is what the values of deeper ones are multiplied by, below zero for a negative, whose 0 is white.
    """

    mode: str
    scale: float | None = None

    @classmethod
    def of(cls, image: Image.Image) -> "Averageable":
        """Find it out; raises `Rejected` where pixels are not numbers, as those of a TIFF may be."""
        if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
            return cls("L", _scale(image))
        if image.has_transparency_data and image.mode not in {"LA", "La"}:
            return cls("RGBA")
        return cls(_AVERAGEABLE.get(image.mode, image.mode))

    def convert(self, image: Image.Image) -> Image.Image:
        """Convert the picture, or a part of it."""
        if self.scale is None:
            return image if image.mode == self.mode else image.convert(self.mode)
        deep = image.convert("I") if image.mode.startswith("I;16") else image
        scale, black = self.scale, 0 if self.scale > 0 else 255
        return deep.point(lambda value: value * scale + (black + 0.5)).convert("L")


def check_readable(image: Image.Image) -> None:
    """Raise `ValueError` for pixels that their decoder has read without a word, and wrongly."""
    tags = getattr(image, "tag_v2", {})
    if image.mode in {"P", "PA"} and image.palette is None:
        raise ValueError("The palette is missing.")
    if tags.get(_PLANES) == 2 and tags.get(_COMPRESSION) == 1 and max(tags.get(_BITS, (8,))) > 8:
        raise ValueError("The channels of more than 8 bits come one after the other.")
    if image.mode == "I" and tags.get(_SIGN, (1,))[0] == 1 and cast("tuple[int, int]", image.getextrema())[0] < 0:
        raise ValueError("The values need all of 32 bits.")


def to_srgb(image: Image.Image, icc_profile: object) -> Image.Image:
    """Return the picture as RGB in sRGB, through its own colour profile where it has a sound one, on white."""
    alpha = image.getchannel("A") if image.mode in {"LA", "RGBA"} else None
    opaque = image.convert(image.mode.removesuffix("A")) if alpha else image
    rgb = _through_profile(opaque, icc_profile) or _without_profile(opaque)
    if alpha is None:
        return rgb
    white = Image.new("RGB", rgb.size, "white")
    white.paste(rgb, mask=alpha)
    return white


def _scale(image: Image.Image) -> float:
    """What makes 16-bit, 32-bit and floating-point grey 0 to 255: `convert` alone would clip everything to white.

    That values have only 12 of their 16 bits is told by none of them being higher.
    """
    highest = _highest(image)
    if not isfinite(highest):
        raise Rejected(
            "not-numbers",
            "This picture has pixels that are not numbers. Open it in an image editor, save it as a JPEG and upload "
            "that.",
        )
    is_negative = getattr(image, "tag_v2", {}).get(_WHITE) == 0
    return (-255 if is_negative else 255) / _white(image.mode, highest)


def _white(mode: str, highest: float) -> float:
    """The value that white has, told by the highest that there is."""
    if mode == "F" and highest < 2:  # white is 1, and what was sharpened or resized overshoots it
        return 1
    if mode.startswith("I;16"):
        return TWELVE_BITS if highest <= TWELVE_BITS else 65_535
    return next((white for white in (255, 65_535) if highest <= white), highest)


def _highest(image: Image.Image) -> float:
    """The highest value; of 16 bits in pieces, since Pillow finds it in 32 bits only."""
    if not image.mode.startswith("I;16"):
        return cast("tuple[float, float]", image.getextrema())[1]
    rows = max(1, 1_000_000 // image.width)
    pieces = (image.crop((0, top, image.width, min(top + rows, image.height))) for top in range(0, image.height, rows))
    return max(cast("tuple[float, float]", piece.convert("I").getextrema())[1] for piece in pieces)


def _through_profile(image: Image.Image, icc_profile: object) -> Image.Image | None:
    """The picture in sRGB, or None where there is no profile, or one that does not fit: then its numbers are sRGB's."""
    if not isinstance(icc_profile, bytes) or not icc_profile:  # a TIFF may have a number or a text in its place
        return None
    if _MANY_STEPS in icc_profile:
        return None
    transform_of = _kept_transform if len(icc_profile) <= _LARGE else _transform
    transform = transform_of(icc_profile, image.mode)
    if transform is None and image.mode == "L":
        image, transform = image.convert("RGB"), transform_of(icc_profile, "RGB")
    return transform.apply(image) if transform else None


def _without_profile(image: Image.Image) -> Image.Image:
    if image.mode != "LAB":
        return image if image.mode == "RGB" else image.convert("RGB")
    transform = _transform(b"", "LAB")
    return transform.apply(image) if transform else image.convert("RGB")


def _transform(icc_profile: bytes, mode: str) -> "ImageCmsTransform | None":
    """The way from a profile to sRGB, which takes longer to find than to go; None where it does not fit the mode."""
    from PIL import ImageCms

    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(icc_profile) if icc_profile else ImageCms.createProfile("LAB"))
        if _PROFILE_MODES.get(profile.profile.xcolor_space.strip()) != mode:
            return None
        return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


_kept_transform: Final = lru_cache(maxsize=8)(_transform)
