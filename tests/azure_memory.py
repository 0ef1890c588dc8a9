"""Blobs in memory: what the app uses of Azure's clients, with the conditions and the exceptions of the real ones.

A test can stop a run before any operation here. That this is no laxer than the emulator, test_azure_memory.py proves.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.core.paging import ItemPaged
from azure.storage.blob import BlobProperties, ContentSettings

Operation = Callable[[], Any]
Step = Callable[[str, Operation], Any]
"""Does an operation, now or when it is told to; the text says what it is."""


def at_once(_what: str, operation: Operation) -> Any:  # noqa: ANN401 - whatever the operation returns
    return operation()


def refusal(kind: type[HttpResponseError], status: int, code: str) -> HttpResponseError:
    """What a client raises for such an answer of storage's."""
    error = kind(code)
    error.status_code = status
    error.__dict__["error_code"] = code
    return error


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob as one write has left it."""

    name: str
    data: bytes
    metadata: tuple[tuple[str, str], ...]
    etag: str
    written: datetime

    @property
    def version(self) -> str:
        return f'"{self.etag}"'

    def properties(self, *, listed: bool = False, metadata: bool = True) -> BlobProperties:
        """The same as of the real client: in a listing, the ETag has no quotes."""
        headers = {"Last-Modified": self.written, "Content-Length": len(self.data)}
        etag = self.etag if listed else self.version
        told = BlobProperties(name=self.name, metadata=dict(self.metadata) if metadata else {}, ETag=etag, **headers)
        told.content_settings.content_md5 = bytearray(hashlib.md5(self.data, usedforsecurity=False).digest())
        return told


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be true of a blob for an operation to touch it."""

    etag: str | None = None
    match: MatchConditions | None = None

    def check(self, blob: Blob | None) -> None:
        if self.match == MatchConditions.IfMissing and blob is not None:
            raise refusal(ResourceExistsError, 409, "BlobAlreadyExists")
        if self.match == MatchConditions.IfNotModified and (blob is None or blob.version != self.etag):
            raise refusal(ResourceModifiedError, 412, "ConditionNotMet")


class Kept(NamedTuple):
    """All that is in a container, and how often it was written to."""

    writes: int = 0
    blobs: tuple[Blob, ...] = ()

    def find(self, name: str) -> Blob | None:
        return next((blob for blob in self.blobs if blob.name == name), None)

    def others(self, name: str) -> tuple[Blob, ...]:
        return tuple(blob for blob in self.blobs if blob.name != name)


class MemoryContainer:
    """Stands in for `ContainerClient`; every write gives a blob an ETag that none has had before."""

    def __init__(self, name: str, now: Callable[[], datetime], step: Step = at_once) -> None:
        self._name = name
        self._now = now
        self._step = step
        self.kept = Kept()

    def get_blob_client(self, blob: str) -> "MemoryBlob":
        return MemoryBlob(self, blob)

    def download_blob(
        self, blob: str, *, etag: str | None = None, match_condition: MatchConditions | None = None
    ) -> "Download":
        return Download(self.step("read", partial(self.read, blob, Condition(etag, match_condition))))

    def list_blob_names(self, *, name_starts_with: str = "") -> list[str]:
        names = [blob.name for blob in self.step("list", self.listing)]
        return [name for name in names if name.startswith(name_starts_with)]

    def list_blobs(
        self, *, include: Iterable[str] = (), name_starts_with: str | None = None
    ) -> ItemPaged[BlobProperties]:
        def blobs(page: Iterable[Blob]) -> tuple[None, list[BlobProperties]]:
            found = [blob for blob in page if blob.name.startswith(name_starts_with or "")]
            return None, [blob.properties(listed=True, metadata="metadata" in include) for blob in found]

        return ItemPaged(lambda _token: self.step("list", self.listing), blobs)

    def step(self, verb: str, operation: Operation) -> Any:  # noqa: ANN401 - whatever the operation returns
        return self._step(f"{verb} {self._name}", operation)

    # What the service does

    def listing(self) -> tuple[Blob, ...]:
        return tuple(sorted(self.kept.blobs, key=attrgetter("name")))

    def read(self, name: str, condition: Condition) -> Blob:
        self.check(name, condition)
        if (blob := self.kept.find(name)) is None:
            raise refusal(ResourceNotFoundError, 404, "BlobNotFound")
        return blob

    def write(self, name: str, data: bytes, metadata: Mapping[str, str], condition: Condition) -> Blob:
        self.check(name, condition)
        blob = Blob(name, data, tuple(metadata.items()), f"0x{self.kept.writes + 1:X}", self._now())
        self.kept = Kept(self.kept.writes + 1, (*self.kept.others(name), blob))
        return blob

    def delete(self, name: str, condition: Condition) -> None:
        self.read(name, condition)
        self.kept = Kept(self.kept.writes, self.kept.others(name))

    def check(self, name: str, condition: Condition) -> None:
        condition.check(self.kept.find(name))


class Unconditional(MemoryContainer):
    """Storage that does everything whatever the condition: what stands on it must fall."""

    def check(self, name: str, condition: Condition) -> None:
        pass


@dataclass(frozen=True, slots=True)
class MemoryBlob:
    """Stands in for `BlobClient`."""

    container: MemoryContainer
    name: str

    def get_blob_properties(self) -> BlobProperties:
        found: Blob = self.container.step("look at", partial(self.container.read, self.name, Condition()))
        return found.properties()

    def upload_blob(
        self,
        data: bytes,
        *,
        overwrite: bool = False,
        metadata: Mapping[str, str] | None = None,
        content_settings: ContentSettings | None = None,
        etag: str | None = None,
        match_condition: MatchConditions | None = None,
    ) -> dict[str, Any]:
        del content_settings
        condition = Condition(etag, match_condition if overwrite else MatchConditions.IfMissing)
        operation = partial(self.container.write, self.name, data, metadata or {}, condition)
        written: Blob = self.container.step("write", operation)
        return {"etag": written.version, "last_modified": written.written}

    def delete_blob(
        self,
        delete_snapshots: str | None = None,
        *,
        etag: str | None = None,
        match_condition: MatchConditions | None = None,
    ) -> None:
        del delete_snapshots  # there are none
        self.container.step("delete", partial(self.container.delete, self.name, Condition(etag, match_condition)))


@dataclass(frozen=True, slots=True)
class Download:
    """Stands in for `StorageStreamDownloader`."""

    blob: Blob

    @property
    def properties(self) -> BlobProperties:
        return self.blob.properties()

    def readall(self) -> bytes:
        return self.blob.data
