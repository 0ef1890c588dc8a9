"""How close the photo comes to what could be had: the whole picture decoded, and shrunk in floating point."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import metrics

from bench import naive
from photo_sync.imaging.crop import centre
from photo_sync.imaging.limits import Limits
from photo_sync.imaging.picture import Picture
from photo_sync.photo import develop
from photo_sync.recipe import EDGE

_WHITE: Final = 255

Pixels = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quality:
    """The photo before it is encoded, against the reference: PSNR in dB and SSIM, of photo-sync and of naive Pillow.

    `loss` is by how many dB photo-sync's JPEG is worse than naive Pillow's, both at quality 90.
    """

    psnr: float
    ssim: float
    naive_psnr: float
    loss: float


def judge(data: bytes) -> Quality:
    """Compare a picture's photo with its reference."""
    picture = Picture.open(data, Limits())
    ours, theirs = develop(picture, centre(*picture.size), EDGE), naive.photo(data)
    wanted = reference(data)
    return Quality(
        psnr(wanted, ours),
        ssim(wanted, ours),
        psnr(wanted, theirs),
        psnr(wanted, _encoded(theirs)) - psnr(wanted, _encoded(ours)),
    )


def reference(data: bytes) -> Pixels:
    """Return the photo as red, green and blue from 0 to 255, exact until it would be rounded to whole numbers."""
    image = naive.opened(data)
    square = centre(*image.size)
    edge = min(square.side, EDGE)
    return np.stack([_shrunk(channel, square.box, edge) for channel in image.split()], axis=2)


def psnr(wanted: Pixels, image: Image.Image) -> float:
    """Return how close an image comes, in dB."""
    told: Any = metrics
    return float(told.peak_signal_noise_ratio(wanted, _pixels(image), data_range=_WHITE))


def ssim(wanted: Pixels, image: Image.Image) -> float:
    """Return how alike its structures are, 1 at most."""
    told: Any = metrics
    return float(told.structural_similarity(wanted, _pixels(image), channel_axis=2, data_range=_WHITE))


def _shrunk(channel: Image.Image, box: tuple[int, int, int, int], edge: int) -> Pixels:
    small = channel.convert("F").resize((edge, edge), Image.Resampling.LANCZOS, box=box)
    return np.clip(np.asarray(small, np.float64), 0, _WHITE)


def _encoded(photo: Image.Image) -> Image.Image:
    return Image.open(BytesIO(naive.jpeg(photo)))


def _pixels(image: Image.Image) -> Pixels:
    return np.asarray(image, np.float64)
