"""Pixels as a camera would take them: a real photograph enlarged, with detail finer than its own, and sensor noise.

An enlargement alone has nothing near the limit of its resolution, and would be easy on whoever decodes only a half.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

Photograph = Literal["astronaut", "chelsea", "coffee", "rocket"]
"""Those that come with scikit-image, in colour, and look like what people upload."""

_TEXTURES: Final = ("grass", "gravel", "brick")
_OCTAVES: Final = (1, 2, 4, 8)  # how many pixels the finest detail of each layer is wide
_CONTRAST: Final = 0.07  # of each octave, where the picture is sharpest
_NOISE: Final = 2.2  # of 255, the same in red, green and blue
_COLOUR_NOISE: Final = 1.0  # of 255, in each by itself
_ROWS: Final = 256  # at a time: 48 million pixels in floating point would take gigabytes
_FOCUS: Final = (6, 8)  # how many places are sharp or blurred by themselves, across and down

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scene:
    """A photograph at so many pixels; always the same ones."""

    photograph: Photograph
    width: int
    height: int

    def image(self) -> Image.Image:
        """Return it in RGB."""
        return Image.fromarray(np.concatenate(list(self._bands())))

    def _bands(self) -> Iterator[NDArray[np.uint8]]:
        random = np.random.default_rng(self.width * self.height)
        photograph = Image.fromarray(getattr(data, self.photograph)())
        focus = Image.fromarray(random.random(_FOCUS, np.float32))
        textures = [_texture(_TEXTURES[number % len(_TEXTURES)], octave) for number, octave in enumerate(_OCTAVES)]
        for top in range(0, self.height, _ROWS):
            rows = min(_ROWS, self.height - top)
            band = self._enlarged(photograph, top, rows)
            sharpness = np.clip(self._enlarged(focus, top, rows), 0, 1)[..., None] ** 2
            detail = sum(_tiled(texture, self.width, top, rows) for texture in textures)
            noise = _NOISE * random.standard_normal((rows, self.width, 1), np.float32)
            noise = noise + _COLOUR_NOISE * random.standard_normal((rows, self.width, 3), np.float32)
            yield np.clip(band * (1 + _CONTRAST * sharpness * detail) + noise + 0.5, 0, 255).astype(np.uint8)

    def _enlarged(self, image: Image.Image, top: int, rows: int) -> Floats:
        """Some rows of an image that is made to cover the scene."""
        scale = min(image.width / self.width, image.height / self.height)
        left, above = (image.width - self.width * scale) / 2, (image.height - self.height * scale) / 2
        box = (left, above + top * scale, left + self.width * scale, above + (top + rows) * scale)
        return np.asarray(image.resize((self.width, rows), Image.Resampling.BICUBIC, box=box), np.float32)


@cache
def _texture(name: str, octave: int) -> Floats:
    """A texture's finest detail, with a mean of 0 and a deviation of 1, so many pixels wide."""
    grey = Image.fromarray(getattr(data, name)().astype(np.float32))
    coarse = grey.reduce(4).resize(grey.size, Image.Resampling.BICUBIC)
    fine = Image.fromarray(np.asarray(grey) - np.asarray(coarse))
    large = np.asarray(fine.resize((grey.width * octave, grey.height * octave), Image.Resampling.BICUBIC))
    scaled: Floats = ((large - large.mean()) / large.std()).astype(np.float32)
    return scaled


def _tiled(texture: Floats, width: int, top: int, rows: int) -> Floats:
    across = np.arange(width) % texture.shape[1]
    down = np.arange(top, top + rows) % texture.shape[0]
    return texture[down[:, None], across[None, :], None]
