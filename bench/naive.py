"""The job as most people write it with Pillow: everything at full size. What the others are measured against."""

from io import BytesIO

import pillow_heif
from PIL import Image, ImageCms, ImageOps

from photo_sync.imaging.crop import centre
from photo_sync.imaging.jpeg import QUALITY
from photo_sync.recipe import EDGE

pillow_heif.register_heif_opener()


def naive(data: bytes) -> bytes:
    """Make the JPEG."""
    return jpeg(photo(data))


def photo(data: bytes) -> Image.Image:
    """Return its pixels before they are encoded."""
    image = opened(data)
    square = centre(*image.size)
    edge = min(square.side, EDGE)
    return image.crop(square.box).resize((edge, edge), Image.Resampling.LANCZOS)


def opened(data: bytes) -> Image.Image:
    """Return all of a picture: upright, in sRGB, on white."""
    image = ImageOps.exif_transpose(Image.open(BytesIO(data)))
    profile = image.info.get("icc_profile")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    if profile:
        try:
            image = _in_srgb(image, profile)
        except ImageCms.PyCMSError:  # a profile that does not fit: its numbers are taken for sRGB's
            return image.convert("RGB")
    return image.convert("RGB")


def jpeg(image: Image.Image) -> bytes:
    """Save it at the quality that photo-sync begins with, its colours at half the resolution, without metadata."""
    file = BytesIO()
    image.save(file, "JPEG", quality=QUALITY, subsampling="4:2:0", comment=b"")
    return file.getvalue()


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return converted or image  # it is None only when asked to work in place
