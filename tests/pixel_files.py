"""Files that Pillow does not write, byte by byte; their pixels as arithmetic has them; and those that come out."""

import struct
import zlib
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data as photographs

from photo_sync.imaging.crop import centre
from photo_sync.imaging.limits import Limits
from photo_sync.imaging.picture import Picture
from photo_sync.photo import develop
from photo_sync.recipe import EDGE

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Numbers = NDArray[Any]  # of any kind, as the file to be made has them
Order = Literal["<", ">"]
Tags = dict[int, tuple[int, ...] | bytes]

SIDE: Final = 150
"""Of most pictures here: no multiple of anything, and more than two strips of what is made strip by strip."""


# What goes in, and what is to come out

_ASTRONAUT: Final = Image.fromarray(photographs.astronaut())  # type: ignore[no-untyped-call] # only the module is typed


def photograph(width: int = SIDE, height: int = SIDE) -> Bytes:
    """A real one in RGB."""
    return np.asarray(_ASTRONAUT.resize((width, height), Image.Resampling.LANCZOS, box=(60, 0, 360, 300)))


def soft_photograph(width: int = SIDE, height: int = SIDE) -> Bytes:
    """The same face without any detail, so that what loses detail keeps it."""
    image = Image.fromarray(photograph(12, 12))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))


def large_photograph(width: int, height: int) -> Bytes:
    """The same, twice as large and repeated mirrored: with detail at any size."""
    twice = np.asarray(_ASTRONAUT.resize((1024, 1024), Image.Resampling.BICUBIC))
    return np.pad(twice, ((0, height - 1024), (0, width - 1024), (0, 0)), mode="symmetric")


def gradient(width: int = SIDE, height: int = SIDE, highest: int = 255) -> NDArray[np.int64]:
    """From 0 at the left to the highest value at the right, each row a little ahead of the one above."""
    across = np.linspace(0, 1, width)[None, :] * np.linspace(0.7, 1, height)[:, None]
    return np.rint(across * highest).astype(np.int64)


def deep(pixels: Bytes, highest: int = 65_535) -> NDArray[np.int64]:
    """The same pixels in more bits."""
    return np.rint(pixels.astype(np.float64) * highest / 255).astype(np.int64)


def grey(levels: Numbers) -> Floats:
    """One channel, three times."""
    return np.repeat(levels.astype(np.float64)[..., None], 3, axis=2)


def on_white(pixels: Numbers, alpha: Numbers) -> Floats:
    """What is seen of a picture that is transparent to some degree; both are 0 to 255."""
    share = alpha.astype(np.float64)[..., None] / 255
    seen: Floats = pixels * share + 255 * (1 - share)
    return seen


def shrunk(pixels: Numbers, side: int = EDGE) -> Floats:
    """The square that is kept, shrunk by Lanczos' filter in floating point, each channel by itself.

    At the edges of the square the filter sees what is beyond it; nothing is rounded or clipped.
    """
    box = _square(pixels)
    channels = (Image.fromarray(channel.astype(np.float32)) for channel in np.moveaxis(pixels, 2, 0))
    small = [channel.resize((side, side), Image.Resampling.LANCZOS, box=box) for channel in channels]
    return np.stack([np.asarray(channel, np.float64) for channel in small], axis=2)


def kept(pixels: Numbers) -> Floats:
    """The square that is kept of an upright picture."""
    left, top, right, bottom = _square(pixels)
    return pixels[top:bottom, left:right].astype(np.float64)


def _square(pixels: Numbers) -> tuple[int, int, int, int]:
    """Left, top, right and bottom: a tenth of what a portrait loses it loses above, and the rest below."""
    height, width = pixels.shape[:2]
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 10
    return left, top, left + side, top + side


# How a picture lies

FIRST_ROW_AND_COLUMN: Final = {
    1: "top left",
    2: "top right",
    3: "bottom right",
    4: "bottom left",
    5: "left top",
    6: "right top",
    7: "right bottom",
    8: "left bottom",
}
"""At which sides of the picture, as people see it, its first row and its first column of pixels are (EXIF, 4.6.4)."""


def lying(upright: Bytes, orientation: int) -> Bytes:
    """The pixels as they are stored in a picture of that orientation."""
    sides = FIRST_ROW_AND_COLUMN[orientation]
    flipped = upright[:: -1 if "bottom" in sides else 1, :: -1 if "right" in sides else 1]
    return np.ascontiguousarray(flipped if orientation <= 4 else flipped.transpose(1, 0, 2))


def exif(orientation: int) -> bytes:
    """All that it says is how the picture lies."""
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


# What comes out


def developed(data: bytes, edge: int = EDGE) -> Floats:
    """The pixels of the photo, before they become a JPEG."""
    picture = Picture.open(data, Limits())
    image = develop(picture, centre(*picture.size), edge)
    assert image.mode == "RGB"
    return np.asarray(image, np.float64)


