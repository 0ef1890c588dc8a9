import pytest
from PIL import Image

import pictures
from photo_sync.imaging.colour import Averageable, to_srgb
from photo_sync.photo import normalise
from pictures import BLACK, BLUE, GREEN, RED, WHITE, Colour, corners, flat, pixel, png, quadrants, save


def _colour_of(data: bytes) -> Colour:
    """What one flat colour comes out as."""
    return pixel(normalise(data).jpeg)


def near(colour: Colour, within: float = 3) -> object:
    return pytest.approx(colour, abs=within)


def grey(level: int, within: float = 3) -> object:
    return near((level, level, level), within)


# Colour profiles


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WebP", "TIFF", "HEIC"])
def test_an_embedded_profile_is_applied(format_: str) -> None:
    data = save(flat(RED), format_, icc_profile=pictures.rotated_primaries())

    assert _colour_of(data) == near((0, 255, 0), 6)


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((234, 51, 35), (255, 0, 0)),  # sRGB's own red, as Display P3 writes it
        ((117, 251, 76), (0, 255, 0)),
        ((0, 0, 245), (0, 0, 255)),
        ((200, 150, 120), (208, 148, 115)),  # somebody's skin
        ((128, 128, 128), (128, 128, 128)),
        ((255, 0, 0), (255, 0, 0)),  # there is no deeper one
    ],
)
def test_display_p3_becomes_srgb(colour: Colour, expected: Colour) -> None:
    data = save(flat(colour), "PNG", icc_profile=pictures.display_p3())

    assert _colour_of(data) == near(expected, 4)


def test_a_profile_is_applied_behind_transparency_too() -> None:
    picture = quadrants().convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 48, 96))

    photo = normalise(save(picture, "PNG", icc_profile=pictures.rotated_primaries()))

    assert pixel(photo.jpeg, 0.25) == near(WHITE)
    assert pixel(photo.jpeg, 0.75, 0.75) == near((0, 255, 255), 6)  # yellow, red and green, is now green and blue


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_a_grey_profile_is_applied(mode: str) -> None:
    picture = flat(128, "L").convert(mode)

    assert _colour_of(save(picture, "PNG", icc_profile=pictures.linear_grey())) == grey(188)


def test_a_profile_for_colour_is_applied_to_a_grey_picture() -> None:
    assert _colour_of(save(flat(128, "L"), "JPEG", icc_profile=pictures.linear_rgb())) == grey(188)


@pytest.mark.parametrize(
    ("inks", "expected"),
    [
        ((255, 0, 0, 0), (254, 0, 0)),
        ((0, 255, 0, 0), (0, 254, 0)),
        ((0, 0, 255, 0), (0, 0, 254)),
        ((0, 0, 0, 0), (255, 255, 255)),
        ((0, 0, 0, 255), (0, 0, 0)),
    ],
)
@pytest.mark.parametrize("format_", ["JPEG", "TIFF"])
def test_cmyk_goes_through_its_profile(format_: str, inks: tuple[int, int, int, int], expected: Colour) -> None:
    data = save(flat(inks, "CMYK"), format_, icc_profile=pictures.strange_inks())

    assert _colour_of(data) == near(expected, 8)


@pytest.mark.parametrize(
    "profile",
    [
        b"",
        b"not a profile",
        pictures.display_p3()[:200],
        pictures.display_p3()[:100] + bytes(300),
        pictures.display_p3().replace(b"RGB ", b"\xff\xfe\xfd\xfc"),
        pictures.linear_grey(),
        pictures.strange_inks(),
    ],
    ids=["empty", "text", "cut off", "zeros", "of no colour space", "of grey", "of CMYK"],
)
def test_a_profile_that_cannot_be_used_is_ignored(profile: bytes) -> None:
    assert corners(normalise(save(quadrants(), "JPEG", icc_profile=profile)).jpeg) == "RG BY"


@pytest.mark.parametrize(("kind", "value"), [(2, "text"), (3, 5), (4, 5)])
def test_a_tiff_whose_profile_is_a_text_or_a_number_is_a_photo_all_the_same(kind: int, value: str | int) -> None:
    assert corners(normalise(pictures.tiff_with_tag(34675, kind, value)).jpeg) == "RG BY"


# Other colours than RGB


