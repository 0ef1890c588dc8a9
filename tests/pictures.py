"""Pictures made in code, so that a test knows every pixel it sends in; and a look at the JPEG that comes out."""

import random
import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, Final

import pillow_heif
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import ImageFileDirectory_v2

Colour = tuple[int, int, int]
Animation = Callable[[int], bytes]

RED: Final = (254, 0, 0)
GREEN: Final = (0, 160, 0)
BLUE: Final = (0, 0, 254)
YELLOW: Final = (255, 255, 0)
WHITE: Final = (255, 255, 255)
BLACK: Final = (0, 0, 0)
GREY: Final = (128, 128, 128)
COLOURS: Final = {"R": RED, "G": GREEN, "B": BLUE, "Y": YELLOW, "white": WHITE, "black": BLACK}

TOLERANCE: Final = 8
"""How far a channel of a flat colour may come out from what went in: the JPEG's rounding, and WebP's or HEIC's."""

SECRET: Final = b"SECRET"
"""Stands in every piece of metadata that `with_secrets` writes, as `SECRET-gps`, `SECRET-xmp` and so on."""

FORMATS: Final = ("JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF", "HEIC")


# What goes in


def quadrants(width: int = 96, height: int = 96) -> Image.Image:
    """Red and green above, blue and yellow below: `corners` reads it as RG BY."""
    image = Image.new("RGB", (width, height), RED)
    across, down = width // 2, height // 2
    image.paste(GREEN, (across, 0, width, down))
    image.paste(BLUE, (0, down, across, height))
    image.paste(YELLOW, (across, down, width, height))
    return image


def flat(colour: float | tuple[int, ...], mode: str = "RGB", side: int = 64) -> Image.Image:
    """One colour all over."""
    return Image.new(mode, (side, side), colour)


def plain(colour: str = "green", width: int = 64, height: int = 64, format_: str = "JPEG") -> bytes:
    """A file with one colour all over, for tests that look at what becomes of it."""
    return save(Image.new("RGB", (width, height), colour), format_)


def noise(side: int) -> Image.Image:
    """Pixels without any order, always the same ones: nothing compresses worse."""
    order = random.Random(side)  # noqa: S311 - nothing here is to be kept from anybody
    return Image.frombytes("RGB", (side, side), order.randbytes(side * side * 3))


def save(image: Image.Image, format_: str, **options: Any) -> bytes:  # noqa: ANN401 - they are Pillow's
    """Save in any format that photo-sync takes; lossy ones at a quality that keeps flat colours."""
    file = BytesIO()
    if format_ == "HEIC":
        pillow_heif.from_pillow(image).save(file, **{"quality": 90, "chroma": 444} | options)
    elif format_ in {"JPEG", "MPO"}:
        image.save(file, format_, **{"quality": 95} | options)
    else:
        image.save(file, format_, **options)
    return file.getvalue()


def animation(format_: str) -> bytes:
    """Three frames, or pages: the quadrants, then white, then black."""
    others = [Image.new("RGB", (96, 96), colour) for colour in (WHITE, BLACK)]
    return save(quadrants(), format_, save_all=True, append_images=others)


def heic_of_two(first: Image.Image, second: Image.Image, chosen: int) -> bytes:
    """A HEIC with two pictures, of which number `chosen` is the one to show."""
    file = BytesIO()
    both = pillow_heif.from_pillow(first)
    both.add_from_pillow(second)
    both.save(file, quality=90, chroma=444, primary_index=chosen)
    return file.getvalue()


