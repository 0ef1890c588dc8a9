"""Stands in for Event Grid: looks at the containers, and tells the blob extension which blobs are new or have changed.

Real events come at least once, late and out of order. Whoever wants to see that leaves `event_grid` out and posts
them with `post_event`: twice, shuffled, late or never.
"""

import base64
import json
import threading
from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import partial

from azure.storage.queue import QueueServiceClient

from local.blob_trigger import BlobTrigger, event_queue
from local.queue_listener import put
from local.work import side_by_side

_LOOK_SECONDS = 0.25


def event_grid(triggers: Iterable[object]) -> AbstractContextManager[None]:
    """Inside the block, post an event for every blob that is there, and for every one that is new or has changed.

    The events go to those of the `triggers` that blobs fire, each for the blobs of its own container.
    """
    return side_by_side([partial(_watch, trigger) for trigger in triggers if isinstance(trigger, BlobTrigger)])


def post_event(queues: QueueServiceClient, function: str, container: str, blob: str, etag: str) -> None:
    """Post one event to the function of this name: the blob, in this container, has this ETag now.

    It goes where the blob extension puts it, as the extension writes it.
    """
    event = {
        "FunctionId": f"Host.Functions.{function}",
        "BlobType": "BlockBlob",
        "ContainerName": container,
        "BlobName": blob,
        "ETag": etag,
    }
    put(event_queue(queues, function), base64.b64encode(json.dumps(event).encode()).decode())


def _watch(trigger: BlobTrigger, stop: threading.Event) -> None:
    known = dict[str, str]()
    container = trigger.blobs.get_container_client(trigger.container)
    while not stop.wait(_LOOK_SECONDS):
        now = {blob.name: blob.etag for blob in container.list_blobs()}
        for name, etag in now.items() - known.items():
            post_event(trigger.queues, trigger.name, trigger.container, name, etag)
        known = now
