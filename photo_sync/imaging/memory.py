"""How much memory the pixels of a picture take, told by its header alone."""

from PIL import Image

_BITS, _TILE_WIDTH, _TILE_LENGTH = 258, 322, 323  # tags of TIFF 6.0


def bytes_per_pixel(image: Image.Image) -> int:
    """Return what Pillow keeps for each pixel: one byte, two or four, whatever the number of channels."""
    if image.mode in {"1", "L", "P"}:
        return 1
    return 2 if image.mode.startswith("I;16") else 4


def bytes_to_decode(image: Image.Image, beside: float) -> float:
    """Return what decoding takes for each pixel, `beside` being the decoder's own share for each value of a pixel.

    A value is a channel's: three to a pixel of a photo, each of one byte, or as many as a TIFF says it has bits for.
    """
    bits = getattr(image, "tag_v2", {}).get(_BITS, ())
    stored = sum(bits) / 8 if len(bits) > 1 else 0  # with values of a TIFF that are no colours
    alone = bytes_per_pixel(image) if len(image.getbands()) == 1 else len(image.getbands())
    return bytes_per_pixel(image) + beside * max(alone, stored)


def pixels_to_decode(image: Image.Image) -> int:
    """Return how many pixels there is memory for at a time: the picture's, or those of a TIFF's tile that is larger.

    Three rows come on top, for decoders keep some: of a picture that is nothing but wide they are most of it.
    """
    tags = getattr(image, "tag_v2", {})
    tile = int(tags.get(_TILE_WIDTH, 0)) * int(tags.get(_TILE_LENGTH, 0))
    return max(image.width * (image.height + 3), tile)