def turned(format_: str, orientation: int) -> bytes:
    """The quadrants, stored as they are, with an EXIF that says how to turn them."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return save(quadrants(), format_, exif=exif.tobytes())


def turned_by_xmp(format_: str, orientation: int) -> bytes:
    """The same, with an XMP packet and no EXIF: what some editors write."""
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/" tiff:Orientation="{orientation}"/>'
    if format_ != "PNG":
        return save(quadrants(), format_, xmp=xmp.encode())
    text = PngInfo()
    text.add_itxt("XML:com.adobe.xmp", xmp)
    return save(quadrants(), format_, pnginfo=text)


def tiff_with_tag(tag: int, kind: int, value: str | int) -> bytes:
    """A TIFF of the quadrants with one more tag, of any type (2 text, 3 and 4 numbers)."""
    tags = ImageFileDirectory_v2()
    tags.tagtype[tag] = kind
    tags[tag] = value
    return save(quadrants(), "TIFF", tiffinfo=tags)


def with_secrets(format_: str) -> bytes:
    """The quadrants with every kind of metadata that the format can carry, each saying SECRET."""
    return _WITH_SECRETS[format_]()


def _jpeg_with_secrets() -> bytes:
    jpeg = save(
        quadrants(), "JPEG", exif=_secret_exif(), xmp=_SECRET_XMP, icc_profile=_SECRET_ICC, comment=b"SECRET-comment"
    )
    return jpeg[:2] + _jpeg_segment(0xED, b"Photoshop 3.0\0" + _SECRET_IPTC) + jpeg[2:]


def _png_with_secrets() -> bytes:
    text = PngInfo()
    text.add_text("Comment", "SECRET-comment")
    text.add_itxt("XML:com.adobe.xmp", _SECRET_XMP.decode())
    return save(quadrants(), "PNG", exif=_secret_exif(), icc_profile=_SECRET_ICC, pnginfo=text)


def _webp_with_secrets() -> bytes:
    return save(quadrants(), "WebP", exif=_secret_exif(), xmp=_SECRET_XMP, icc_profile=_SECRET_ICC)


def _gif_with_secrets() -> bytes:
    return save(quadrants(), "GIF", comment=b"SECRET-comment")


def _tiff_with_secrets() -> bytes:
    tags = ImageFileDirectory_v2()
    tags[270], tags[315], tags[700] = "SECRET-description", "SECRET-artist", _SECRET_XMP
    tags[33723], tags[34377], tags[34853] = _SECRET_IPTC, _SECRET_IPTC, _SECRET_PLACE
    return save(quadrants(), "TIFF", tiffinfo=tags, icc_profile=_SECRET_ICC)


def _heic_with_secrets() -> bytes:
    return save(quadrants(), "HEIC", exif=_secret_exif(), xmp=_SECRET_XMP, icc_profile=_SECRET_ICC)


def _secret_exif() -> bytes:
    """An EXIF block with a name, a place, and a thumbnail that carries a comment of its own (EXIF 2.32, 4.5)."""
    exif = Image.Exif()
    exif[315] = "SECRET-artist"
    exif.get_ifd(34853).update(_SECRET_PLACE)
    block = bytearray(exif.tobytes())
    endian = "<" if block[6:8] == b"II" else ">"
    entries = int(struct.unpack_from(f"{endian}H", block, 6 + 8)[0])
    thumbnail = save(flat(RED, side=16), "JPEG", comment=b"SECRET-thumbnail")
    second = len(block) - 6
    struct.pack_into(f"{endian}L", block, 6 + 8 + 2 + entries * 12, second)  # where the thumbnail's directory is
    block += (
        struct.pack(f"{endian}HHHLLHHLLL", 2, 0x0201, 4, 1, second + 30, 0x0202, 4, 1, len(thumbnail), 0) + thumbnail
    )
    return bytes(block)


_SECRET_PLACE: Final = {1: "N", 2: (48.0, 51.0, 29.6), 29: "SECRET-gps"}
_SECRET_XMP: Final = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- SECRET-xmp --></x:xmpmeta>'
_SECRET_IPTC: Final = (
    b"8BIM\x04\x04\0\0" + struct.pack(">L", 15) + b"\x1c\x02\x50" + struct.pack(">H", 10) + b"SECRET-iptc"
)


# Colour profiles (ICC.1:2022), no larger than they need be

_SRGB_CURVE: Final = b"para\0\0\0\0\0\3\0\0" + b"".join(
    struct.pack(">i", round(value * 65536)) for value in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
)
_LINEAR: Final = b"curv" + bytes(8)
_SRGB_PRIMARIES: Final = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
_P3_PRIMARIES: Final = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
_D50: Final = (0.9642, 1.0, 0.8249)


def display_p3() -> bytes:
    """What an iPhone's pictures are in: its red, green and blue are deeper than sRGB's."""
    return _rgb_profile(_P3_PRIMARIES)


def rotated_primaries() -> bytes:
    """A profile whose red is sRGB's green, whose green is its blue, whose blue is its red: nobody overlooks it."""
    red, green, blue = _SRGB_PRIMARIES
    return _rgb_profile((green, blue, red))


