"""Storage that is made up while it is asked: any number of photos and receipts, with no network, disk or memory.

The real clients send their requests to it and read its answers, which look as Azure's do.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import requests
from azure.core.credentials import AzureSasCredential
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from photo_sync.recipe import Recipe
from photo_sync.settings import PHOTOS, RECEIPTS, RETRIES

PIPELINE: Final = Recipe().name
UPLOADED: Final = datetime.fromisoformat("2026-11-23T10:00:00+00:00")

_ACCOUNT: Final = "https://bench.blob.core.windows.net"
_QUEUES: Final = "https://bench.queue.core.windows.net"
_NOBODY: Final = AzureSasCredential("sig=none")
_HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>'
_TIME: Final = UPLOADED.strftime("%a, %d %b %Y %H:%M:%S GMT")
_BLOB: Final = (
    f"<Blob><Name>{{name}}</Name><Properties><Creation-Time>{_TIME}</Creation-Time>"
    f"<Last-Modified>{_TIME}</Last-Modified><Etag>{{etag}}</Etag><Content-Length>234567</Content-Length>"
    "<Content-Type>image/jpeg</Content-Type><Content-Encoding /><Content-Language /><Content-CRC64 />"
    "<Content-MD5>rL0Y20zC+Fzt72VPzMSk2A==</Content-MD5><Cache-Control /><Content-Disposition />"
    "<BlobType>BlockBlob</BlobType><AccessTier>Hot</AccessTier><AccessTierInferred>true</AccessTierInferred>"
    "<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState><ServerEncrypted>true</ServerEncrypted>"
    "</Properties>{metadata}<OrMetadata /></Blob>"
)
_METADATA: Final = (
    "<Metadata><etag>{etag}</etag><outcome>synced</outcome>"
    f"<sha256>{'9f86d081' * 8}</sha256><pipeline>{PIPELINE}</pipeline></Metadata>"
)
_MESSAGE: Final = (
    f"{_HEAD}<QueueMessagesList><QueueMessage><MessageId>1</MessageId><InsertionTime>{_TIME}</InsertionTime>"
    f"<ExpirationTime>{_TIME}</ExpirationTime><PopReceipt>1</PopReceipt><TimeNextVisible>{_TIME}</TimeNextVisible>"
    "</QueueMessage></QueueMessagesList>"
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many photos there are, and as many receipts; how many of them a page holds; each how-manieth is lost.

    A lost photo has no receipt; in its stead there is the receipt of a photo that is gone.
    """

    photos: int
    page: int = 5_000
    lost_every: int = 1_000


class Storage(HTTPAdapter):
    """The made-up account, as it is at the other end of the line.

    `seconds` of CPU went into making it up; `listed` are the containers whose pages were asked for, page by page.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self._sizes = sizes
        self._transport = RequestsTransport(session=self._session())
        self.seconds = 0.0
        self.listed: list[str] = []

    def container(self, name: str) -> ContainerClient:
        """Return the real client of a container."""
        return ContainerClient(_ACCOUNT, name, _NOBODY, transport=self._transport)

    def queue(self) -> QueueClient:
        """Return the real client of photo-retries."""
        return QueueClient(_QUEUES, RETRIES, credential=_NOBODY, transport=self._transport)

    def send(self, request: requests.PreparedRequest, *_arguments: Any, **_options: Any) -> requests.Response:  # noqa: ANN401
        """Answer a request."""
        begun = time.thread_time()
        body, status, headers = self._answer(request.method or "", request.url or "")
        raw = HTTPResponse(
            BytesIO(body.encode()), {"Content-Type": "application/xml", **headers}, status, preload_content=False
        )
        self.seconds += time.thread_time() - begun
        return self.build_response(request, raw)

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.mount("https://", self)
        return session

    def _answer(self, method: str, url: str) -> tuple[str, int, dict[str, str]]:
        parts = urlsplit(url)
        if parts.hostname == urlsplit(_ACCOUNT).hostname:
            asked = {name: int(value) for name, (value,) in parse_qs(parts.query).items() if value.isdigit()}
            size = min(asked.get("maxresults", self._sizes.page), self._sizes.page)
            return self._page(parts.path.strip("/"), asked.get("marker", 0), size), 200, {}
        if method == "POST":
            return _MESSAGE, 201, {}
        return "", 200, {"x-ms-approximate-messages-count": "0"}

    def _page(self, container: str, first: int, size: int) -> str:
        self.listed.append(container)
        behind = min(first + size, self._sizes.photos)
        blob = {PHOTOS: _photo, RECEIPTS: self._receipt}[container]
        blobs = "".join(map(blob, range(first, behind)))
        marker = behind if behind < self._sizes.photos else ""
        return (
            f"{_HEAD}<EnumerationResults><Blobs>{blobs}</Blobs><NextMarker>{marker}</NextMarker></EnumerationResults>"
        )

    def _receipt(self, number: int) -> str:
        extension = "gone" if number % self._sizes.lost_every == self._sizes.lost_every - 1 else "jpg"
        metadata = _METADATA.format(etag=_etag(number))
        return _BLOB.format(name=f"{_stem(number)}.{extension}", etag=f"0x8DE7{number:011X}", metadata=metadata)


def _photo(number: int) -> str:
    return _BLOB.format(name=f"{_stem(number)}.jpg", etag=_etag(number), metadata="")


def _stem(number: int) -> str:
    return f"users/{number:08d}@contoso.com"


def _etag(number: int) -> str:
    return f"0x8DE6{number:011X}"
