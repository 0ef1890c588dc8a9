"""The container `photos` as whoever drops pictures there has it: they put a file, and take it away."""

import base64
import hashlib
import mimetypes
from io import SEEK_END, BufferedIOBase
from typing import Final

from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobClient, ContainerClient, ContentSettings, StorageErrorCode

from photo_sync import condition
from photo_sync.errors import Overtaken
from photo_sync.storage import Upload

_CHANGED: Final = frozenset({StorageErrorCode.BLOB_ALREADY_EXISTS, StorageErrorCode.CONDITION_NOT_MET})


class Drop:
    """The container; safe to share by threads."""

    def __init__(self, container: ContainerClient) -> None:
        self._container = container

    def put(self, name: str, file: BufferedIOBase, over: str | None = None) -> str:
        """Put a file there under a name, and return its ETag, without quotes.

        Its MD5 stands beside it, so that the app knows it again without reading it, and so does the next upload.
        `over` is the ETag of what it may replace, empty where it may replace nothing, None where it may replace
        anything. Raises `Overtaken` where something else is there.
        """
        md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()
        size = file.seek(0, SEEK_END)
        file.seek(0)
        content = ContentSettings(content_type=mimetypes.guess_type(name)[0], content_md5=bytearray(md5))
        only = {} if over is None else _only(over)
        blob = self._container.get_blob_client(name)
        try:
            sent = blob.upload_blob(file, length=size, overwrite=True, content_settings=content, **only)
        except (ResourceExistsError, ResourceModifiedError) as error:
            if over is None or getattr(error, "error_code", None) not in _CHANGED:
                raise
            return _own(blob, base64.b64encode(md5).decode(), size)
        return str(sent["etag"]).strip('"')

    def take(self, name: str, etag: str = "") -> bool:
        """Delete what there is under a name, with an ETag only that one; False where it is not there (any more)."""
        only = _only(etag) if etag else {}
        try:
            self._container.get_blob_client(name).delete_blob(delete_snapshots="include", **only)
        except (ResourceNotFoundError, ResourceModifiedError):
            return False
        return True


def _only(etag: str) -> condition.Condition:
    return condition.over(f'"{etag}"' if etag else "")


def _own(blob: BlobClient, md5: str, size: int) -> str:
    """The ETag of what is there now, if it is this very file: the first answer was lost, and the client asked again."""
    try:
        now = Upload.of(blob.get_blob_properties())
    except ResourceNotFoundError:
        raise Overtaken(
            "Somebody has deleted the picture under this name meanwhile. Run the command again to upload yours."
        ) from None
    if (now.md5, now.size) != (md5, size):
        raise Overtaken(
            "Somebody has uploaded another picture under this name meanwhile. Run the command again to see it."
        )
    return now.etag