@pytest.mark.parametrize("format_", ["JPEG", "TIFF"])
@pytest.mark.parametrize(
    ("inks", "expected"),
    [
        ((0, 255, 255, 0), (255, 0, 0)),
        ((255, 0, 255, 0), (0, 255, 0)),
        ((0, 0, 0, 255), BLACK),
        ((0, 0, 0, 0), WHITE),
        ((0, 0, 0, 128), (127, 127, 127)),
    ],
)
def test_cmyk_without_a_profile_has_the_colours_of_its_inks(
    format_: str, inks: tuple[int, int, int, int], expected: Colour
) -> None:
    assert _colour_of(save(flat(inks, "CMYK"), format_)) == near(expected)


# L* is from 0 to 255 here, a* and b* are from 128; the colours are by the formulas of CIE 15 and IEC 61966-2-1.
@pytest.mark.parametrize(
    ("lab", "expected"),
    [
        ((107, 181, 156), (179, 49, 57)),
        ((141, 90, 159), (68, 149, 75)),
        ((73, 142, 78), (35, 63, 146)),
        ((130, 128, 128), (121, 121, 121)),
    ],
)
def test_lab_becomes_srgb(lab: tuple[int, int, int], expected: Colour) -> None:
    assert _colour_of(save(flat(lab, "LAB"), "TIFF")) == near(expected, 6)


def test_a_palette_keeps_its_colours() -> None:
    assert corners(normalise(save(quadrants().quantize(4), "PNG")).jpeg) == "RG BY"


def _stripes(mode: str, dark: int, light: int) -> Image.Image:
    """Every other column dark, and twice as large as a photo: shrunk to one, it is grey."""
    picture = Image.new(mode, (1296, 1296), light)
    for x in range(0, 1296, 2):
        picture.paste(dark, (x, 0, x + 1, 1296))
    return picture


def test_a_palette_is_averaged_by_its_colours_and_not_by_their_numbers() -> None:
    stripes = _stripes("P", 0, 2)
    stripes.putpalette([*BLACK, *RED, *WHITE])

    assert _colour_of(save(stripes, "PNG")) == grey(128)


def test_a_bilevel_picture_is_averaged_to_grey() -> None:
    assert _colour_of(save(_stripes("1", 0, 1), "PNG")) == grey(128)


@pytest.mark.parametrize(("ink", "expected"), [(0, BLACK), (1, WHITE)])
@pytest.mark.parametrize("options", [("PNG", ""), ("BMP", ""), ("TIFF", "group4")])
def test_a_bilevel_picture_is_black_and_white(options: tuple[str, str], ink: int, expected: Colour) -> None:
    format_, compression = options

    assert _colour_of(save(flat(ink, "1"), format_, compression=compression or None)) == near(expected)


# More than 8 bits


def test_16_bit_grey_of_which_one_level_is_transparent_keeps_its_brightness() -> None:
    data = png(64, 64, 16, 0, b"\x40\0", (b"tRNS", b"\0\7"))

    assert _colour_of(data) == grey(64)


@pytest.mark.parametrize(
    ("level", "expected"),
    [(0, 0), (2_048, 128), (4_095, 255), (4_351, 17), (32_896, 128), (40_000, 156), (65_535, 255)],
)
@pytest.mark.parametrize(("mode", "format_"), [("I;16", "PNG"), ("I;16", "TIFF"), ("I;16B", "TIFF")])
def test_16_bit_grey_keeps_its_brightness(mode: str, format_: str, level: int, expected: int) -> None:
    assert _colour_of(save(flat(level, mode), format_)) == grey(expected)


@pytest.mark.parametrize(
    ("kind", "sample", "expected"),
    [
        (2, (65_535, 0, 0), (255, 0, 0)),
        (2, (40_000, 20_000, 10_000), (156, 78, 39)),
        (4, (40_000, 65_535), (156, 156, 156)),
        (4, (0, 32_768), (127, 127, 127)),
        (6, (65_535, 0, 0, 65_535), (255, 0, 0)),
        (6, (65_535, 0, 0, 32_768), (255, 127, 127)),
    ],
)
def test_a_16_bit_png_keeps_its_colours(kind: int, sample: tuple[int, ...], expected: Colour) -> None:
    data = png(64, 64, 16, kind, b"".join(value.to_bytes(2, "big") for value in sample))

    assert _colour_of(data) == near(expected)


