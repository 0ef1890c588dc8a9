"""The container `photo-receipts`: for every photo, under its name, its receipt, written only over what was read."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote, unquote

from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobProperties, ContainerClient, ContentSettings, StorageErrorCode

from photo_sync import condition
from photo_sync.bookmark import Bookmark
from photo_sync.errors import Overtaken
from photo_sync.listing import Page, blob_pages
from photo_sync.receipts import Outcome, Receipt
from photo_sync.record import from_json, to_json
from photo_sync.segment import read_segment

_CHANGED: Final = frozenset({StorageErrorCode.BLOB_ALREADY_EXISTS, StorageErrorCode.CONDITION_NOT_MET})
_TWINS: Final = {"groups": "teams", "teams": "groups"}
_MOST_BYTES: Final = 4_000  # all metadata of a blob may have 8 KiB (Microsoft Learn, "Set Blob Metadata")
_PLAIN: Final = " ,.:;()/@<>='"  # what a reason has often, and a header may have: a listing is read by people, too
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger has for a photo: the receipt, None where it has none or one that cannot be read.

    `version` is the ETag of the blob, empty where there is no blob.
    """

    receipt: Receipt | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A receipt as a listing shows it, by its metadata alone."""

    photo: str
    etag: str
    outcome: str
    due: datetime | None
    code: str = ""
    reason: str = ""
    written: datetime | None = None

    @classmethod
    def of(cls, blob: BlobProperties) -> "Line":
        """Return what a listing tells; what is missing or no time is empty or None."""
        told = {name.lower(): value for name, value in (blob.metadata or {}).items()}
        try:
            due = datetime.fromisoformat(told.get("due", ""))
        except ValueError:
            due = None
        zoned = due if due and due.tzinfo else None
        reason = unquote(told.get("reason", ""))
        return cls(
            *(blob.name, told.get("etag", ""), told.get("outcome", ""), zoned),
            *(told.get("code", ""), reason, blob.last_modified),
        )

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.outcome in set(Outcome) - {Outcome.RETRYING}


class Ledger:
    """The receipts, each under its photo's name; the metadata says enough for a listing to need no downloads."""

    def __init__(self, container: ContainerClient) -> None:
        self._container = container
        self.bookmark = Bookmark(container)

    def read(self, name: str) -> Entry:
        """Return what there is for a photo; a receipt that cannot be read is told to the log."""
        try:
            blob = self._container.download_blob(name)
            data, version = blob.readall(), str(blob.properties.etag)
        except ResourceNotFoundError:
            return Entry()
        try:
            return Entry(from_json(data), version)
        except ValueError:
            _log.warning("The receipt of %r cannot be read; it is written anew.", name)
            return Entry(None, version)

    def write(self, receipt: Receipt, over: Entry) -> Entry:
        """Write a receipt in the place of what was read; raises `Overtaken` where that is not there any more."""
        metadata = {
            "etag": receipt.etag,
            "outcome": str(receipt.outcome),
            "sha256": receipt.sha256,
            "due": receipt.due.isoformat() if receipt.due else "",
            "code": receipt.code,
            "reason": _in_header(receipt.reason),
        }
        try:
            written = self._container.get_blob_client(receipt.photo).upload_blob(
                to_json(receipt),
                overwrite=True,
                metadata={name: value for name, value in metadata.items() if value},
                content_settings=ContentSettings(content_type="application/json; charset=utf-8"),
                **condition.over(over.version),
            )
        except (ResourceExistsError, ResourceModifiedError) as error:
            if getattr(error, "error_code", None) not in _CHANGED:
                raise
            return self._own(receipt, error)
        return Entry(receipt, str(written["etag"]))

    def remove(self, name: str, over: Entry) -> None:
        """Remove the receipt that was read; one that was written meanwhile stays."""
        if not over.version:
            return
        try:
            self._container.get_blob_client(name).delete_blob(
                delete_snapshots="include", **condition.over(over.version)
            )
        except (ResourceNotFoundError, ResourceModifiedError):
            _log.debug("The receipt of %r has changed meanwhile.", name)

    def siblings(self, name: str) -> Iterator[str]:
        """Yield the photos with a receipt that are of the same one: but for the extension they are named alike.

        So are a group and the team of the same id.
        """
        stem = name.rpartition(".")[0]
        kind, _, id_ = stem.partition("/")
        for own in (stem, f"{_TWINS[kind]}/{id_}") if kind in _TWINS else (stem,):
            names = self._container.list_blob_names(name_starts_with=f"{own}.")
            yield from (other for other in names if other != name and other.rpartition(".")[0] == own)

    def pages(self, token: str = "", prefix: str = "") -> Iterator[Page[Line]]:
        """Yield all receipts in pages, in the order of their names, from the page with that token on."""
        for page, blobs in blob_pages(self._container, token, ["metadata"], prefix):
            yield page, [Line.of(blob) for blob in blobs]

    def segment(self, token: str, prefix: str, size: int) -> tuple[list[Line], str]:
        """Return at most `size` receipts from that token on, quickly, and the token of what comes next."""
        segment = read_segment(self._container, token, prefix, size)
        return [Line.of(blob) for blob in segment.blobs], segment.token

    def _own(self, receipt: Receipt, error: Exception) -> Entry:
        """What is there now, if it is this very receipt: the first answer was lost, and the client asked again."""
        now = self.read(receipt.photo)
        if now.receipt != receipt:
            raise Overtaken(f"The receipt of “{receipt.photo}” was changed meanwhile.") from error
        return now


def _in_header(reason: str) -> str:
    """A reason as metadata can hold it, percent-encoded; of one that is too long, its beginning."""
    while len(encoded := quote(reason, safe=_PLAIN, errors="replace")) > _MOST_BYTES:
        reason = reason[: len(reason) * 3 // 4].rstrip() + "…"
    return encoded
