"""Whatever colours a picture comes in, what leaves is sRGB on white."""

from io import BytesIO
from typing import TYPE_CHECKING, Final, cast

from PIL import Image

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsProfile

_PROFILE_MODES: Final = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}


def to_continuous(image: Image.Image) -> Image.Image:
    """Return the picture in a mode whose pixels can be averaged, 8 bits a channel: no palette, no 16-bit, no bilevel.

    Modes that already can be resized are returned as they are.
    """
    if image.mode in {"P", "PA"} or (image.mode in {"RGB", "L", "1"} and "transparency" in image.info):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.mode == "1":
        return image.convert("L")
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        return _to_8_bits(image)
    if image.mode in {"RGBa", "La"}:
        return image.convert("RGBA" if image.mode == "RGBa" else "LA")
    return image


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


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Scale 16-bit, 32-bit and floating-point grey to 0..255: `convert` alone would clip everything to white."""
    deep = image.convert("I") if image.mode.startswith("I;16") else image
    highest = cast("tuple[float, float]", deep.getextrema())[1]
    if image.mode == "F" and highest < 2:  # white is 1, and what was sharpened or resized overshoots it
        scale = 255.0
    elif image.mode in {"I", "F"} and highest <= 255:
        scale = 1.0
    elif highest <= 65_535:
        scale = 1 / 257
    else:
        scale = 255 / highest
    return deep.point(lambda value: value * scale + 0.5).convert("L")


def _through_profile(image: Image.Image, icc_profile: object) -> Image.Image | None:
    """The picture in sRGB, or None where there is no profile, or one that does not fit: then its numbers are sRGB's."""
    if not isinstance(icc_profile, bytes) or not icc_profile:  # a TIFF may have a number or a text in its place
        return None
    from PIL import ImageCms

    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(icc_profile))
        mode = _PROFILE_MODES.get(profile.profile.xcolor_space.strip())
        if mode == "RGB" and image.mode == "L":
            image = image.convert("RGB")
        if mode != image.mode:
            return None
        return _transform(image, profile)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _without_profile(image: Image.Image) -> Image.Image:
    if image.mode != "LAB":
        return image.convert("RGB")
    from PIL import ImageCms

    return _transform(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))


def _transform(image: Image.Image, profile: "ImageCmsProfile") -> Image.Image:
    from PIL import ImageCms

    transformed = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return cast("Image.Image", transformed)  # it is None only when asked to work in place
