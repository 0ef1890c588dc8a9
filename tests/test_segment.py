from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
import requests
from azure.core.credentials import AzureSasCredential
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobProperties, BlobServiceClient, ContainerClient, ExponentialRetry
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from local.cloud import Cloud
from photo_sync.segment import read_segment
from photo_sync.settings import RECEIPTS

NAMES = ["groups/<&>.jpg", "users/100%23.jpg", "users/a b.jpg", "users/josé.jpg", "users/zoë'\".jpg"]


@pytest.fixture
def receipts(machine: Cloud) -> ContainerClient:
    container = machine.blobs.get_container_client(RECEIPTS)
    for name in NAMES:
        container.upload_blob(name, b"{}", metadata={"outcome": "synced", "reason": "%E2%80%9Cx%E2%80%9D"})
    return container


def walk(container: ContainerClient, prefix: str = "", size: int = 5_000) -> Iterator[str]:
    """The names of all segments, one after the other."""
    token = ""
    while True:
        segment = read_segment(container, token, prefix, size)
        yield from (blob.name for blob in segment.blobs)
        if not (token := segment.token):
            return


def said(blob: BlobProperties) -> tuple[Any, ...]:
    """What the app reads of a blob in a listing."""
    own = (blob.name, blob.metadata, blob.last_modified)
    return *own, blob.etag, blob.size, blob.blob_type, bytes(blob.content_settings.content_md5 or b"")


def test_a_segment_tells_what_the_client_tells(receipts: ContainerClient) -> None:
    listed = list(receipts.list_blobs(include=["metadata"]))
    segment = read_segment(receipts, "")
    assert list(map(said, segment.blobs)) == list(map(said, listed))
    assert [blob.name for blob in segment.blobs] == NAMES


@pytest.mark.parametrize("size", [1, 2, 5, 5_000])
def test_segments_of_any_size_are_the_whole_listing(receipts: ContainerClient, size: int) -> None:
    assert list(walk(receipts, size=size)) == NAMES


def test_a_prefix_narrows_the_listing(receipts: ContainerClient) -> None:
    assert list(walk(receipts, prefix="groups/")) == NAMES[:1]
    assert list(walk(receipts, prefix="nobody")) == []


# What Azurite never answers


class Storage(HTTPAdapter):
    """Storage that gives these answers, one after the other."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        super().__init__()
        self.answers = list(answers)

    def send(self, request: requests.PreparedRequest, *_arguments: Any, **_options: Any) -> requests.Response:  # noqa: ANN401
        status, body = self.answers.pop(0)
        headers = {"Content-Type": "application/xml"}
        return self.build_response(request, HTTPResponse(BytesIO(body), headers, status, preload_content=False))


def container(storage: Storage) -> ContainerClient:
    session = requests.Session()
    session.mount("https://", storage)
    service = BlobServiceClient(
        "https://contoso.blob.core.windows.net",
        AzureSasCredential("sig=none"),
        transport=RequestsTransport(session=session),
        retry_policy=ExponentialRetry(initial_backoff=0, increment_base=0, retry_total=2, random_jitter_range=0),
    )
    return service.get_container_client(RECEIPTS)


LISTING = (
    '\ufeff<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs><Blob>'
    '<Name Encoded="true">users/%EF%BF%BE%2525.jpg</Name><Properties>'
    "<Last-Modified>Tue, 24 Nov 2026 09:30:00 GMT</Last-Modified></Properties><Metadata /></Blob></Blobs>"
    "<NextMarker>2!8!bmV4dA--</NextMarker></EnumerationResults>"
).encode()


def test_a_name_that_xml_cannot_hold_is_read_and_azures_byte_order_mark_too() -> None:
    segment = read_segment(container(Storage((200, LISTING))), "")
    assert ([blob.name for blob in segment.blobs], segment.token) == (["users/\ufffe%25.jpg"], "2!8!bmV4dA--")


def test_a_fault_of_storages_that_passes_is_the_clients_business() -> None:
    storage = Storage((503, b""), (503, b""), (200, LISTING))
    assert len(read_segment(container(storage), "").blobs) == 1
    assert storage.answers == []


def test_a_token_that_is_none_of_storages_is_a_fault_of_status_400() -> None:
    body = b'<?xml version="1.0"?><Error><Code>OutOfRangeInput</Code><Message>No.</Message></Error>'
    with pytest.raises(HttpResponseError) as fault:
        read_segment(container(Storage((400, body))), "nonsense")
    assert fault.value.status_code == 400
