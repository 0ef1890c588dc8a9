"""One segment of a container's listing, read from storage's own XML: what goes through 100,000 blobs does it by this.

Azure's client takes five times as long to make its objects of a listing as it takes to read what this needs of it.
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar
from urllib.parse import unquote
from xml.etree.ElementTree import Element, fromstring

from azure.core.pipeline import PipelineResponse
from azure.storage.blob import BlobProperties, ContainerClient

T = TypeVar("T")

LARGEST: Final = 5_000
"""How many blobs storage lists at a time, at most (Microsoft Learn, "List Blobs")."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Some blobs in the order of their names, and the token by which storage goes on behind them, empty at the end."""

    blobs: tuple[BlobProperties, ...]
    token: str


class _Listed(Exception):
    """No fault: storage's answer, on its way past the client's reading of it."""

    def __init__(self, xml: bytes) -> None:
        super().__init__()
        self.xml = xml


def read_segment(container: ContainerClient, token: str, prefix: str = "", size: int = LARGEST) -> Segment:
    """Return at most `size` blobs from that token on, each with its name and metadata.

    Of its properties it has the time, the ETag, the size, the type and the MD5, and no more. Raises storage's own
    faults; for a token that is none of storage's, one of status 400.
    """
    listing = container.list_blobs(
        name_starts_with=prefix or None, include=["metadata"], results_per_page=size, raw_response_hook=_hand_over
    )
    try:
        next(listing.by_page(token or None))
    except _Listed as listed:
        return _read(listed.xml)
    raise AssertionError("Storage was not asked.")


def listed(segment: Callable[[str], tuple[list[T], str]]) -> Iterator[T]:
    """Yield what stands on all segments, one after the other; `segment` returns that of a token, and the next token."""
    token = ""
    while True:
        found, token = segment(token)
        yield from found
        if not token:
            return


def _hand_over(response: PipelineResponse[Any, Any]) -> None:
    """Take a listing away from the client; what is none, it sees to itself: faults, and asking again."""
    if response.http_response.status_code == 200:
        raise _Listed(response.http_response.body())


def _read(xml: bytes) -> Segment:
    root = fromstring(xml)  # noqa: S314 - storage wrote it
    return Segment(tuple(_blobs(root)), root.findtext("NextMarker") or "")


def _blobs(root: Element) -> Iterator[BlobProperties]:
    for blob in root.iterfind("Blobs/Blob"):
        metadata = {told.tag: told.text or "" for told in blob.iterfind("Metadata/*")}
        given = {told.tag: told.text or "" for told in blob.iterfind("Properties/*")}
        properties = {
            "Last-Modified": parsedate_to_datetime(given.get("Last-Modified", "")),
            "ETag": given.get("Etag", ""),
            "Content-Length": int(given.get("Content-Length", "0")),
            "x-ms-blob-type": given.get("BlobType", ""),
            "Content-MD5": bytearray(base64.b64decode(given.get("Content-MD5", ""))),
        }
        yield BlobProperties(name=_name(blob), metadata=metadata, **properties)


def _name(blob: Element) -> str:
    """A blob's name; one that XML cannot hold comes percent-encoded (Microsoft Learn, "List Blobs")."""
    name = blob.find("Name")
    if name is None:
        return ""
    text = name.text or ""
    return unquote(text) if name.get("Encoded") == "true" else text