def linear_rgb() -> bytes:
    """A profile without any gamma: its 128 is sRGB's 188."""
    return _rgb_profile(_SRGB_PRIMARIES, curve=_LINEAR)


def linear_grey() -> bytes:
    """The same for grey pictures."""
    return _profile(b"GRAY", b"XYZ ", {b"kTRC": _LINEAR, b"wtpt": _xyz(_D50)})


def strange_inks() -> bytes:
    """A CMYK profile of a press loaded with the wrong inks: C prints red, M green, Y blue; two of them, or K, black."""
    paper, black = (255, 128, 128), (0, 128, 128)
    inks = {(1, 0, 0, 0): (138, 209, 198), (0, 1, 0, 0): (224, 49, 209), (0, 0, 1, 0): (75, 196, 16), (0,) * 4: paper}
    grid = [(c, m, y, k) for c in (0, 1) for m in (0, 1) for y in (0, 1) for k in (0, 1)]
    identity = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    table = b"".join(bytes(inks.get(point, black)) for point in grid)
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + identity + bytes(range(256)) * 4 + table + bytes(range(256)) * 3
    return _profile(b"CMYK", b"Lab ", {b"A2B0": lut, b"wtpt": _xyz(_D50)}, kind=b"prtr")


def _rgb_profile(
    primaries: tuple[tuple[float, float, float], ...], *, curve: bytes = _SRGB_CURVE, copyright_: bytes = b"nobody"
) -> bytes:
    tags = {name: _xyz(primary) for name, primary in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)}
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    text = b"text" + bytes(4) + copyright_ + b"\0"
    return _profile(b"RGB ", b"XYZ ", {**tags, **curves, b"wtpt": _xyz(_D50), b"cprt": text})


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def _profile(space: bytes, connection: bytes, tags: dict[bytes, bytes], kind: bytes = b"mntr") -> bytes:
    table, data = struct.pack(">L", len(tags)), b""
    for name, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        table += name + struct.pack(">LL", 128 + 4 + 12 * len(tags) + len(data), len(content))
        data += padded
    head = struct.pack(
        ">LLL4s4s4s12x4s28x", 128 + len(table) + len(data), 0, 0x04200000, kind, space, connection, b"acsp"
    )
    return head + _xyz(_D50)[8:] + bytes(48) + table + data


_SECRET_ICC: Final = _rgb_profile(_SRGB_PRIMARIES, copyright_=b"SECRET-icc")

_WITH_SECRETS: Final = {
    "JPEG": _jpeg_with_secrets,
    "PNG": _png_with_secrets,
    "WebP": _webp_with_secrets,
    "GIF": _gif_with_secrets,
    "TIFF": _tiff_with_secrets,
    "HEIC": _heic_with_secrets,
}
FORMATS_WITH_METADATA: Final = tuple(_WITH_SECRETS)


# Files written byte by byte: what Pillow does not write, and what nobody should


def png(width: int, height: int, bits: int, kind: int, pixel: bytes, *more: tuple[bytes, bytes]) -> bytes:
    """A PNG of one colour; `kind` is its colour type (0 grey, 2 RGB, 4 and 6 with alpha), `more` its other chunks."""
    rows = zlib.compress((b"\0" + pixel * width) * height)
    header = struct.pack(">LLBBBBB", width, height, bits, kind, 0, 0, 0)
    chunks = ((b"IHDR", header), *more, (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(*chunk) for chunk in chunks)


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))


def claims(format_: str, width: int, height: int, **options: Any) -> bytes:  # noqa: ANN401 - they are Pillow's
    """A small picture whose header says it is `width` x `height` pixels: a bomb's first bytes."""
    data = bytearray(save(quadrants(), format_, **options))
    match format_:
        case "JPEG":
            at = next(at for at, marker, _ in _segments(bytes(data)) if marker in {0xC0, 0xC2})
            struct.pack_into(">HH", data, at + 5, height, width)
        case "PNG":
            data[8:33] = _png_chunk(b"IHDR", struct.pack(">LL", width, height) + data[24:29])
        case "GIF":
            struct.pack_into("<HH", data, 6, width, height)
        case "BMP":
            struct.pack_into("<LL", data, 18, width, height)
        case "HEIC":
            struct.pack_into(">LL", data, data.index(b"ispe") + 8, width, height)
    return bytes(data)


