"""The files that the demo drops: portraits in the formats, and with the faults, that people upload."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageChops
from pillow_heif import from_pillow

from local.directory import CONTACT, FOLDER, FOLDER_CONTACT, GROUP, TEAM
from local.portrait import Sitter, emblem, portrait


@dataclass(frozen=True)
class Sample:
    """A file to drop, and what must become of it: an outcome, and the reason's code where it is refused.

    Of a photo that is synced, `top` and `foot` are the colours of its upper corners and of the middle of its foot.
    """

    name: str
    what: str
    data: bytes
    outcome: str = "synced"
    code: str = ""
    top: str = ""
    foot: str = ""


def samples() -> list[Sample]:
    """Return the demo's files."""
    return [
        _person(
            "users/ada@contoso.com.jpg",
            "JPEG",
            _jpeg,
            Sitter("#f4b942", "#f1c9a5", "#3b2314", "#7a3e9d", long_hair=True),
        ),
        _person("users/grace@contoso.com.png", "PNG", _png, Sitter("#84a98c", "#e8b995", "#8d8d92", "#1f3a5f")),
        _person("users/alan@contoso.com.webp", "WebP", _webp, Sitter("#9bc1bc", "#efc6a4", "#2b1d0e", "#5d576b")),
        _person(
            "users/katherine@contoso.com.heic",
            "HEIC",
            _heic,
            Sitter("#e6a4b4", "#8d5a3b", "#1c1310", "#2f6690", long_hair=True),
        ),
        _person(
            "users/linus@contoso.com.jpg",
            "lies sideways",
            _sideways,
            Sitter("#a3c4f3", "#f3d0b5", "#d9d9d9", "#37474f"),
        ),
        _person(
            "users/mary.o'neill@contoso.com.tif",
            "CMYK",
            _cmyk,
            Sitter("#c9e4ca", "#f5d5bd", "#a63d1f", "#364958", long_hair=True),
        ),
        _person("users/josé@contoso.com.jpg", "has GPS data", _gps, Sitter("#ffd6a5", "#c68642", "#1a1110", "#cb4b16")),
        _person(
            "users/adele_fabrikam.com#EXT#@contoso.onmicrosoft.com.gif",
            "GIF, a guest",
            _gif,
            Sitter("#cdb4db", "#e0ac86", "#5a3825", "#006d77", long_hair=True),
        ),
        _person(
            "Users/radia@contoso.com.jpeg", "12 megapixels", _large, Sitter("#bde0fe", "#f0c8a8", "#c7b7a3", "#9d0208")
        ),
        Sample(f"groups/{GROUP}.png", "a group", _png(emblem("#264653", "#e9c46a")), top="#264653", foot="#e9c46a"),
        Sample(f"teams/{TEAM}.png", "a team", _png(emblem("#1d3557", "#e63946")), top="#1d3557", foot="#e63946"),
        _person(f"contacts/{CONTACT}.jpg", "a contact", _jpeg, Sitter("#d8e2dc", "#edc4a3", "#6b4f3a", "#22223b")),
        _person(
            f"users/ada@contoso.com/contactFolders/{FOLDER}/contacts/{FOLDER_CONTACT}.png",
            "see-through, in a folder",
            _transparent,
            Sitter("#ffffff", "#f2cdb0", "#2d1e12", "#588157", long_hair=True),
        ),
        _refused("users/tim@contoso.com.jpg", "a PDF inside", "wrong-format", b"%PDF-1.7\n%minutes of the meeting"),
        _refused("people/hedy@contoso.com.jpg", "named wrong", "unknown-kind"),
        _refused("users/nobody@contoso.com.jpg", "for nobody here yet", "no-such-target", outcome="retrying"),
        _refused("users/tiny@contoso.com.jpg", "a thumbnail", "too-small", _jpeg(Image.new("RGB", (32, 32), "grey"))),
        _refused("me.jpg", "for “me”", "needs-sign-in"),
    ]


def _person(name: str, what: str, save: Callable[[Image.Image], bytes], sitter: Sitter) -> Sample:
    return Sample(name, what, save(portrait(sitter)), top=sitter.background, foot=sitter.shirt)


def _refused(name: str, what: str, code: str, data: bytes = b"", outcome: str = "rejected") -> Sample:
    data = data or _jpeg(portrait(Sitter("#eeeeee", "#dddddd", "#555555", "#777777")))
    return Sample(name, what, data, outcome, code)


def _save(image: Image.Image, format_: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def _jpeg(image: Image.Image) -> bytes:
    return _save(image, "JPEG", quality=92)


def _png(image: Image.Image) -> bytes:
    return _save(image, "PNG")


def _webp(image: Image.Image) -> bytes:
    return _save(image, "WEBP", quality=90)


def _gif(image: Image.Image) -> bytes:
    return _save(image, "GIF")


def _heic(image: Image.Image) -> bytes:
    file = BytesIO()
    from_pillow(image).save(file, quality=85)
    return file.getvalue()


def _cmyk(image: Image.Image) -> bytes:
    return _save(image.convert("CMYK"), "TIFF", compression="tiff_lzw")


def _large(image: Image.Image) -> bytes:
    return _jpeg(image.resize((3096, 3870)))


def _transparent(image: Image.Image) -> bytes:
    """What was white is see-through instead."""
    opaque = ImageChops.invert(image.convert("L")).point(lambda value: 255 if value > 2 else 0)
    image.putalpha(opaque)
    return _save(image, "PNG")


def _sideways(image: Image.Image) -> bytes:
    """As a phone held upright writes it: the pixels lie on their side, and EXIF says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return _save(image.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=92, exif=exif)


def _gps(image: Image.Image) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    return _save(image, "JPEG", quality=92, exif=exif)
