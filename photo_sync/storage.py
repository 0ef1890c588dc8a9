"""The container `photos`: what was uploaded, as it is now."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    IncompleteReadError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.blob import BlobProperties, BlobType, ContainerClient, StorageErrorCode

from photo_sync.errors import Overtaken, Rejected
from photo_sync.listing import Page, blob_pages
from photo_sync.segment import read_segment

_FOR_GOOD: Final = {"BlobImmutableDueToPolicy", "InvalidBlobType", "ResourceTypeMismatch", "SnapshotsPresent"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A blob in the container `photos` at one moment: its ETag (without quotes), size in bytes, time of upload.

    `md5` is what storage has noted of its bytes, in base64; empty where whoever uploaded it did not say.
    """

    name: str
    etag: str
    size: int
    uploaded: datetime
    md5: str = ""

    @classmethod
    def of(cls, blob: BlobProperties) -> "Upload":
        """Return the upload that storage describes, alone or in a listing."""
        stale = blob.blob_type in {BlobType.APPENDBLOB, BlobType.PAGEBLOB}  # theirs stays when their bytes change
        md5 = "" if stale else base64.b64encode(blob.content_settings.content_md5 or b"").decode()
        return cls(blob.name, blob.etag.strip('"'), blob.size, blob.last_modified, md5)


class Photos:
    """The uploaded pictures; none above `max_bytes` is ever read."""

    def __init__(self, container: ContainerClient, max_bytes: int) -> None:
        self._container = container
        self._max_bytes = max_bytes

    def find(self, name: str) -> Upload | None:
        """Return the blob as it is now, its bytes not yet read; None where there is none (any more)."""
        try:
            return Upload.of(self._container.get_blob_client(name).get_blob_properties())
        except ResourceNotFoundError as error:
            if getattr(error, "error_code", None) == StorageErrorCode.CONTAINER_NOT_FOUND:
                raise  # that says nothing about the blob
            return None

    def read(self, upload: Upload) -> bytes:
        """Return the bytes of exactly that upload.

        Raises `Rejected` where they are too many, and `Overtaken` where the blob has changed since it was found.
        """
        if upload.size > self._max_bytes:
            raise too_large(upload.size, self._max_bytes)
        try:
            blob = self._container.download_blob(
                upload.name, etag=f'"{upload.etag}"', match_condition=MatchConditions.IfNotModified
            )
            return blob.readall()
        except (ResourceModifiedError, ResourceNotFoundError) as error:
            raise Overtaken(f"“{upload.name}” was changed while it was being read.") from error
        except HttpResponseError as error:
            if getattr(error, "error_code", None) != StorageErrorCode.BLOB_ARCHIVED:
                raise
            raise Rejected(
                "archived", "This file is in the archive tier. Move it to Hot or Cool, and upload it again."
            ) from error

    def pages(self, token: str = "", prefix: str = "") -> Iterator[Page[Upload]]:
        """Yield all uploads in pages, in the order of their names, from the page with that token on."""
        for page, blobs in blob_pages(self._container, token, [], prefix):
            yield page, [Upload.of(blob) for blob in blobs]

    def segment(self, token: str, prefix: str) -> tuple[list[Upload], str]:
        """Return as many uploads as storage lists at a time, from that token on and quickly, and the next token."""
        segment = read_segment(self._container, token, prefix)
        return [Upload.of(blob) for blob in segment.blobs], segment.token


def too_large(size: int, max_bytes: int) -> Rejected:
    """Return the refusal of a file of so many bytes, more than are read."""
    return Rejected(
        "file-too-large",
        f"This file has {size:,} bytes, more than the {max_bytes:,} that are read here. "
        "Make the picture smaller, or raise MAX_UPLOAD_BYTES, and upload it again.",
    )


def is_passing(fault: AzureError) -> bool:
    """Say whether storage may well do in a while what it did not do now: no answer, busy, or a fault of its own."""
    status = getattr(fault, "status_code", None)
    if isinstance(fault, IncompleteReadError) or status is None or status in {408, 429} or status >= 500:
        return True
    return status in {409, 412} and getattr(fault, "error_code", None) not in _FOR_GOOD
