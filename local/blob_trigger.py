"""Fires a function for each event of Event Grid's about a blob, from a queue as the blob extension does."""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar

import azure.functions as func
from azure.identity import ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient, QueueMessage, QueueServiceClient
from azurefunctions.extensions.base import Datum
from azurefunctions.extensions.bindings.blob import BlobClient, BlobClientConverter

from local.queue_listener import QueueListener, connect_queues
from local.work import Work

EVENTS = "azure-webjobs-blobtrigger"
POISON = "webjobs-blobtrigger-poison"


@dataclass(frozen=True)
class BlobTrigger:
    """One function with a blob trigger, and the storage that its connection names."""

    KIND: ClassVar = "blobTrigger"
    BINDING: ClassVar[type] = BlobClient

    name: str
    call: Callable[..., object]
    argument: str
    container: str
    connection: str
    blobs: BlobServiceClient = field(repr=False)
    queues: QueueServiceClient = field(repr=False)

    @classmethod
    @contextmanager
    def connected(cls, function: Any, environ: Mapping[str, str]) -> Iterator["BlobTrigger"]:  # noqa: ANN401 - its type is not public
        """Read what the function declares, and connect to its storage inside the block.

        Raises `RuntimeError` for what this host cannot fire or connect.
        """
        name, trigger, call = function.get_function_name(), function.get_trigger(), function.get_user_function()
        if trigger.source != func.BlobSource.EVENT_GRID.value:
            raise RuntimeError(f"The local host cannot fire {name}: its source must be EventGrid.")
        container = trigger.path.partition("/")[0]
        blobs, queues = connect(trigger.connection, environ)
        with blobs, queues:
            yield cls(name, call, trigger.name, container, trigger.connection, blobs, queues)

    def work(self, extensions: Mapping[str, Any], visibility: int) -> list[Work]:
        """Return what has to go on, by the extensions' part of host.json; for `visibility` see `QueueListener`."""
        blobs = extensions.get("blobs", {})
        listener = QueueListener(
            queue=event_queue(self.queues, self.name),
            poison=self.queues.get_queue_client(POISON),
            fire=self._fire,
            about=_blob_name,
            parallel=blobs.get("maxDegreeOfParallelism", 8 * (os.cpu_count() or 1)),
            tries=blobs.get("poisonBlobThreshold", 5),
            visibility=visibility,
        )
        return [listener.listen]

    def _fire(self, body: bytes, _message: QueueMessage) -> None:
        """Call the function with its argument bound by the very extension that binds it in Azure.

        A blob that is gone by now is no reason to call it (azure-sdk-for-net, BlobQueueTriggerExecutor).
        """
        event = json.loads(body)
        content = {key: event[key] for key in ("ContainerName", "BlobName")} | {"Connection": self.connection}
        data = SimpleNamespace(
            version="1.0", source="AzureStorageBlobs", content_type="application/json", content=json.dumps(content)
        )
        datum = Datum(data, "model_binding_data")
        argument = BlobClientConverter.decode(datum, trigger_metadata={}, pytype=BlobClient)
        with argument:
            if argument.exists():
                self.call(**{self.argument: argument})


def event_queue(queues: QueueServiceClient, function: str) -> QueueClient:
    """Return the queue of one function's events: in Azure all share one; here no other may take its messages."""
    return queues.get_queue_client(f"{EVENTS}-{re.sub('[^a-z0-9]+', '-', function.lower()).strip('-')}")


def connect(connection: str, environ: Mapping[str, str]) -> tuple[BlobServiceClient, QueueServiceClient]:
    """Return the clients for the settings that begin with `connection`, as the Functions host reads them.

    Raises `RuntimeError` where they are not there.
    """
    queues = connect_queues(connection, environ)
    if connection in environ:
        return BlobServiceClient.from_connection_string(environ[connection]), queues
    if (name := f"{connection}__blobServiceUri") not in environ:
        raise RuntimeError(f"The local host cannot connect: {name} must be set.")
    credential = ManagedIdentityCredential(client_id=environ.get(f"{connection}__clientId"))
    return BlobServiceClient(environ[name], credential), queues


def _blob_name(body: bytes, message: QueueMessage) -> str:
    try:
        return str(json.loads(body)["BlobName"])
    except (ValueError, KeyError, TypeError):
        return f"message {message.id}, which is no event"
