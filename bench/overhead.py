"""What photo-sync adds to the calls of Pillow that a JPEG takes at least: opening, deciding, guarding."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from photo_sync.imaging import jpeg
from photo_sync.imaging.crop import centre
from photo_sync.imaging.limits import Limits
from photo_sync.imaging.orientation import Box, as_stored, upright
from photo_sync.imaging.picture import Picture
from photo_sync.photo import develop, normalise
from photo_sync.recipe import EDGE, MAX_BYTES

_TURNS: Final = 25


@dataclass(frozen=True, slots=True)
class Bare:
    """All that was decided for one JPEG: at which size to decode, which box to shrink, with which qualities to save.

    It has no colour profile: none of those that are measured does.
    """

    data: bytes
    draft: tuple[int, int]
    box: Box
    edge: int
    orientation: int
    qualities: tuple[int, ...]

    @classmethod
    def of(cls, data: bytes) -> "Bare":
        """Let photo-sync decide."""
        picture = Picture.open(data, Limits())
        square = centre(*picture.size)
        scale = picture.decode(square.side, EDGE)[1]
        box = as_stored(square.box, picture.stored_size, picture.orientation)
        width, height = picture.stored_size
        return cls(
            data,
            (width // scale, height // scale),
            (box[0] / scale, box[1] / scale, box[2] / scale, box[3] / scale),
            min(square.side, EDGE),
            picture.orientation,
            tuple(one.quality for one in jpeg.tries(develop(picture, square, EDGE), MAX_BYTES)),
        )

    def make(self) -> None:
        """Do what was decided with Pillow alone."""
        image: Image.Image = JpegImageFile(BytesIO(self.data))
        image.draft(None, self.draft)
        image.load()
        image = image.resize((self.edge, self.edge), Image.Resampling.LANCZOS, box=self.box)
        image = upright(image, self.orientation)
        for quality in self.qualities:
            image.save(BytesIO(), "JPEG", quality=quality, subsampling="4:2:0", comment=b"")


def overhead(data: bytes, turns: int = _TURNS) -> float:
    """Return by how many milliseconds of CPU `normalise` takes longer for a JPEG.

    Of so many turns the fastest one of each is compared: the difference is less than what others' work adds to both.
    """
    bare = Bare.of(data)
    turned = [(_milliseconds(lambda: normalise(data)), _milliseconds(bare.make)) for _ in range(turns + 1)][1:]
    return min(ours for ours, _ in turned) - min(theirs for _, theirs in turned)


def _milliseconds(run: Callable[[], Any]) -> float:
    begun = time.process_time()
    run()
    return (time.process_time() - begun) * 1_000