def furthest(data: bytes, expected: Floats) -> float:
    """How far the worst value of the worst pixel is from what it is to be; 0 to 255."""
    pixels = developed(data)
    assert pixels.shape == expected.shape
    return float(np.abs(pixels - np.clip(expected, 0, 255)).max())


def decibels(pixels: Floats, expected: Floats) -> float:
    """How close two pictures are all in all (PSNR)."""
    assert pixels.shape == expected.shape
    return float(10 * np.log10(255**2 / np.mean((pixels - np.clip(expected, 0, 255)) ** 2)))


# Files


def tiff(
    pixels: Numbers,
    photometric: int,
    order: Order = "<",
    *,
    planar: bool = False,
    packed: bool = False,
    more: Tags | None = None,
) -> bytes:
    """A TIFF of one strip, or of one for each channel; whatever bits the array has, and whatever they mean (TIFF 6.0).

    `photometric`: 0 and 1 grey, white or black being 0, 2 RGB, 5 CMYK, 8 Lab.
    """
    height, width, channels = pixels.shape
    ordered = pixels.astype(pixels.dtype.newbyteorder(order))
    planes = [plane.tobytes() for plane in (np.moveaxis(ordered, 2, 0) if planar else [ordered])]
    tags: Tags = {
        256: (width,),
        257: (height,),
        258: (pixels.itemsize * 8,) * channels,
        259: (8 if packed else 1,),
        262: (photometric,),
        277: (channels,),
        278: (height,),
        284: (2 if planar else 1,),
        339: ({"u": 1, "i": 2, "f": 3}[pixels.dtype.kind],) * channels,
    }
    return tiff_of(tags | (more or {}), [zlib.compress(plane) if packed else plane for plane in planes], order)


def tiled_tiff(pixels: Bytes, tile: int) -> bytes:
    """A TIFF in RGB whose pixels are in square tiles, those at the right and below padded."""
    height, width, channels = pixels.shape
    padded = np.pad(pixels, ((0, -height % tile), (0, -width % tile), (0, 0)))
    pieces = [
        padded[top : top + tile, left : left + tile].tobytes()
        for top in range(0, height, tile)
        for left in range(0, width, tile)
    ]
    tags: Tags = {
        256: (width,),
        257: (height,),
        258: (8,) * channels,
        259: (1,),
        262: (2,),
        277: (channels,),
        322: (tile,),
        323: (tile,),
    }
    return tiff_of(tags, pieces, "<")


