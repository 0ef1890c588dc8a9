"""Builds the job from the settings: clients, credentials, containers. Nothing is built before the first use."""

import functools
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from azure.core.credentials import TokenCredential
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient, ExponentialRetry

from photo_sync.connection import Connection
from photo_sync.deletions import Deletions
from photo_sync.directory import Directory
from photo_sync.graph import Graph
from photo_sync.ledger import Ledger
from photo_sync.recipe import Recipe
from photo_sync.recipient import Naming
from photo_sync.removal import Removal
from photo_sync.retries import Retries
from photo_sync.settings import PHOTOS, RECEIPTS, REMOVALS, RETRIES, RETRIES_POISON, UPLOADS_POISON, Settings
from photo_sync.storage import Photos
from photo_sync.sync import PhotoSync
from photo_sync.target import Kind
from photo_sync.throttle import Throttle

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient, QueueServiceClient

    from photo_sync.photo import Photo

T = TypeVar("T")

_RETRY: Final = ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=2)  # the default sleeps for minutes
_LEVELS: Final = {
    "azure": logging.WARNING,  # at INFO they log the headers of every request
    "photo_sync": logging.INFO,  # the events are told whatever the level of the worker
}


def connect(settings: Settings, credential: TokenCredential | None = None) -> PhotoSync:
    """Build the job and its clients, for the app's own identity or for that credential; opens no connection yet."""
    for name, level in _LEVELS.items():
        if not (logger := logging.getLogger(name)).level:
            logger.setLevel(level)
    storage = credential or storage_credential(settings)
    blobs, queue = blob_service(settings, storage), partial(_queue, settings, storage)
    throttle = Throttle(settings.graph_concurrency)
    connection = Connection(settings.graph_url, credential or graph_credential(settings), throttle)
    graph, directory = Graph(connection), Directory(connection, settings.user_match)
    naming = Naming(settings.guard, settings.contacts_mailbox, settings.user_match)
    photos = Photos(blobs.get_container_client(PHOTOS), settings.max_upload_bytes)
    ledger = Ledger(blobs.get_container_client(RECEIPTS))
    retries = Retries(*(once(partial(queue, name)) for name in (RETRIES, RETRIES_POISON, UPLOADS_POISON)))
    deletions = Deletions(blobs.get_container_client(REMOVALS), settings.max_deletes)
    return PhotoSync(
        photos=photos,
        ledger=ledger,
        retries=retries,
        throttle=throttle,
        recipient=partial(naming.recipient, person=directory.person),
        put_photo=graph.put_photo,
        make_photo=partial(_make_photo, settings.recipe),
        pipeline=settings.recipe.name,
        removal=Removal(photos, ledger, retries, graph.photo_etag, graph.delete_photo, deletions),
        sync_deletes=settings.sync_deletes,
    )


def once(build: Callable[[], T]) -> Callable[[], T]:
    """Return a function that builds on its first call, a single time however many threads call at once."""
    lock = threading.Lock()
    cached = functools.cache(build)

    def get() -> T:
        with lock:
            return cached()

    return get


def storage_credential(settings: Settings) -> TokenCredential:
    """Return the managed identity that storage knows."""
    return ManagedIdentityCredential(client_id=settings.storage_client_id)


def blob_service(settings: Settings, credential: TokenCredential) -> BlobServiceClient:
    """Build the client of the containers; in development, it goes by the connection string."""
    if text := settings.connection_string:
        return BlobServiceClient.from_connection_string(text, retry_policy=_RETRY)
    return BlobServiceClient(settings.blob_service_uri, credential, retry_policy=_RETRY)


def queue_service(settings: Settings, credential: TokenCredential) -> "QueueServiceClient":
    """Build the client of the queues, likewise; its package comes late, for most photos need no queue."""
    from azure.storage.queue import QueueServiceClient

    if text := settings.connection_string:
        return QueueServiceClient.from_connection_string(text, retry_policy=_RETRY)
    return QueueServiceClient(settings.queue_service_uri, credential, retry_policy=_RETRY)


def _queue(settings: Settings, credential: TokenCredential, name: str) -> "QueueClient":
    from azure.storage.queue import TextBase64EncodePolicy

    service = queue_service(settings, credential)
    return service.get_queue_client(name, message_encode_policy=TextBase64EncodePolicy())


def _make_photo(recipe: Recipe, data: bytes, kind: Kind) -> "Photo":
    """What makes it comes late: the hourly comparison needs none of it."""
    from photo_sync.photo import normalise

    return normalise(data, recipe.of(kind))


def graph_credential(settings: Settings) -> TokenCredential:
    """Return the managed identity that Graph knows; in development, whoever is signed in on this machine."""
    if settings.connection_string:
        return DefaultAzureCredential()
    return ManagedIdentityCredential(client_id=settings.graph_client_id)
