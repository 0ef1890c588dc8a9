"""Pictures that Pillow and libheif write: one small one of each kind, with what each can carry beside the pixels."""

import struct
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from typing import Any, Final

import pillow_heif
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo
from skimage import data

from fuzz.written import HEIGHT, WIDTH

_Options = dict[str, Any]


def saved() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each of them."""
    for name, mode, format_, options in _SAVED:
        yield name, save(_MODES[mode](), format_, **options)


def save(image: Image.Image, format_: str, **options: Any) -> bytes:  # noqa: ANN401 - they are Pillow's
    """Save in any format that photo-sync takes."""
    file = BytesIO()
    if format_ == "HEIC":
        pillow_heif.from_pillow(image).save(file, **options)
    else:
        image.save(file, format_, **options)
    return file.getvalue()


def heic_of_two() -> bytes:
    """Return a HEIC of two pictures, the second of which, with its alpha channel, is the one to show."""
    file = BytesIO()
    both = pillow_heif.from_pillow(colours())
    both.add_from_pillow(_translucent())
    both.save(file, primary_index=1)
    return file.getvalue()


def heic_of_ten_bits() -> bytes:
    """Return a HEIC of ten bits a channel."""
    file = BytesIO()
    pixels = struct.pack(f"<{WIDTH * HEIGHT * 3}H", *(at * 13 % 65_536 for at in range(WIDTH * HEIGHT * 3)))
    pillow_heif.encode("RGB;16", (WIDTH, HEIGHT), pixels, file)
    return file.getvalue()


def jpeg_of_a_face() -> bytes:
    """Return a JPEG of a photograph with one face."""
    photographs: Any = data
    return save(Image.fromarray(photographs.astronaut()).resize((75, 100), box=(150, 0, 300, 200)), "JPEG")


def colours(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Return every colour in a slow change, which no encoder finds too easy or too hard."""
    across = Image.linear_gradient("L")
    channels = across, across.transpose(Image.Transpose.ROTATE_90), Image.radial_gradient("L")
    return Image.merge("RGB", channels).resize((width, height))


def _translucent() -> Image.Image:
    picture = colours()
    picture.putalpha(picture.getchannel("B"))
    return picture


def _deep(mode: str) -> Image.Image:
    return colours().convert("I").point(lambda value: value * 257.0).convert(mode)


def _lab() -> Image.Image:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    converted = ImageCms.profileToProfile(colours(), srgb, lab, outputMode="LAB")
    assert converted is not None  # noqa: S101 - only in place would it be
    return converted


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[315] = 6, "somebody"
    exif.get_ifd(34853).update({1: "N", 2: (48.0, 51.0, 29.6)})
    return exif.tobytes()