def tiff_claiming(width: int, height: int) -> bytes:
    """The same in a TIFF, whose size is two tags among the others."""
    data = save(quadrants(), "TIFF")
    for tag, value in ((256, width), (257, height)):
        data = data.replace(struct.pack("<HHLL", tag, 4, 1, 96), struct.pack("<HHLL", tag, 4, 1, value))
    return data


def webp_claiming(width: int, height: int) -> bytes:
    """The same in a WebP: the canvas of an animation."""
    data = animation("WebP")
    return data[:24] + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little") + data[30:]


def gif_claiming_in_its_frame(width: int, height: int) -> bytes:
    """The same in the frame of a GIF whose header is honest."""
    data = bytearray(save(quadrants(), "GIF"))
    struct.pack_into("<HH", data, data.index(b",\0\0\0\0\x60\0\x60\0") + 5, width, height)
    return bytes(data)


def run_length_bmp(width: int, height: int) -> bytes:
    """A BMP of one colour, coded as runs of 255 pixels at most (BI_RLE8): Pillow decodes it in Python."""
    line = b"".join(bytes([min(255, width - at), 1]) for at in range(0, width, 255)) + b"\0\0"
    pixels, palette = line * height + b"\0\1", b"\0\0\0\0" + bytes([*reversed(RED), 0])
    offset = 14 + 40 + len(palette)
    header = struct.pack("<2sLHHL", b"BM", offset + len(pixels), 0, 0, offset)
    details = struct.pack("<LllHHLLllLL", 40, width, height, 1, 8, 1, len(pixels), 0, 0, 2, 0)
    return header + details + palette + pixels


def long_gif(frames: int) -> bytes:
    """A GIF of the quadrants, followed by frames of one pixel (GIF89a, section 20)."""
    pixel = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return save(quadrants(), "GIF").removesuffix(b";") + pixel * (frames - 1) + b";"


def long_png(frames: int) -> bytes:
    """A PNG that says it has so many frames (APNG's acTL chunk)."""
    return png(64, 64, 8, 2, bytes(RED), (b"acTL", struct.pack(">LL", frames, 0)))


def long_webp(frames: int) -> bytes:
    """An animated WebP, its last frame repeated (WebP's RIFF container, chunk ANMF)."""
    data = animation("WebP")
    again = data[data.rindex(b"ANMF") :]
    body = data[8:] + again * (frames - 3)
    return b"RIFF" + struct.pack("<L", len(body)) + body


