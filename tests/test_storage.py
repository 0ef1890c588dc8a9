import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.storage.blob import ContainerClient, ContentSettings, StandardBlobTier

from local.cloud import Cloud
from pages import in_small_pages
from photo_sync.errors import Overtaken, Rejected
from photo_sync.settings import PHOTOS
from photo_sync.storage import Photos, Upload, is_passing

NAME = "users/ada@contoso.com.jpg"
NAMES = (
    NAME,
    "users/adele_x.com#EXT#@contoso.com.jpg",
    "users/mary.o'neill@contoso.com.jpg",
    "users/josé núñez@contoso.com.jpg",
    "users/100%25+$x=y&z?@contoso.com.jpg",
)


@pytest.fixture
def container(machine: Cloud) -> ContainerClient:
    return machine.blobs.get_container_client(PHOTOS)


@pytest.fixture
def photos(container: ContainerClient) -> Photos:
    return Photos(container, max_bytes=1_000)


@pytest.mark.parametrize("name", NAMES)
def test_what_was_uploaded_is_read_under_its_very_name(container: ContainerClient, photos: Photos, name: str) -> None:
    container.upload_blob(name, b"picture")
    upload = photos.find(name)
    assert upload is not None
    assert photos.read(upload) == b"picture"
    assert (upload.name, upload.size) == (name, 7)
    assert datetime.now(UTC) - upload.uploaded < timedelta(minutes=1)


def test_an_etag_is_told_without_quotes(container: ContainerClient, photos: Photos) -> None:
    etag = container.upload_blob(NAME, b"picture").get_blob_properties().etag
    upload = photos.find(NAME)
    assert upload is not None
    assert f'"{upload.etag}"' == etag


def test_an_upload_is_the_same_in_a_listing_and_alone(machine: Cloud, container: ContainerClient) -> None:
    for name in NAMES:
        container.upload_blob(name, b"picture")
    photos = Photos(in_small_pages(machine, PHOTOS), max_bytes=1_000)
    listed = [upload for _, uploads in photos.pages() for upload in uploads]
    assert [upload.name for upload in listed] == sorted(NAMES)
    assert listed == [photos.find(upload.name) for upload in listed]


def test_a_listing_goes_on_from_a_page(machine: Cloud, container: ContainerClient) -> None:
    for name in NAMES:
        container.upload_blob(name, b"picture")
    photos = Photos(in_small_pages(machine, PHOTOS), max_bytes=1_000)
    pages = list(photos.pages())
    assert list(photos.pages(pages[1][0])) == pages[1:]


def test_the_md5_is_the_one_that_storage_has_noted(container: ContainerClient, photos: Photos) -> None:
    container.upload_blob(NAME, b"picture")
    upload = photos.find(NAME)
    assert upload is not None
    assert base64.b64decode(upload.md5) == hashlib.md5(b"picture", usedforsecurity=False).digest()


def test_where_storage_has_noted_none_there_is_no_md5(container: ContainerClient, photos: Photos) -> None:
    container.upload_blob(NAME, b"picture").set_http_headers(ContentSettings(content_type="image/jpeg"))
    upload = photos.find(NAME)
    assert upload is not None
    assert upload.md5 == ""


def test_the_md5_of_a_blob_that_was_appended_to_is_not_believed(container: ContainerClient, photos: Photos) -> None:
    """Storage keeps it as it was when the blob began."""
    old = bytearray(hashlib.md5(b"old", usedforsecurity=False).digest())
    blob = container.get_blob_client(NAME)
    blob.create_append_blob(content_settings=ContentSettings(content_md5=old))
    blob.append_block(b"new")
    assert blob.get_blob_properties().content_settings.content_md5 == old
    upload = photos.find(NAME)
    assert upload is not None
    assert upload.md5 == ""


def test_what_is_gone_is_not_found(photos: Photos) -> None:
    assert photos.find(NAME) is None


def test_what_was_overwritten_since_is_not_read(container: ContainerClient, photos: Photos) -> None:
    container.upload_blob(NAME, b"old")
    upload = photos.find(NAME)
    container.upload_blob(NAME, b"new", overwrite=True)
    assert upload is not None
    with pytest.raises(Overtaken, match="changed while it was being read"):
        photos.read(upload)


def test_what_was_deleted_since_is_not_read(container: ContainerClient, photos: Photos) -> None:
    container.upload_blob(NAME, b"old")
    upload = photos.find(NAME)
    container.delete_blob(NAME)
    assert upload is not None
    with pytest.raises(Overtaken):
        photos.read(upload)


@pytest.mark.parametrize("size", [999, 1_000])
def test_a_file_up_to_the_limit_is_read(container: ContainerClient, photos: Photos, size: int) -> None:
    container.upload_blob(NAME, bytes(size))
    upload = photos.find(NAME)
    assert upload is not None
    assert len(photos.read(upload)) == size


def test_a_file_over_the_limit_is_refused_unread(photos: Photos) -> None:
    """It is not even there: had it been read, it would have been missed."""
    enormous = Upload(NAME, "0x0", 5_000_000_000, datetime.now(UTC))
    with pytest.raises(Rejected, match="MAX_UPLOAD_BYTES") as refusal:
        photos.read(enormous)
    assert refusal.value.code == "file-too-large"


def test_an_archived_file_is_refused_with_advice(container: ContainerClient, photos: Photos) -> None:
    container.upload_blob(NAME, b"picture").set_standard_blob_tier(StandardBlobTier.ARCHIVE)
    upload = photos.find(NAME)
    assert upload is not None
    with pytest.raises(Rejected, match="Move it to Hot or Cool") as refusal:
        photos.read(upload)
    assert refusal.value.code == "archived"


# Storage's faults


def answered(status: int) -> HttpResponseError:
    """What the client raises for an answer with this status."""
    error = HttpResponseError("Storage does not like it.")
    error.status_code = status
    return error


@pytest.mark.parametrize(
    ("fault", "passes"),
    [
        *[(answered(status), True) for status in (408, 409, 412, 429, 500, 502, 503, 504)],
        *[(answered(status), False) for status in (400, 401, 403, 404, 405, 413, 416)],
        (ServiceRequestError("Nobody listens."), True),
        (ServiceResponseError("The connection was lost."), True),
        (IncompleteReadError("The connection was lost half-way."), True),
    ],
    ids=str,
)
def test_what_passes_is_no_answer_too_much_to_do_and_a_fault_of_storage_s_own(
    fault: AzureError, *, passes: bool
) -> None:
    assert is_passing(fault) is passes