@pytest.mark.parametrize(
    ("darkest", "lightest", "expected"),  # of the corners; expected is what lies halfway between
    [(0, 200, 100), (0, 40_000, 78), (0, 65_535, 128), (0, 2_000_000_000, 128), (-500, 255, 0)],
)
def test_32_bit_grey_is_read_in_the_range_it_is_in(darkest: int, lightest: int, expected: int) -> None:
    picture = flat((darkest + lightest) // 2, "I")
    picture.putpixel((0, 0), darkest)
    picture.putpixel((63, 63), lightest)

    assert _colour_of(save(picture, "TIFF")) == grey(expected)


@pytest.mark.parametrize(
    ("lightest", "middle", "expected"),
    [
        (1.0, 0.5, 128),
        (0.5, 0.25, 64),
        (1.02, 0.5, 128),  # sharpening and resizing overshoot
        (255.0, 100.0, 100),
        (65_535.0, 32_896.0, 128),
        (1e9, 0.5e9, 128),
    ],
)
def test_floating_point_grey_is_read_in_the_range_it_is_in(lightest: float, middle: float, expected: int) -> None:
    picture = flat(middle, "F")
    picture.putpixel((0, 0), lightest)

    assert _colour_of(save(picture, "TIFF")) == grey(expected)


# Transparency


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGBA", (255, 0, 0, 0), WHITE),
        ("RGBA", (255, 0, 0, 128), (255, 127, 127)),
        ("RGBA", (255, 0, 0, 255), (255, 0, 0)),
        ("LA", (0, 0), WHITE),
        ("LA", (0, 128), (127, 127, 127)),
        ("LA", (0, 255), BLACK),
    ],
)
@pytest.mark.parametrize("format_", ["PNG", "WebP", "TIFF", "HEIC"])
def test_what_is_transparent_is_white(format_: str, mode: str, colour: tuple[int, ...], expected: Colour) -> None:
    assert _colour_of(save(flat(colour, mode), format_)) == near(expected, 4)


@pytest.mark.parametrize(
    ("mode", "transparent", "expected"),
    [
        ("RGB", RED, WHITE),
        ("RGB", BLUE, RED),
        ("L", 76, WHITE),
        ("L", 9, (76, 76, 76)),
        ("1", 0, WHITE),
        ("1", 1, BLACK),
    ],
)
def test_the_one_colour_that_a_png_names_transparent_is_white(
    mode: str, transparent: int | Colour, expected: Colour
) -> None:
    data = save(flat(RED).convert(mode), "PNG", transparency=transparent)

    assert _colour_of(data) == near(expected)


@pytest.mark.parametrize(("format_", "transparency"), [("PNG", 0), ("PNG", b"\0"), ("GIF", 0)])
def test_the_transparent_entry_of_a_palette_is_white(format_: str, transparency: int | bytes) -> None:
    picture = Image.new("P", (96, 96), 0)
    picture.putpalette([*BLACK, *GREEN])
    picture.paste(1, (0, 0, 96, 48))

    photo = normalise(save(picture, format_, transparency=transparency))

    assert pixel(photo.jpeg, 0.5, 0.25) == near(GREEN)
    assert pixel(photo.jpeg, 0.5, 0.75) == near(WHITE)


def test_hidden_colours_do_not_bleed_into_what_is_seen() -> None:
    picture = Image.new("RGBA", (1296, 1296), (0, 0, 0, 0))
    for x in range(0, 1296, 2):
        picture.paste((255, 0, 0, 255), (x, 0, x + 1, 1296))

    assert _colour_of(save(picture, "PNG")) == near((255, 127, 127))


# Modes that Pillow has and no file needs to be made for


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGBX", (255, 0, 0, 0), (255, 0, 0)),
        ("RGBa", (128, 0, 0, 128), (255, 127, 127)),
        ("La", (0, 128), (127, 127, 127)),
        ("YCbCr", (76, 85, 255), (255, 0, 0)),
        ("HSV", (0, 255, 255), (255, 0, 0)),
    ],
)
def test_every_other_mode_has_its_colour_too(mode: str, colour: tuple[int, ...], expected: Colour) -> None:
    picture = flat(colour, mode)

    image = to_srgb(Averageable.of(picture).convert(picture), None)

    assert image.mode == "RGB"
    assert image.getpixel((9, 9)) == near(expected, 2)
