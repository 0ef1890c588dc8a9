"""A picture as it was uploaded, opened and decoded within the limits; what its decoder has against it is a reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from photo_sync.errors import Rejected
from photo_sync.imaging import draft, frames, png, tiff
from photo_sync.imaging.chatter import silence
from photo_sync.imaging.colour import check_readable
from photo_sync.imaging.deadline import TimedFile
from photo_sync.imaging.formats import Format, detect
from photo_sync.imaging.limits import Limits
from photo_sync.imaging.memory import bytes_per_pixel, bytes_to_decode, pixels_to_decode
from photo_sync.imaging.orientation import orientation, upright_size
from photo_sync.imaging.truncation import is_cut_off

MAX_FRAMES: Final = 1_000


@dataclass(frozen=True, slots=True)
class Picture:
    """An opened picture. Of a JPEG no pixel is decoded yet, since it is not known yet at which size."""

    image: ImageFile
    format: Format
    data: bytes
    limits: Limits
    stored_size: tuple[int, int]
    """Width and height of the pixels as they are stored, before they are turned upright."""
    scan_count: int
    """Of a JPEG."""
    orientation: int
    profile: object
    """The colour profile as it stands in the file: bytes, or anything else."""

    @classmethod
    def open(cls, data: bytes, limits: Limits) -> "Picture":
        """Open a picture by its own decoder, an animation or a document at its first frame.

        No other format is ever tried, nothing is registered, and the limits are these rather than Pillow's
        process-wide ones. They are checked by the header, before any pixel.

        Raises `Rejected` for what is no picture of a format that is taken, or is damaged, or over the limits.
        """
        format_ = detect(data)
        silence()
        with decoding(format_.name, data):
            data, profile = png.split(data) if format_.name == "PNG" else (data, b"")
            if format_.name == "TIFF" and not tiff.is_modest(data):
                raise ValueError("too many values")
            image = format_.open(TimedFile(data, limits.seconds))
            frame_count = frames.count(image, data, most=MAX_FRAMES + 1)
            scan_count = draft.count_scans(image, data) if isinstance(image, JpegImageFile) else 0
            pixels, least = pixels_to_decode(image), _least_bytes_per_pixel(image, format_, scan_count)
        _check_pixels(image.size, pixels, format_.name, int(limits.memory / least))
        _check_counts(frame_count, scan_count)
        if not isinstance(image, JpegImageFile):
            with decoding(format_.name, data):
                image.load()
                check_readable(image)
        return cls(
            image,
            format_,
            data,
            limits,
            image.size,
            scan_count,
            orientation(image),
            profile or image.info.get("icc_profile"),
        )

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as people see them."""
        return upright_size(self.stored_size, self.orientation)

    def decode(self, side: int, edge: int) -> tuple[Image.Image, int]:
        """Return the pixels as they are stored, as many as a square of `side` needs to become one of `edge`.

        With them comes the scale: of a JPEG, a half, a quarter or an eighth of its width and height may be enough.
        """
        if not isinstance(self.image, JpegImageFile):
            return self.image, 1
        width, height = self.stored_size
        kept = draft.bytes_to_keep(self.image, self.scan_count) * width * height
        most_pixels = (self.limits.memory - kept) / bytes_per_pixel(self.image)
        scale = draft.scale(self.stored_size, side, edge, most_pixels)
        with decoding(self.format.name, self.data):
            data = draft.needed(self.image, self.data, scale)
            image = JpegImageFile(TimedFile(data, self.limits.seconds))
            image.draft(None, (width // scale, height // scale))
            image.load()
        return image, scale


@contextmanager
def decoding(format_name: str, data: bytes) -> Iterator[None]:
    """Turn whatever a decoder raises inside into `Rejected`: on damaged bytes, decoders raise anything at all.

    Only a lack of memory passes: that is this machine's fault, and over when others are done.
    """
    try:
        yield
    except (MemoryError, Rejected):
        raise
    except Exception as error:
        raise _refusal(error, format_name, data) from error


def _refusal(error: Exception, format_name: str, data: bytes) -> Rejected:
    if isinstance(error, Image.DecompressionBombError):
        return Rejected(
            "too-many-pixels",
            f"This {format_name} has far too many pixels. Make it smaller, 2,000 pixels wide is plenty, "
            "and upload it again.",
        )
    if "truncated" in str(error).lower() or is_cut_off(format_name, data):
        return Rejected(
            "truncated",
            f"This {format_name} ends too early: the upload or the copy before it was cut off. Upload it again.",
        )
    return Rejected(
        "damaged",
        f"This {format_name} is damaged, or of a kind that cannot be decoded here. "
        "Open it in an image editor, save it as a JPEG and upload that.",
    )


def _least_bytes_per_pixel(image: ImageFile, format_: Format, scan_count: int) -> float:
    """What decoding takes at least; of a JPEG, what is kept of all its scans and an eighth of its width and height."""
    if isinstance(image, JpegImageFile):
        return draft.bytes_to_keep(image, scan_count) + bytes_per_pixel(image) / draft.SMALLEST**2
    return bytes_to_decode(image, format_.beside)


def _check_pixels(size: tuple[int, int], pixels: int, format_name: str, limit: int) -> None:
    width, height = size
    if pixels > limit:
        raise Rejected(
            "too-many-pixels",
            f"This picture is {width:,} x {height:,} pixels, more than the {limit // 1_000_000} million that such a "
            f"{format_name} may have here (MAX_PHOTO_MEMORY). Make it smaller, 2,000 pixels wide is plenty, and "
            "upload it again.",
        )


def _check_counts(frame_count: int, scan_count: int) -> None:
    if frame_count > MAX_FRAMES:
        raise Rejected(
            "too-many-frames",
            f"This animation has more than {MAX_FRAMES:,} frames. Save one of them as a JPEG and upload that.",
        )
    if scan_count > draft.MAX_SCANS:
        raise Rejected(
            "too-many-scans",
            f"This JPEG is drawn in more than {draft.MAX_SCANS} passes, which no camera does. "
            "Open it in an image editor, save it as a JPEG and upload that.",
        )
