"""What would become of a file if it were uploaded: whose photo it is and how it comes out, or why it is refused."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from photo_sync.errors import Rejected

if TYPE_CHECKING:
    from photo_sync.photo import Photo

_FACES: Final = {"0": "no face", "1": "one face", "many": "several faces"}
_OF_PHOTO: Final = ("source_format", "source_width", "source_height", "faces", "warning")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What would become of a file; `reason` is a sentence for an admin, empty where it is accepted.

    Of a name that is refused, `besides` says what is wrong with the picture, too. `suggestion` is what the file should
    be called, empty where nothing sensible can be said.
    """

    file: str
    name: str = ""
    """In the container; empty where it is to have none there."""
    kind: str = ""
    target: str = ""
    """Whose photo it is: the path in Microsoft Graph, or in words who is looked up there."""
    code: str = ""
    reason: str = ""
    besides: str = ""
    suggestion: str = ""
    size: int = 0
    md5: str = ""
    """In base64, as storage has it; empty where the file was not read."""
    source_format: str = ""
    source_width: int = 0
    source_height: int = 0
    photo_bytes: int = 0
    photo_width: int = 0
    photo_height: int = 0
    faces: str = ""
    warning: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether the app would send it."""
        return not self.code

    @property
    def measures(self) -> str:
        """How the picture comes out, in words; empty where nobody looked, or there is none."""
        if not self.photo_bytes:
            return ""
        faces = f", {_FACES[self.faces]}" if self.faces in _FACES else ""
        return (
            f"{self.source_format} {self.source_width} x {self.source_height} becomes "
            f"JPEG {self.photo_width} x {self.photo_height}, {self.photo_bytes:,} bytes{faces}"
        )

    def refused(self, refusal: Rejected) -> "Verdict":
        """Return this one with a reason; what is refused already is refused for two."""
        if self.code:
            return replace(self, besides=refusal.reason)
        return replace(self, code=refusal.code, reason=refusal.reason)

    def with_photo(self, photo: "Photo") -> "Verdict":
        """Return this one with the picture's measures, before and after."""
        known: dict[str, Any] = {name: getattr(photo, name) for name in _OF_PHOTO}
        return replace(self, **known, photo_bytes=len(photo.jpeg), photo_width=photo.width, photo_height=photo.height)
