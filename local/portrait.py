"""Draws portraits: simple ones, each in colours of its own, so that the demo needs nobody's real picture."""

from dataclasses import dataclass

from PIL import Image, ImageDraw

_SMOOTH = 2  # drawn this many times larger, then shrunk: ImageDraw's edges are jagged


@dataclass(frozen=True)
class Sitter:
    """Whom to draw: colours, and whether the hair is long."""

    background: str
    skin: str
    hair: str
    shirt: str
    long_hair: bool = False


def portrait(sitter: Sitter, width: int = 800) -> Image.Image:
    """Draw a portrait, 4 wide to 5 high: the background fills the upper corners, the shirt the middle of the foot."""
    scale = width * _SMOOTH / 800
    image = Image.new("RGB", (width * _SMOOTH, width * 5 // 4 * _SMOOTH), sitter.background)
    draw = ImageDraw.Draw(image)

    def ellipse(left: int, top: int, right: int, bottom: int, fill: str) -> None:
        draw.ellipse([left * scale, top * scale, right * scale, bottom * scale], fill=fill)

    shade = _mix(sitter.skin, "#7a3b1d", 0.18)
    if sitter.long_hair:
        draw.rounded_rectangle([value * scale for value in (215, 300, 585, 800)], 150 * scale, fill=sitter.hair)
    ellipse(90, 730, 710, 1500, sitter.shirt)
    draw.rounded_rectangle([value * scale for value in (335, 560, 465, 800)], 60 * scale, fill=shade)
    ellipse(225, 170, 575, 560, sitter.hair)
    ellipse(235, 390, 290, 480, shade)
    ellipse(510, 390, 565, 480, shade)
    ellipse(260, 230, 540, 640, sitter.skin)
    draw.chord([value * scale for value in (240, 175, 560, 480)], 190, 350, fill=sitter.hair)
    for eye in (335, 465):
        ellipse(eye - 17, 415, eye + 17, 445, "#ffffff")
        ellipse(eye - 11, 417, eye + 11, 441, "#2b2d42")
        draw.arc([value * scale for value in (eye - 34, 372, eye + 34, 430)], 215, 325, sitter.hair, int(9 * scale))
    draw.arc([value * scale for value in (380, 440, 420, 510)], 20, 160, shade, int(7 * scale))
    draw.chord([value * scale for value in (345, 490, 455, 575)], 15, 165, fill="#b23a48")
    return image.reduce(_SMOOTH)


def emblem(background: str, mark: str, width: int = 800) -> Image.Image:
    """Draw a group's emblem: three discs on a ground, in the portrait's proportions."""
    image = Image.new("RGB", (width * _SMOOTH, width * 5 // 4 * _SMOOTH), background)
    draw, scale = ImageDraw.Draw(image), width * _SMOOTH / 800
    for x, y, radius in ((400, 370, 105), (270, 600, 105), (530, 600, 105)):
        draw.circle((x * scale, y * scale), radius * scale, fill=mark)
    draw.line([value * scale for value in (400, 370, 270, 600, 530, 600, 400, 370)], mark, int(26 * scale))
    draw.rectangle([value * scale for value in (0, 860, 800, 1000)], fill=mark)
    return image.reduce(_SMOOTH)


def _mix(colour: str, other: str, share: float) -> str:
    values = [(int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(one * (1 - share) + two * share):02x}" for one, two in values)
