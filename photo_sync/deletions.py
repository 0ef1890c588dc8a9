"""How many photos were deleted within the hour: a folder emptied by mistake must not take the faces of a tenant."""

import json
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import ContainerClient

from photo_sync import condition
from photo_sync.errors import TryLater

_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)
_REFUSED: Final = ""
"""Under this name, which no photo has, stands when one was refused last."""
_BLOB: Final = "last-hour.json"
_TRIES: Final = 10
_log = logging.getLogger(__name__)


class Deletions:
    """The count, kept in a blob that is written only over what was read: it holds for all instances together."""

    def __init__(self, container: ContainerClient, most: int) -> None:
        """Take the container `photo-removals`, and how many photos may be deleted within an hour."""
        self._container = container
        self._most = most

    def admit(self, name: str, now: datetime) -> bool:
        """Count one more, unless that would be too many; a photo that was counted before is not counted again.

        Once one was refused, so are all others until none has come for an hour: what is going on is no daily business.
        Raises `TryLater` where others keep counting at the same moment.
        """
        for _ in range(_TRIES):
            counted, etag = self._read(now)
            if name in counted:
                return True
            is_over = _REFUSED in counted or len(counted) >= self._most
            if is_over and now - counted.get(_REFUSED, now - _HOUR) < _MINUTE:
                return False  # it was noted just now
            if self._write(counted | {_REFUSED if is_over else name: now}, etag):
                return not is_over
        raise TryLater("queueing", "Many photos are being deleted at the moment.")

    def _read(self, now: datetime) -> tuple[dict[str, datetime], str]:
        """Who was counted within the hour, and the blob's ETag; one that cannot be read counts for nobody."""
        try:
            blob = self._container.download_blob(_BLOB)
            data, etag = blob.readall(), str(blob.properties.etag)
        except ResourceNotFoundError:
            return {}, ""
        try:
            counted = {name: datetime.fromisoformat(at) for name, at in json.loads(data).items()}
            return {name: at for name, at in counted.items() if now - at < _HOUR}, etag
        except (ValueError, TypeError, AttributeError):
            _log.warning("The count of deletions cannot be read; it begins anew.")
            return {}, etag

    def _write(self, counted: dict[str, datetime], etag: str) -> bool:
        """Write the count over the one that was read; False where somebody else was faster."""
        data = json.dumps(counted, default=datetime.isoformat).encode(errors="backslashreplace")
        try:
            self._container.get_blob_client(_BLOB).upload_blob(data, overwrite=True, **condition.over(etag))
        except (ResourceExistsError, ResourceModifiedError):
            return False
        except ResourceNotFoundError:  # nobody has made the container yet
            with suppress(ResourceExistsError):
                self._container.create_container()
            return False
        return True
