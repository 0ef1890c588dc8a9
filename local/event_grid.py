"""Stands in for Event Grid: looks at the containers, and tells the blob extension which blobs are new or have changed.

With `deletions`, it also tells the queue `photo-retries` of blobs that are gone: that is the second subscription, which
SYNC_DELETES makes. Real events come at least once, late and out of order. Whoever wants to see that leaves
`event_grid` out and posts them with `post_event`: twice, shuffled, late or never.
"""

import base64
import json
import threading
import uuid
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote

from azure.storage.queue import QueueServiceClient

from local.blob_trigger import BlobTrigger, event_queue
from local.queue_listener import put
from local.work import side_by_side
from photo_sync.settings import RETRIES

_LOOK_SECONDS = 0.25


def event_grid(triggers: Iterable[object], *, deletions: bool = False) -> AbstractContextManager[None]:
    """Inside the block, post an event for every blob that is there, and for every one that is new or has changed.

    The events go to those of the `triggers` that blobs fire, each for the blobs of its own container.
    """
    watched = [trigger for trigger in triggers if isinstance(trigger, BlobTrigger)]
    return side_by_side([partial(_watch, trigger, deletions) for trigger in watched])


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


def post_deletion(queues: QueueServiceClient, container: str, blob: str) -> None:
    """Post the event of a blob that was deleted as Event Grid writes it into a queue: one a message, in base64."""
    event = {
        "topic": "/subscriptions/local/resourceGroups/local/providers/Microsoft.Storage/storageAccounts/local",
        "subject": f"/blobServices/default/containers/{container}/blobs/{blob}",
        "eventType": "Microsoft.Storage.BlobDeleted",
        "id": str(uuid.uuid4()),
        "data": {"api": "DeleteBlob", "blobType": "BlockBlob", "url": f"https://local/{container}/{quote(blob)}"},
        "dataVersion": "",
        "metadataVersion": "1",
        "eventTime": datetime.now(UTC).isoformat(),
    }
    put(queues.get_queue_client(RETRIES), base64.b64encode(json.dumps(event).encode()).decode())


def _watch(trigger: BlobTrigger, deletions: bool, stop: threading.Event) -> None:  # noqa: FBT001 - for `partial`
    known = dict[str, str]()
    container = trigger.blobs.get_container_client(trigger.container)
    while not stop.wait(_LOOK_SECONDS):
        now = {blob.name: blob.etag for blob in container.list_blobs()}
        for name, etag in now.items() - known.items():
            post_event(trigger.queues, trigger.name, trigger.container, name, etag)
        for name in known.keys() - now.keys() if deletions else ():
            post_deletion(trigger.queues, trigger.container, name)
        known = now
