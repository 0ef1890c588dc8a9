"""How a photo is made: how large, from which part of the picture, and what is too small or has no face."""

from dataclasses import dataclass, field, replace
from typing import Final

from photo_sync.imaging.crop import Crop
from photo_sync.imaging.faces import RequireFace
from photo_sync.imaging.limits import Limits
from photo_sync.target import Kind

VERSION: Final = 2
"""Counts the ways of making a photo: raised whenever the same picture becomes another JPEG than before."""
EDGE: Final = 648
"""The largest side Microsoft 365 keeps a photo in (Microsoft Learn, "Get profilePhoto")."""
MIN_EDGE: Final = 48
"""The smallest one; Graph answers `ValidationWidthTooSmall` below (microsoft-graph-docs-contrib#423)."""
MAX_BYTES: Final = 100_000
"""What every store that Microsoft documents takes; Graph itself takes less than 4 MB."""
MIN_BYTES: Final = 10_000
"""Bytes within which the smallest photo always fits: fewer cannot be asked for."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a photo is made: its side in pixels, its bytes, the least side of a picture, what of it is kept.

    Where `is_of_person` is False, no face is looked for, and the middle is kept: it is a group's emblem.
    """

    edge: int = EDGE
    max_bytes: int = MAX_BYTES
    min_edge: int = MIN_EDGE
    crop: Crop = Crop.CENTRE
    require_face: RequireFace = RequireFace.OFF
    limits: Limits = field(default_factory=Limits)
    is_of_person: bool = True

    @property
    def name(self) -> str:
        """All that makes another photo of the same picture, or none, in one word; given memory enough."""
        return f"{VERSION}-{self.edge}-{self.max_bytes}-{self.min_edge}-{self.crop}-{self.require_face}"

    @property
    def looks_for_faces(self) -> bool:
        """Whether it matters where a face is, or that there is one."""
        return self.is_of_person and (self.crop is Crop.FACE or self.require_face is not RequireFace.OFF)

    def of(self, kind: Kind) -> "Recipe":
        """Return the recipe for a kind of photo."""
        return replace(self, is_of_person=kind not in {"groups", "teams"})


USUAL: Final = Recipe()