def _texts() -> PngInfo:
    texts = PngInfo()
    texts.add_text("Comment", "short")
    texts.add_text("Comment", "long " * 40, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", _XMP["xmp"].decode(), zip=True)
    return texts


def _frames() -> _Options:
    return {"save_all": True, "append_images": [colours().convert("L").convert("RGB"), colours()], "duration": 40}


_MODES: Final[dict[str, Callable[[], Image.Image]]] = {
    **{mode: partial(lambda mode: colours().convert(mode), mode) for mode in ("1", "L", "P", "RGB", "CMYK", "F")},
    "YCbCr": lambda: colours().convert("YCbCr"),
    "LA": lambda: _translucent().convert("LA"),
    "RGBA": _translucent,
    "I;16": lambda: _deep("I;16"),
    "I;16B": lambda: _deep("I;16B"),
    "I": lambda: _deep("I"),
    "LAB": _lab,
    "large": lambda: colours(400, 400),
    "tiny": lambda: colours(16, 16),
}
_EXIF: Final = {"exif": _exif()}
_XMP: Final = {"xmp": b'<x:xmpmeta xmlns:x="adobe:ns:meta/" tiff:Orientation="3"/>'}
_ICC: Final = {"icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()}
_ALL: Final[_Options] = _EXIF | _XMP | _ICC


_SAVED: Final[tuple[tuple[str, str, str, _Options], ...]] = (
    ("JPEG baseline", "RGB", "JPEG", {}),
    ("JPEG progressive", "RGB", "JPEG", {"progressive": True}),
    ("JPEG large", "large", "JPEG", {}),
    ("JPEG large, progressive, fine", "large", "JPEG", {"progressive": True, "quality": 95}),
    ("JPEG grey", "L", "JPEG", {}),
    ("JPEG grey progressive", "L", "JPEG", {"progressive": True}),
    ("JPEG CMYK", "CMYK", "JPEG", {}),
    ("JPEG CMYK progressive", "CMYK", "JPEG", {"progressive": True}),
    ("JPEG 4:4:4", "RGB", "JPEG", {"subsampling": 0}),
    ("JPEG 4:2:2", "RGB", "JPEG", {"subsampling": 1}),
    ("JPEG with restarts", "RGB", "JPEG", {"restart_marker_blocks": 4}),
    ("JPEG RGB inside", "RGB", "JPEG", {"keep_rgb": True}),
    ("JPEG EXIF XMP ICC", "RGB", "JPEG", _ALL | {"comment": b"comment"}),
    ("JPEG of two pictures", "RGB", "MPO", {"save_all": True, "append_images": [Image.new("RGB", (64, 64))]}),
    ("PNG palette, transparent", "P", "PNG", {"transparency": 3}),
    ("PNG EXIF ICC texts", "RGB", "PNG", _EXIF | _ICC | {"pnginfo": _texts()}),
    ("PNG animated", "RGB", "PNG", _frames()),
    ("WebP lossy", "RGB", "WebP", {}),
    ("WebP lossless", "RGB", "WebP", {"lossless": True}),
    ("WebP lossy, transparent", "RGBA", "WebP", {}),
    ("WebP lossless, transparent", "RGBA", "WebP", {"lossless": True}),
    ("WebP animated", "RGB", "WebP", _frames()),
    ("WebP EXIF XMP ICC", "RGB", "WebP", _ALL),
    ("GIF plain", "P", "GIF", {"interlace": False}),
    ("GIF interlaced", "P", "GIF", {"interlace": True}),
    ("GIF transparent", "P", "GIF", {"transparency": 3, "comment": b"comment"}),
    ("GIF animated", "RGB", "GIF", _frames() | {"loop": 0}),
    ("BMP 1 bit", "1", "BMP", {}),
    ("BMP 8 bit, grey", "L", "BMP", {}),
    ("BMP 8 bit, palette", "P", "BMP", {}),
    ("BMP 24 bit", "RGB", "BMP", {}),
    ("BMP 32 bit", "RGBA", "BMP", {}),
    ("TIFF raw", "RGB", "TIFF", {}),
    ("TIFF LZW", "RGB", "TIFF", {"compression": "tiff_lzw"}),
    ("TIFF deflate", "RGBA", "TIFF", {"compression": "tiff_adobe_deflate"}),
    ("TIFF packbits", "P", "TIFF", {"compression": "packbits"}),
    ("TIFF of JPEG", "RGB", "TIFF", {"compression": "jpeg"}),
    ("TIFF of JPEG YCbCr", "YCbCr", "TIFF", {"compression": "jpeg"}),
    ("TIFF of LZMA", "L", "TIFF", {"compression": "lzma"}),
    ("TIFF of Zstandard", "L", "TIFF", {"compression": "zstd"}),
    ("TIFF group 3", "1", "TIFF", {"compression": "group3"}),
    ("TIFF group 4", "1", "TIFF", {"compression": "group4"}),
    ("TIFF 16 bit", "I;16", "TIFF", {}),
    ("TIFF 16 bit, big-endian", "I;16B", "TIFF", {}),
    ("TIFF 16 bit, deflate", "I;16", "TIFF", {"compression": "tiff_adobe_deflate"}),
    ("TIFF 32 bit", "I", "TIFF", {}),
    ("TIFF float", "F", "TIFF", {}),
    ("TIFF float, LZW", "F", "TIFF", {"compression": "tiff_lzw"}),
    ("TIFF CMYK", "CMYK", "TIFF", {"compression": "tiff_lzw"}),
    ("TIFF LAB", "LAB", "TIFF", {}),
    ("TIFF pages", "RGB", "TIFF", _frames() | {"compression": "tiff_lzw"}),
    ("BigTIFF", "RGB", "TIFF", {"big_tiff": True, "compression": "tiff_lzw"}),
    ("TIFF EXIF ICC", "RGB", "TIFF", _EXIF | _ICC),
    ("HEIC", "RGB", "HEIC", {}),
    ("HEIC grey", "L", "HEIC", {}),
    ("HEIC 4:4:4", "RGB", "HEIC", {"chroma": 444}),
    ("HEIC transparent", "RGBA", "HEIC", {}),
    ("HEIC EXIF XMP ICC", "RGB", "HEIC", _ALL),
)  # fmt: skip
