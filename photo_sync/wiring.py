"""Builds the job from the settings: clients, credentials, containers. Nothing is built before the first use."""

import functools
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from azure.core.credentials import TokenCredential
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient, ExponentialRetry
from azure.storage.queue import QueueServiceClient, TextBase64EncodePolicy

from photo_sync import photo
from photo_sync.graph import Graph
from photo_sync.ledger import Ledger
from photo_sync.photo import normalise
from photo_sync.retries import Retries
from photo_sync.settings import PHOTOS, RECEIPTS, RETRIES, RETRIES_POISON, UPLOADS_POISON, Settings
from photo_sync.storage import Photos
from photo_sync.sync import PhotoSync
from photo_sync.throttle import Throttle

T = TypeVar("T")

_LEVELS: Final = {
    "azure": logging.WARNING,  # at INFO they log the headers of every request
    "photo_sync": logging.INFO,  # the events are told whatever the level of the worker
}


def connect(settings: Settings, credential: TokenCredential | None = None) -> PhotoSync:
    """Build the job and its clients, for the app's own identity or for that credential; opens no connection yet."""
    for name, level in _LEVELS.items():
        if not (logger := logging.getLogger(name)).level:
            logger.setLevel(level)
    blobs, queues = storage_services(settings, credential)
    queue = partial(queues.get_queue_client, message_encode_policy=TextBase64EncodePolicy())
    throttle = Throttle(settings.graph_concurrency)
    edge, max_bytes = settings.photo_edge, settings.max_photo_bytes
    return PhotoSync(
        photos=Photos(blobs.get_container_client(PHOTOS), settings.max_upload_bytes),
        ledger=Ledger(blobs.get_container_client(RECEIPTS)),
        retries=Retries(queue(RETRIES), queue(RETRIES_POISON), queue(UPLOADS_POISON)),
        throttle=throttle,
        put_photo=Graph(settings.graph_url, credential or _graph_credential(settings), throttle).put_photo,
        make_photo=partial(normalise, edge=edge, max_bytes=max_bytes),
        pipeline=f"{photo.VERSION}-{edge}-{max_bytes}",
        contacts_mailbox=settings.contacts_mailbox,
    )


def once(build: Callable[[], T]) -> Callable[[], T]:
    """Return a function that builds on its first call, a single time however many threads call at once."""
    lock = threading.Lock()
    cached = functools.cache(build)

    def get() -> T:
        with lock:
            return cached()

    return get


def storage_services(
    settings: Settings, credential: TokenCredential | None = None
) -> tuple[BlobServiceClient, QueueServiceClient]:
    """Build storage's clients, as the managed identity or, in development, from the connection string."""
    retry = ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=2)  # the default would sleep for minutes
    if text := settings.connection_string:
        return (
            BlobServiceClient.from_connection_string(text, retry_policy=retry),
            QueueServiceClient.from_connection_string(text, retry_policy=retry),
        )
    credential = credential or ManagedIdentityCredential(client_id=settings.storage_client_id)
    return (
        BlobServiceClient(settings.blob_service_uri, credential, retry_policy=retry),
        QueueServiceClient(settings.queue_service_uri, credential, retry_policy=retry),
    )


def _graph_credential(settings: Settings) -> TokenCredential:
    """The managed identity; in development, whoever is signed in on this machine."""
    if settings.connection_string:
        return DefaultAzureCredential()
    return ManagedIdentityCredential(client_id=settings.graph_client_id)
