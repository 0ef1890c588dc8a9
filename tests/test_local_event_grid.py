import base64
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import azure.functions as func
import azurefunctions.extensions.bindings.blob as blob_binding
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueServiceClient

from local.blob_trigger import BlobTrigger, connect, event_queue
from local.cloud import Cloud
from local.event_grid import event_grid, post_event
from local.host import Trigger, host
from photo_sync.retries import Retry
from photo_sync.settings import CONNECTION, RETRIES
from waiting import eventually

Run = Callable[[blob_binding.BlobClient], None]


@pytest.fixture
def function() -> str:
    """A function of the test's own, so that its queue is new."""
    return f"on_{uuid.uuid4().hex}"


@pytest.fixture
def queues(machine: Cloud) -> Iterator[QueueServiceClient]:
    blobs, service = connect(CONNECTION, machine.settings)
    with blobs, service:
        yield service


@pytest.fixture
def photos(machine: Cloud) -> ContainerClient:
    return machine.blobs.get_container_client("photos")


def app_that(run: Run, function: str) -> func.FunctionApp:
    app = func.FunctionApp()

    @app.function_name(function)
    @app.blob_trigger(arg_name="upload", path="photos/{name}", connection=CONNECTION, source=func.BlobSource.EVENT_GRID)
    def uploaded(upload: blob_binding.BlobClient) -> None:
        run(upload)

    return app


def running(app: func.FunctionApp) -> AbstractContextManager[list[Trigger]]:
    return host(app, {"extensions": {"blobs": {"maxDegreeOfParallelism": 1}}})


def posted(queues: QueueServiceClient, function: str) -> list[dict[str, str]]:
    """The events that no function has had yet, as somebody sees them who reads the queue without any help."""
    try:
        messages = event_queue(queues, function).peek_messages(max_messages=32)
    except ResourceNotFoundError:
        return []
    return [json.loads(base64.b64decode(message.content)) for message in messages]


def test_each_new_or_changed_blob_is_an_event_as_the_blob_extension_writes_it(
    machine: Cloud, photos: ContainerClient, queues: QueueServiceClient, function: str
) -> None:
    first = photos.upload_blob("users/josé#1.jpg", b"first").get_blob_properties().etag.strip('"')
    watched = BlobTrigger(function, print, "upload", "photos", CONNECTION, machine.blobs, queues)
    with event_grid([watched]):
        assert eventually(lambda: len(posted(queues, function)) == 1)
        second = photos.upload_blob("users/josé#1.jpg", b"second", overwrite=True).get_blob_properties().etag.strip('"')
        assert eventually(lambda: len(posted(queues, function)) == 2)
    assert posted(queues, function) == [
        {
            "FunctionId": f"Host.Functions.{function}",
            "BlobType": "BlockBlob",
            "ContainerName": "photos",
            "BlobName": "users/josé#1.jpg",
            "ETag": etag,
        }
        for etag in (first, second)
    ]


def test_without_event_grid_a_blob_fires_as_often_as_somebody_posts_its_event(
    photos: ContainerClient, queues: QueueServiceClient, function: str
) -> None:
    seen = list[str]()
    for name in ("never.jpg", "twice.jpg", "last.jpg"):
        photos.upload_blob(name, b"photo")
    with running(app_that(lambda upload: seen.append(upload.blob_name), function)):
        for name in ("twice.jpg", "twice.jpg", "last.jpg"):
            post_event(queues, function, "photos", name, "0x1")
        assert eventually(lambda: "last.jpg" in seen)
    assert sorted(seen) == ["last.jpg", "twice.jpg", "twice.jpg"]


def test_a_deleted_blob_is_a_message_that_the_app_reads(
    machine: Cloud, photos: ContainerClient, queues: QueueServiceClient, function: str
) -> None:
    name, retries = "users/josé #1+%41@contoso.com.jpg", queues.get_queue_client(RETRIES)
    photos.upload_blob(name, b"photo")
    watched = BlobTrigger(function, print, "upload", "photos", CONNECTION, machine.blobs, queues)
    with event_grid([watched], deletions=True):
        assert eventually(lambda: len(posted(queues, function)) == 1)
        photos.delete_blob(name)
        assert eventually(lambda: retries.peek_messages() != [])
    (message,) = retries.receive_messages()
    assert Retry.from_json(base64.b64decode(message.content)) == Retry(name)
