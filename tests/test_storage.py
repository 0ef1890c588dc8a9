import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from azure.storage.blob import ContainerClient, StandardBlobTier

from local.cloud import Cloud
from photo_sync.errors import Rejected, TryLater
from photo_sync.receipts import Outcome, Receipt, Receipts
from photo_sync.settings import PHOTOS, RECEIPTS
from photo_sync.storage import Photos, Upload

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


@pytest.fixture
def receipts(machine: Cloud) -> Receipts:
    return Receipts(machine.blobs.get_container_client(RECEIPTS))


def receipt(name: str = NAME, reason: str = "") -> Receipt:
    start = Receipt.start(Upload(name, "0x8DE1", 7, datetime(2026, 11, 23, tzinfo=UTC)))
    return start.ended(Outcome.SYNCED, reason=reason)


@pytest.mark.parametrize("name", NAMES)
def test_what_was_uploaded_is_read_under_its_very_name(container: ContainerClient, photos: Photos, name: str) -> None:
    container.upload_blob(name, b"picture")
    upload = photos.find(name)
    assert upload is not None
    assert photos.read(upload) == b"picture"
    assert (upload.name, upload.size) == (name, 7)
    assert datetime.now(UTC) - upload.uploaded < timedelta(minutes=1)


def test_an_etag_is_the_same_in_the_listing_and_in_the_properties(container: ContainerClient, photos: Photos) -> None:
    container.upload_blob(NAME, b"picture")
    upload = photos.find(NAME)
    assert upload is not None
    assert [blob.etag for blob in container.list_blobs()] == [upload.etag]


def test_what_is_gone_is_not_found(photos: Photos) -> None:
    assert photos.find(NAME) is None


def test_what_was_overwritten_since_is_not_read(container: ContainerClient, photos: Photos) -> None:
    container.upload_blob(NAME, b"old")
    upload = photos.find(NAME)
    container.upload_blob(NAME, b"new", overwrite=True)
    assert upload is not None
    with pytest.raises(TryLater, match="changed while it was being read"):
        photos.read(upload)


def test_what_was_deleted_since_is_not_read(container: ContainerClient, photos: Photos) -> None:
    container.upload_blob(NAME, b"old")
    upload = photos.find(NAME)
    container.delete_blob(NAME)
    assert upload is not None
    with pytest.raises(TryLater):
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


@pytest.mark.parametrize(
    ("other", "is_sibling"),
    [
        ("users/ada@contoso.com.png", True),
        ("users/ada@contoso.com.JPG", True),
        ("users/ada@contoso.com.au.jpg", False),
        ("users/ada@contoso.com", False),
        ("users/bada@contoso.com.jpg", False),
    ],
)
def test_siblings_differ_in_the_extension_alone(receipts: Receipts, other: str, *, is_sibling: bool) -> None:
    receipts.write(receipt(NAME))
    receipts.write(receipt(other))
    assert receipts.has_sibling(NAME) is is_sibling


@pytest.mark.parametrize("name", NAMES)
def test_a_receipt_is_read_as_it_was_written(receipts: Receipts, name: str) -> None:
    written = receipt(name)
    receipts.write(written)
    assert receipts.read(name) == written


def test_the_newer_receipt_replaces_the_older(receipts: Receipts) -> None:
    receipts.write(receipt(reason="old"))
    receipts.write(receipt(reason="new"))
    read = receipts.read(NAME)
    assert read is not None
    assert read.reason == "new"


def test_a_listing_tells_etag_outcome_and_hash_without_a_download(machine: Cloud, receipts: Receipts) -> None:
    receipts.write(replace(receipt(), sha256="ab" * 32))
    (listed,) = machine.blobs.get_container_client(RECEIPTS).list_blobs(include=["metadata"])
    assert listed.metadata == {"etag": "0x8DE1", "outcome": "synced", "sha256": "ab" * 32}


def test_a_receipt_is_json_that_a_person_can_read(machine: Cloud, receipts: Receipts) -> None:
    receipts.write(receipt("users/josé@contoso.com.jpg", reason="Größer, bitte."))
    blob = machine.blobs.get_blob_client(RECEIPTS, "users/josé@contoso.com.jpg")
    assert json.loads(blob.download_blob().readall())["reason"] == "Größer, bitte."
    assert blob.get_blob_properties().content_settings.content_type == "application/json; charset=utf-8"


def test_there_is_no_receipt_before_the_first_one(receipts: Receipts) -> None:
    assert receipts.read(NAME) is None


def test_what_is_not_a_receipt_is_passed_over_and_said(
    machine: Cloud, receipts: Receipts, caplog: pytest.LogCaptureFixture
) -> None:
    machine.blobs.get_blob_client(RECEIPTS, NAME).upload_blob(b"coffee stain")
    assert receipts.read(NAME) is None
    assert NAME in caplog.text
