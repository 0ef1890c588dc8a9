import base64
import hashlib
from io import BytesIO

import pytest
from azure.storage.blob import BlobServiceClient

from local.cloud import Cloud
from photo_sync.drop import Drop
from photo_sync.errors import Overtaken
from photo_sync.settings import PHOTOS

ADA = "users/ada@contoso.com.jpg"


@pytest.fixture
def drop(machine: Cloud) -> Drop:
    return Drop(machine.blobs.get_container_client(PHOTOS))


def test_a_file_is_there_with_its_md5_and_what_it_is(machine: Cloud, drop: Drop) -> None:
    etag = drop.put(ADA, BytesIO(b"picture"))
    blob = machine.blobs.get_blob_client(PHOTOS, ADA)
    told = blob.get_blob_properties()
    assert blob.download_blob().readall() == b"picture"
    assert told.etag == f'"{etag}"'
    assert told.content_settings.content_type == "image/jpeg"
    assert base64.b64encode(told.content_settings.content_md5 or b"") == base64.b64encode(
        hashlib.md5(b"picture", usedforsecurity=False).digest()
    )


def test_a_file_that_goes_up_in_pieces_has_its_md5_too(machine: Cloud) -> None:
    """Storage itself notes it only of what comes in one piece."""
    service = BlobServiceClient(
        machine.storage.blob_uri,
        machine.blobs.credential,
        connection_verify=str(machine.storage.certificate),
        max_single_put_size=4,
        max_block_size=4,
    )
    Drop(service.get_container_client(PHOTOS)).put(ADA, BytesIO(b"picture"))
    told = machine.blobs.get_blob_client(PHOTOS, ADA).get_blob_properties().content_settings.content_md5
    assert bytes(told or b"") == hashlib.md5(b"picture", usedforsecurity=False).digest()


def test_an_empty_file_is_a_file(machine: Cloud, drop: Drop) -> None:
    drop.put(ADA, BytesIO())
    assert machine.blobs.get_blob_client(PHOTOS, ADA).get_blob_properties().size == 0


def test_what_is_there_is_replaced(machine: Cloud, drop: Drop) -> None:
    first, second = drop.put(ADA, BytesIO(b"first")), drop.put(ADA, BytesIO(b"second"))
    assert first != second
    assert machine.blobs.get_blob_client(PHOTOS, ADA).download_blob().readall() == b"second"


def test_only_what_was_seen_is_replaced(machine: Cloud, drop: Drop) -> None:
    first = drop.put(ADA, BytesIO(b"first"), over="")
    second = drop.put(ADA, BytesIO(b"second"), over=first)
    for seen in ("", first):
        with pytest.raises(Overtaken, match="Somebody has uploaded another picture under this name meanwhile"):
            drop.put(ADA, BytesIO(b"third"), over=seen)
    blob = machine.blobs.get_blob_client(PHOTOS, ADA)
    assert blob.download_blob().readall() == b"second"
    blob.delete_blob()
    with pytest.raises(Overtaken, match="Somebody has deleted the picture"):
        drop.put(ADA, BytesIO(b"third"), over=second)


@pytest.mark.parametrize("is_new", [True, False])
def test_a_file_whose_answer_was_lost_is_known_again(drop: Drop, *, is_new: bool) -> None:
    seen = "" if is_new else drop.put(ADA, BytesIO(b"first"))
    sent = drop.put(ADA, BytesIO(b"second"), over=seen)
    assert drop.put(ADA, BytesIO(b"second"), over=seen) == sent


def test_a_file_is_taken_away_once_and_by_its_etag_only_that_one(machine: Cloud, drop: Drop) -> None:
    first, second = drop.put(ADA, BytesIO(b"first")), drop.put(ADA, BytesIO(b"second"))
    assert not drop.take(ADA, first)
    assert machine.blobs.get_blob_client(PHOTOS, ADA).exists()
    assert drop.take(ADA, second)
    assert not drop.take(ADA, second)
    assert not drop.take(ADA)
