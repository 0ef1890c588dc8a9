"""The container `photo-receipts`: for every photo, under its name, what became of it and why."""

import json
import logging
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, get_type_hints

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient, ContentSettings

from photo_sync.errors import Answer, Rejected
from photo_sync.photo import Photo
from photo_sync.storage import Upload

_log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What became of a photo."""

    SYNCED = "synced"
    """Graph accepted it. Microsoft 365 may show it hours later."""
    UNCHANGED = "unchanged"
    """The same bytes as last time: Graph was not called."""
    REJECTED = "rejected"
    """Never going to work as it is; the reason says what to do."""
    RETRYING = "retrying"
    """Not settled yet: it is tried again by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one upload. `code` is a word for the reason, `reason` a sentence; `error_code` is Graph's own."""

    photo: str
    etag: str
    outcome: Outcome
    code: str = ""
    reason: str = ""
    sha256: str = ""
    """Of the bytes as uploaded."""
    graph_path: str = ""
    status: int | None = None
    error_code: str = ""
    request_id: str = ""
    client_request_id: str = ""
    source_format: str = ""
    source_bytes: int = 0
    source_width: int = 0
    source_height: int = 0
    photo_bytes: int = 0
    photo_width: int = 0
    photo_height: int = 0
    attempts: int = 1
    uploaded: datetime
    finished: datetime

    @classmethod
    def start(cls, upload: Upload) -> "Receipt":
        """Return the receipt that the work on an upload begins with: nothing is settled yet."""
        return cls(
            photo=upload.name,
            etag=upload.etag,
            outcome=Outcome.RETRYING,
            source_bytes=upload.size,
            uploaded=upload.uploaded,
            finished=upload.uploaded,
        )

    def with_photo(self, photo: Photo) -> "Receipt":
        """Return this receipt with the picture's measures, before and after."""
        return replace(
            self,
            source_format=photo.source_format,
            source_width=photo.source_width,
            source_height=photo.source_height,
            photo_bytes=len(photo.jpeg),
            photo_width=photo.width,
            photo_height=photo.height,
        )

    def ended(self, outcome: Outcome, answer: Answer | None = None, *, code: str = "", reason: str = "") -> "Receipt":
        """Return this receipt as it stands when the work on it is over."""
        return replace(
            self,
            outcome=outcome,
            code=code,
            reason=reason,
            **(asdict(answer) if answer else {}),
            finished=datetime.now(UTC),
        )

    def rejected(self, refusal: Rejected) -> "Receipt":
        """Return this receipt with the refusal's reason and, where Graph refused, Graph's answer."""
        return self.ended(Outcome.REJECTED, refusal.answer, code=refusal.code, reason=refusal.reason)

    def repeated_by(self, repeat: "Receipt") -> "Receipt":
        """Return the receipt of an upload with the same bytes: what is known of the photo stays, Graph's answer too."""
        return replace(self, etag=repeat.etag, uploaded=repeat.uploaded).ended(Outcome.UNCHANGED)

    def stands_for(self, sha256: str, graph_path: str) -> bool:
        """Say whether Graph already has these very bytes, under this very path."""
        accepted = self.outcome in {Outcome.SYNCED, Outcome.UNCHANGED}
        return accepted and self.sha256 == sha256 and self.graph_path == graph_path

    def to_json(self) -> bytes:
        """Return the receipt as the JSON that its blob holds; times as ISO 8601, in UTC."""
        return json.dumps(asdict(self), default=datetime.isoformat, ensure_ascii=False, indent=2).encode(
            errors="backslashreplace"
        )

    @classmethod
    def from_json(cls, data: bytes) -> "Receipt":
        """Read a receipt, leaving out fields that are not known; raises `ValueError` for what is no receipt."""
        try:
            values: dict[str, Any] = json.loads(data)
            known = {field.name: values[field.name] for field in fields(cls) if field.name in values}
            times = {name: datetime.fromisoformat(values[name]) for name in ("uploaded", "finished")}
            receipt = cls(**known | times | {"outcome": Outcome(values["outcome"])})
        except (TypeError, KeyError, RecursionError) as error:
            raise ValueError(f"not a receipt: {error}") from error
        types = get_type_hints(cls)
        if wrong := [name for name, type_ in types.items() if not isinstance(getattr(receipt, name), type_)]:
            raise ValueError(f"not a receipt: {', '.join(wrong)} of the wrong type")
        return receipt


class Receipts:
    """The receipts, each under its photo's name; the metadata says enough for a listing to need no downloads."""

    def __init__(self, container: ContainerClient) -> None:
        self._container = container

    def read(self, name: str) -> Receipt | None:
        """Return the photo's receipt; None where there is none, or where what is there is not a receipt."""
        try:
            return Receipt.from_json(self._container.download_blob(name).readall())
        except ResourceNotFoundError:
            return None
        except ValueError:
            _log.warning("The receipt of %r cannot be read; it is written anew.", name)
            return None

    def has_sibling(self, name: str) -> bool:
        """Say whether another photo has a receipt whose name differs in the extension alone: it is of the same one."""
        stem = name.rpartition(".")[0]
        names = self._container.list_blob_names(name_starts_with=f"{stem}.")
        return any(other != name and other.rpartition(".")[0] == stem for other in names)

    def write(self, receipt: Receipt) -> None:
        """Write the photo's receipt, over the one there is."""
        metadata = {"etag": receipt.etag, "outcome": str(receipt.outcome), "sha256": receipt.sha256}
        self._container.upload_blob(
            receipt.photo,
            receipt.to_json(),
            overwrite=True,
            metadata={name: value for name, value in metadata.items() if value},
            content_settings=ContentSettings(content_type="application/json; charset=utf-8"),
        )