def flat_jpeg(width: int, height: int) -> bytes:
    """A mid-grey baseline JPEG of any size, at six bits for eight by eight pixels."""
    return _coded_jpeg(0xC0, width, height, _scan(b"\1\2\3") + bytes(_blocks(width, height) * 6 // 8 + 1))


def flat_jpeg_in_three_scans(width: int, height: int) -> bytes:
    """The same with red, green and blue one after the other: a decoder has to keep all of it until the end."""
    one = bytes(_blocks(width, height) * 2 // 8 + 1)
    return _coded_jpeg(0xC0, width, height, b"".join(_scan(component) + one for component in (b"\1", b"\2", b"\3")))


def jpeg_of_many_scans(width: int, height: int, scans: int) -> bytes:
    """A progressive one whose first scan draws it and whose others, of a few bytes each, change nothing."""
    first = _scan(b"\1\2\3", last=0) + bytes(_blocks(width, height) * 3 // 8 + 1)
    bits = ("0" + "1" * 14) * -(-_blocks(width, height) // 32_767)  # the code 0, then how many blocks it ends
    ends = int(bits + "1" * (-len(bits) % 8), 2).to_bytes(-(-len(bits) // 8), "big").replace(b"\xff", b"\xff\0")
    return _coded_jpeg(0xC2, width, height, first + (_scan(b"\1", first=1) + ends) * (scans - 1))


def _jpeg_with_hidden_scans() -> bytes:
    """A progressive one whose scans stand in a segment that a decoder, which looks for a restart, does not see."""
    whole = jpeg_of_many_scans(4_000, 4_000, 3)
    second = whole.index(b"\xff\xda", whole.index(b"\xff\xda") + 2)
    scan = whole[second : whole.index(b"\xff\xda", second + 2)]
    hidden = scan * (60_000 // len(scan))
    restarts = _jpeg_segment(0xDD, struct.pack(">H", 100))
    head = whole[:2] + restarts + whole[2 : second - 2_000]
    return head + b"\xff\x02" + struct.pack(">H", len(hidden) + 2) + hidden + b"\xff\xd9"


def _jpeg_of_many_segments() -> bytes:
    data = save(quadrants(), "JPEG", progressive=True)
    end = data.rindex(b"\xff\xda")
    return data[:end] + b"\xff\xfe\0\2" * 4_000_000 + data[end:]


def _jpeg_with_endless_profile() -> bytes:
    """Its profile has a tag of 3,000 steps, each the same large table (ICC.1:2022, 10.16)."""
    table = b"clut" + bytes(4) + struct.pack(">HH", 3, 3) + bytes([17] * 3) + bytes(13) + bytes(17**3 * 3 * 4)
    steps = 3_000
    place = struct.pack(">LL", 16 + 8 * steps, len(table))
    tag = b"mpet" + bytes(4) + struct.pack(">HHL", 3, 3, steps) + place * steps + table
    primaries = {name: _xyz(value) for name, value in zip((b"gXYZ", b"bXYZ", b"rXYZ"), _SRGB_PRIMARIES, strict=True)}
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _SRGB_CURVE)
    profile = _profile(b"RGB ", b"XYZ ", {**primaries, **curves, b"wtpt": _xyz(_D50), b"D2B0": tag})
    return save(quadrants(), "JPEG", icc_profile=profile)


def _tiff_of_many(tag: int, kind: int, size: int) -> bytes:
    """A TIFF in which one tag has two million values."""
    data = save(quadrants(), "TIFF")
    count, begin = 2_000_000, int.from_bytes(data[4:8], "little")
    entries = int.from_bytes(data[begin : begin + 2], "little")
    rows = [data[begin + 2 + 12 * row : begin + 14 + 12 * row] for row in range(entries)]
    rows = [row for row in rows if row[:2] != struct.pack("<H", tag)]
    behind = len(data) + 2 + 12 * (len(rows) + 1) + 4
    rows.append(struct.pack("<HHLL", tag, kind, count, behind))
    ordered = sorted(rows, key=_tag)
    directory = struct.pack("<H", len(rows)) + b"".join(ordered) + bytes(4)
    return data[:4] + struct.pack("<L", len(data)) + data[8:] + directory + b"\1" * (count * size)


def _tag(entry: bytes) -> int:
    return int.from_bytes(entry[:2], "little")


def _png_with_long_exif() -> bytes:
    """A PNG whose EXIF has an orientation of two million values."""
    exif = b"MM\0*\0\0\0\x08\0\1\x01\x12\0\5" + struct.pack(">LL", 2_000_000, 26) + bytes(4) + b"\0\0\0\1" * 4_000_000
    return png(64, 64, 8, 2, bytes(RED), (b"eXIf", exif))


def _png_of_texts() -> bytes:
    """A PNG with 20,000 texts of a megabyte each, unpacked."""
    text = (b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 999_000, 9))
    return png(64, 64, 8, 2, bytes(RED), *[text] * 20_000)


def with_larger_tile(tiff: bytes, side: int) -> bytes:
    """The same TIFF, whose tiles say that they are larger (tags 322 and 323)."""
    data = bytearray(tiff)
    begin = int.from_bytes(data[4:8], "little")
    for at in range(begin + 2, begin + 2 + 12 * int.from_bytes(data[begin : begin + 2], "little"), 12):
        if int.from_bytes(data[at : at + 2], "little") in {322, 323}:
            struct.pack_into("<HLL", data, at + 2, 4, 1, side)
    return bytes(data)


BOMBS: Final[dict[str, Callable[[], bytes]]] = {
    "JPEG with hidden scans": _jpeg_with_hidden_scans,
    "JPEG of many segments": _jpeg_of_many_segments,
    "JPEG with an endless profile": _jpeg_with_endless_profile,
    "TIFF of many strips": lambda: _tiff_of_many(273, 4, 4),
    "TIFF of many resolutions": lambda: _tiff_of_many(282, 5, 8),
    "TIFF of many orientations": lambda: _tiff_of_many(274, 5, 8),
    "PNG with a long EXIF": _png_with_long_exif,
    "PNG of texts": _png_of_texts,
    "PNG of many chunks": lambda: png(64, 64, 8, 2, bytes(RED), *[(b"vpAg", b"")] * 3_000_000),
}
"""Files that were found to take minutes, or gigabytes, before their like was refused."""


def _coded_jpeg(frame: int, width: int, height: int, scans: bytes) -> bytes:
    """A JPEG whose Huffman tables hold one code each, a single 0 (ITU T.81, annexes B, F and G).

    It stands for "no difference to the block before" and for "nothing more in this block", or in a progressive one "in
    the next ones".
    """
    nothing_more = b"\xe0" if frame == 0xC2 else b"\0"
    components = b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3))
    return (
        b"\xff\xd8"
        + _jpeg_segment(0xDB, b"\0" + b"\x10" * 64)
        + _jpeg_segment(0xC4, b"\0\1" + bytes(15) + b"\0")
        + _jpeg_segment(0xC4, b"\x10\1" + bytes(15) + nothing_more)
        + _jpeg_segment(frame, struct.pack(">BHHB", 8, height, width, 3) + components)
        + scans
        + b"\xff\xd9"
    )


def _blocks(width: int, height: int) -> int:
    return -(-width // 8) * -(-height // 8)


def _scan(components: bytes, first: int = 0, last: int = 63) -> bytes:
    tables = b"".join(bytes([component, 0]) for component in components)
    return _jpeg_segment(0xDA, bytes([len(components)]) + tables + bytes([first, last, 0]))


def _jpeg_segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


# What comes out


def opened(jpeg: bytes) -> Image.Image:
    """The picture that came out, as anybody opens it, its pixels decoded."""
    with Image.open(BytesIO(jpeg), formats=["JPEG"]) as image:
        image.load()
        return image


def pixel(jpeg: bytes, x: float = 0.5, y: float = 0.5) -> Colour:
    """The colour of one point, told as a part of the width and of the height."""
    image = opened(jpeg)
    red, green, blue = image.getpixel((int(x * image.width), int(y * image.height)))  # type: ignore[misc] # it is RGB
    return int(red), int(green), int(blue)


def corners(jpeg: bytes) -> str:
    """The four quadrants, named: `quadrants` makes `RG BY`; a colour that nobody sent in shows as its numbers."""
    names = [_name(pixel(jpeg, x, y)) for y in (0.25, 0.75) for x in (0.25, 0.75)]
    return "{}{} {}{}".format(*names)


def _name(colour: Colour) -> str:
    for name, known in COLOURS.items():
        if all(abs(a - b) <= TOLERANCE for a, b in zip(colour, known, strict=True)):
            return name
    return str(colour)


def segments(jpeg: bytes) -> list[str]:
    """What a JPEG consists of, in order: every segment's name, from SOI to EOI, and anything after that."""
    return [_SEGMENTS.get(marker, f"{marker:02X}") for _, marker, _ in _segments(jpeg)]


_SEGMENTS: Final = {
    0xD8: "SOI", 0xE0: "APP0", 0xDB: "DQT", 0xC0: "SOF0", 0xC2: "SOF2", 0xC4: "DHT", 0xDA: "SOS", 0xD9: "EOI"
}  # fmt: skip


def _segments(jpeg: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Where each segment begins, its marker and its body, pixels left out (ITU T.81, annex B)."""
    at = 0
    while at < len(jpeg):
        assert jpeg[at] == 0xFF, f"no marker at byte {at}"
        marker = jpeg[at + 1]
        if marker in {0xD8, 0xD9}:
            yield at, marker, b""
            at += 2
            continue
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        yield at, marker, jpeg[at + 4 : at + 2 + length]
        at += 2 + length
        while marker == 0xDA and (jpeg[at] != 0xFF or jpeg[at + 1] == 0):  # coded pixels, up to the next marker
            at += 1
