"""A storage account that holds what was written to it, for the real clients: each request is answered at once."""

import time
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final

import requests
from azure.core.credentials import AzureSasCredential
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

_URL: Final = "https://bench.blob.core.windows.net"
_QUEUES: Final = "https://bench.queue.core.windows.net"
_NOBODY: Final = AzureSasCredential("sig=none")
_TIME: Final = "Mon, 23 Nov 2026 10:00:00 GMT"
_EMPTY_LISTING: Final = b'<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs/></EnumerationResults>'


class Account(HTTPAdapter):
    """The account at the other end of the line; `blobs` are by container and name, `milliseconds` of CPU its own."""

    def __init__(self) -> None:
        super().__init__()
        session = requests.Session()
        session.mount("https://", self)
        self._transport = RequestsTransport(session=session)
        self.blobs: dict[str, bytes] = {}
        self.milliseconds = 0.0
        self._writes = 0

    def container(self, name: str) -> ContainerClient:
        """Return the real client of a container."""
        return ContainerClient(_URL, name, _NOBODY, transport=self._transport)

    def queue(self, name: str) -> QueueClient:
        """Return the real client of a queue, to which nothing is sent here."""
        return QueueClient(_QUEUES, name, credential=_NOBODY, transport=self._transport)

    def send(self, request: requests.PreparedRequest, *_arguments: Any, **_options: Any) -> requests.Response:  # noqa: ANN401
        """Answer a request."""
        begun = time.process_time()
        body, status, headers = self._answer(request)
        length = {"Content-Length": str(len(body))} | headers
        raw = HTTPResponse(BytesIO(body), length, status, preload_content=False, request_method=request.method)
        response = self.build_response(request, raw)
        self.milliseconds += (time.process_time() - begun) * 1_000
        return response

    def _answer(self, request: requests.PreparedRequest) -> tuple[bytes, int, dict[str, str]]:
        path, _, query = request.path_url.partition("?")
        if "comp=list" in query:
            return _EMPTY_LISTING, HTTPStatus.OK, {"Content-Type": "application/xml"}
        if request.method == "PUT":
            self.blobs[path] = _bytes(request.body)
            self._writes += 1
            return b"", HTTPStatus.CREATED, self._headers()
        if path not in self.blobs:
            return b"", HTTPStatus.NOT_FOUND, {"x-ms-error-code": "BlobNotFound"}
        data = self.blobs[path]
        if request.method == "HEAD":
            return b"", HTTPStatus.OK, self._headers() | {"Content-Length": str(len(data))}
        first, _, last = request.headers["x-ms-range"].removeprefix("bytes=").partition("-")
        part = data[int(first) : int(last) + 1]
        told = {"Content-Range": f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}"}
        return part, HTTPStatus.PARTIAL_CONTENT, self._headers() | told

    def _headers(self) -> dict[str, str]:
        kept = {"ETag": f'"0x{self._writes:X}"', "Last-Modified": _TIME, "x-ms-blob-type": "BlockBlob"}
        return kept | {"x-ms-creation-time": _TIME, "x-ms-request-server-encrypted": "true"}


def _bytes(body: Any) -> bytes:  # noqa: ANN401 - whatever requests takes
    return body if isinstance(body, bytes) else bytes(body.read())