def tiff_of(tags: Tags, pieces: list[bytes], order: Order) -> bytes:
    """Put a TIFF together: first its strips or tiles, then the values that do not fit the directory, and that last."""
    file = bytearray(8)
    offsets = []
    for piece in pieces:
        offsets.append(len(file))
        file += piece + bytes(len(piece) % 2)
    where, how_long = (324, 325) if 322 in tags else (273, 279)
    directory = b""
    for tag, value in sorted((tags | {where: tuple(offsets), how_long: tuple(map(len, pieces))}).items()):
        kind = 7 if isinstance(value, bytes) else 4
        body = value if isinstance(value, bytes) else struct.pack(f"{order}{len(value)}L", *value)
        count = len(value)
        if tag in {258, 277, 338, 339}:  # these are to be short
            kind, body = 3, struct.pack(f"{order}{count}H", *value)
        if len(body) > 4:
            body, at = struct.pack(f"{order}L", len(file)), body
            file += at + bytes(len(at) % 2)
        directory += struct.pack(f"{order}HHL", tag, kind, count) + body.ljust(4, b"\0")
    struct.pack_into(f"{order}2sHL", file, 0, b"II" if order == "<" else b"MM", 42, len(file))
    return bytes(file) + struct.pack(f"{order}H", len(directory) // 12) + directory + bytes(4)


_ADAM7: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Of each pass, where it begins across and down, and its steps (PNG, 8.2)."""


def png_of(pixels: Numbers, *more: tuple[bytes, bytes], interlaced: bool = False) -> bytes:
    """A PNG of any channels, with 8 or 16 bits as the array has, in one pass or in seven."""
    height, width, channels = pixels.shape
    passes = [pixels[y::down, x::across] for x, y, across, down in _ADAM7] if interlaced else [pixels]
    rows = [b"\0" + row.tobytes() for one in passes for row in one.astype(one.dtype.newbyteorder(">"))]
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    header = struct.pack(">LLBBBBB", width, height, pixels.itemsize * 8, kind, 0, 0, int(interlaced))
    chunks = ((b"IHDR", header), *more, (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body)) for name, body in chunks
    )


def gif_of(canvas: tuple[int, int], palette: Bytes, *frames: bytes) -> bytes:
    """A GIF of up to 128 colours, whose background is the second of them."""
    size = struct.pack("<HH", *canvas)
    return b"GIF89a" + size + b"\xf6\x01\0" + palette.tobytes().ljust(384, b"\0") + b"".join(frames) + b";"


def gif_frame(
    pixels: Bytes, left: int = 0, top: int = 0, *, transparent: int | None = None, disposal: int = 0
) -> bytes:
    """A frame of a GIF, not compressed: the table of its codes is thrown away before they grow longer than a byte."""
    height, width = pixels.shape
    flags = disposal << 2 | (transparent is not None)
    control = b"\x21\xf9\4" + struct.pack("<BHBx", flags, 10, transparent or 0)
    flat = pixels.tobytes()
    codes = b"".join(b"\x80" + flat[at : at + 120] for at in range(0, len(flat), 120)) + b"\x81"
    blocks = b"".join(
        bytes([len(block)]) + block for block in (codes[at : at + 255] for at in range(0, len(codes), 255))
    )
    return control + b"," + struct.pack("<HHHHB", left, top, width, height, 0) + b"\7" + blocks + b"\0"


def animated_webp(canvas: tuple[int, int], *frames: tuple[int, int, bytes]) -> bytes:
    """An animated WebP on a transparent canvas, each frame a WebP itself, at even places (WebP's RIFF container)."""
    body = b"VP8X" + struct.pack("<LL", 10, 0x12) + _less_one(*canvas) + b"ANIM" + struct.pack("<LLH", 6, 0, 0)
    for left, top, still in frames:
        assert still[12:16] == b"VP8L"
        width, height = ((int.from_bytes(still[21:25], "little") >> shift & 0x3FFF) + 1 for shift in (0, 14))
        place = (left // 2).to_bytes(3, "little") + (top // 2).to_bytes(3, "little") + _less_one(width, height)
        frame = place + (100).to_bytes(3, "little") + b"\2" + still[12:]
        body += b"ANMF" + struct.pack("<L", len(frame)) + frame
    return b"RIFF" + struct.pack("<L", len(body) + 4) + b"WEBP" + body


def _less_one(width: int, height: int) -> bytes:
    return (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def jpeg_with_parts(jpeg: bytes, icc: bytes, numbers: tuple[int, ...], count: int) -> bytes:
    """A JPEG with a colour profile in so many parts, but only those, in that order (ICC.1:2022, B.4)."""
    length = -(-len(icc) // count)
    parts = {number: icc[(number - 1) * length : number * length] for number in range(1, count + 1)}
    bodies = [b"ICC_PROFILE\0" + bytes([number, count]) + parts[number] for number in numbers]
    return jpeg[:2] + b"".join(struct.pack(">BBH", 0xFF, 0xE2, len(body) + 2) + body for body in bodies) + jpeg[2:]


# Colour profiles (ICC.1:2022)

_D50: Final = (0.9642, 1.0, 0.8249)


def gamma_profile(gamma: float, primaries: tuple[tuple[float, float, float], ...]) -> bytes:
    """Red, green and blue of these primaries, given in XYZ, and a curve that is one power."""
    curve = _power(gamma)
    columns = {name: _xyz(primary) for name, primary in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)}
    return _profile(b"XYZ ", columns | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))


def grey_profile(gamma: float) -> bytes:
    """The same curve for grey pictures."""
    return _profile(b"XYZ ", {b"kTRC": _power(gamma)}, space=b"GRAY")


def table_profile(lab: Floats) -> bytes:
    """Red, green and blue by a table of what each mixture of them looks like, in L*, a* and b*."""
    points = lab.shape[0]
    identity = struct.pack(">9i", *np.eye(3, dtype=int).flatten() * 65_536)
    line = struct.pack(">2H", 0, 65_535) * 3
    values = np.rint(np.add(lab, (0, 128, 128)) * (652.8, 256, 256)).astype(">u2").tobytes()
    table = b"mft2" + bytes(4) + bytes([3, 3, points, 0]) + identity + struct.pack(">2H", 2, 2) + line + values + line
    return _profile(b"Lab ", {b"A2B0": table}, version=2)


def padded(icc: bytes, length: int) -> bytes:
    """The same profile with so many bytes behind that mean nothing."""
    return struct.pack(">L", len(icc) + length) + icc[4:] + bytes(length)


def _power(gamma: float) -> bytes:
    return b"curv" + struct.pack(">LLH", 0, 1, round(gamma * 256))


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65_536) for value in values))


def _profile(connection: bytes, tags: dict[bytes, bytes], *, space: bytes = b"RGB ", version: int = 4) -> bytes:
    directory, data = struct.pack(">L", len(tags) + 1), b""
    for name, content in (tags | {b"wtpt": _xyz(_D50)}).items():
        directory += name + struct.pack(">LL", 132 + 12 * (len(tags) + 1) + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    size = 128 + len(directory) + len(data)
    head = struct.pack(">L4xL4s4s4s12x4s28x", size, version << 24, b"mntr", space, connection, b"acsp")
    return head + _xyz(_D50)[8:] + bytes(48) + directory + data


# The picture that most tests send in, and what is made of it

PHOTOGRAPH: Final = photograph()
LEVELS: Final = PHOTOGRAPH[..., 1]
ALPHA: Final = gradient().astype(np.uint8)
DEEP: Final = deep(PHOTOGRAPH).astype(np.uint16)
DEEP_ALPHA: Final = gradient(highest=65_535).astype(np.uint16)
