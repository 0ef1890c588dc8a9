"""Fires a function for each blob that is new or has changed, through a queue of events as the blob extension does."""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, get_type_hints

import azure.functions as func
from azure.identity import ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient, QueueServiceClient
from azurefunctions.extensions.base import Datum
from azurefunctions.extensions.bindings.blob import BlobClient, BlobClientConverter

from local.queue_listener import QueueListener, open_queue

EVENTS = "azure-webjobs-blobtrigger"
POISON = "webjobs-blobtrigger-poison"

_LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class BlobTrigger:
    """One function with a blob trigger, and the storage that its connection names."""

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

        Raises `RuntimeError` for what this host cannot fire, bind or connect.
        """
        name, trigger, call = function.get_function_name(), function.get_trigger(), function.get_user_function()
        if trigger.source != func.BlobSource.EVENT_GRID.value:
            raise RuntimeError(f"The local host cannot fire {name}: its source must be EventGrid.")
        binding = get_type_hints(call).get(trigger.name)
        if binding is not BlobClient:
            raise RuntimeError(
                f"The local host cannot bind {trigger.name} of {name} as {getattr(binding, '__name__', binding)}."
            )
        container = trigger.path.partition("/")[0]
        blobs, queues = connect(trigger.connection, environ)
        with blobs, queues:
            yield cls(name, call, trigger.name, container, trigger.connection, blobs, queues)

    def work(self, parallel: int, tries: int, visibility: int) -> list[Callable[[threading.Event], None]]:
        """Return what has to run side by side: one that looks for blobs, and `parallel` that run the function."""
        events, poison = self._events(), open_queue(self.queues, POISON)
        listener = QueueListener(events, poison, self._fire, _blob_name, tries, visibility)
        return [self._look, *[listener.listen] * parallel]

    def _look(self, stop: threading.Event) -> None:
        events, known = self._events(), dict[str, str]()
        container = self.blobs.get_container_client(self.container)
        while not stop.wait(_LOOK_SECONDS):
            now = {blob.name: blob.etag for blob in container.list_blobs()}
            for name, etag in now.items() - known.items():
                events.send_message(json.dumps(self._event(name, etag)))
            known = now

    def _events(self) -> QueueClient:
        """The queue of this function alone: no other may take its messages."""
        return open_queue(self.queues, f"{EVENTS}-{re.sub('[^a-z0-9]+', '-', self.name.lower()).strip('-')}")

    def _event(self, name: str, etag: str) -> dict[str, str]:
        """The message that the blob extension makes of an event of Event Grid."""
        id_ = f"Host.Functions.{self.name}"
        return {
            "FunctionId": id_,
            "BlobType": "BlockBlob",
            "ContainerName": self.container,
            "BlobName": name,
            "ETag": etag,
        }

    def _fire(self, message: str) -> None:
        """Call the function with its argument bound by the very extension that binds it in Azure.

        A blob that is gone by now is no reason to call it (azure-sdk-for-net, BlobQueueTriggerExecutor).
        """
        event = json.loads(message)
        content = {key: event[key] for key in ("ContainerName", "BlobName")} | {"Connection": self.connection}
        data = SimpleNamespace(
            version="1.0", source="AzureStorageBlobs", content_type="application/json", content=json.dumps(content)
        )
        datum = Datum(data, "model_binding_data")
        argument = BlobClientConverter.decode(datum, trigger_metadata={}, pytype=BlobClient)
        with argument:
            if argument.exists():
                self.call(**{self.argument: argument})


def _blob_name(message: str) -> str:
    return str(json.loads(message)["BlobName"])


def connect(connection: str, environ: Mapping[str, str]) -> tuple[BlobServiceClient, QueueServiceClient]:
    """Return the clients for the settings that begin with `connection`, as the Functions host reads them."""
    if connection in environ:
        text = environ[connection]
        return BlobServiceClient.from_connection_string(text), QueueServiceClient.from_connection_string(text)
    names = (f"{connection}__blobServiceUri", f"{connection}__queueServiceUri")
    if missing := [name for name in names if name not in environ]:
        raise RuntimeError(f"The local host cannot connect: {' and '.join(missing)} must be set.")
    blob_uri, queue_uri = (environ[name] for name in names)
    credential = ManagedIdentityCredential(client_id=environ.get(f"{connection}__clientId"))
    return BlobServiceClient(blob_uri, credential), QueueServiceClient(queue_uri, credential)
