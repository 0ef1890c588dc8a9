"""The container `photos`: what was uploaded, as it is now."""

from dataclasses import dataclass
from datetime import datetime

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import ContainerClient, StorageErrorCode

from photo_sync.errors import Rejected, TryLater


@dataclass(frozen=True, slots=True)
class Upload:
    """A blob in the container `photos` at one moment: its ETag (without quotes), size in bytes, time of upload."""

    name: str
    etag: str
    size: int
    uploaded: datetime


class Photos:
    """The uploaded pictures; none above `max_bytes` is ever read."""

    def __init__(self, container: ContainerClient, max_bytes: int) -> None:
        self._container = container
        self._max_bytes = max_bytes

    def find(self, name: str) -> Upload | None:
        """Return the blob as it is now, its bytes not yet read; None where there is none (any more)."""
        try:
            blob = self._container.get_blob_client(name).get_blob_properties()
        except ResourceNotFoundError:
            return None
        return Upload(name, blob.etag.strip('"'), blob.size, blob.last_modified)

    def read(self, upload: Upload) -> bytes:
        """Return the bytes of exactly that upload.

        Raises `Rejected` where they are too many, and `TryLater` where the blob has changed since it was found.
        """
        if upload.size > self._max_bytes:
            raise Rejected(
                "file-too-large",
                f"This file has {upload.size:,} bytes, more than the {self._max_bytes:,} that are read here. "
                "Make the picture smaller, or raise MAX_UPLOAD_BYTES, and upload it again.",
            )
        try:
            blob = self._container.download_blob(
                upload.name, etag=f'"{upload.etag}"', match_condition=MatchConditions.IfNotModified
            )
            return blob.readall()
        except (ResourceModifiedError, ResourceNotFoundError) as error:
            raise TryLater("overwritten", f"“{upload.name}” was changed while it was being read.") from error
        except HttpResponseError as error:
            if getattr(error, "error_code", None) != StorageErrorCode.BLOB_ARCHIVED:
                raise
            raise Rejected(
                "archived", "This file is in the archive tier. Move it to Hot or Cool, and upload it again."
            ) from error
