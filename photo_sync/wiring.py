"""Builds the job from the settings: clients, credentials, containers. Nothing is built before the first use."""

import functools
import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from azure.core.credentials import TokenCredential
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient, ExponentialRetry

from photo_sync.graph import Graph
from photo_sync.receipts import Receipts
from photo_sync.settings import PHOTOS, RECEIPTS, Settings
from photo_sync.storage import Photos
from photo_sync.sync import PhotoSync

T = TypeVar("T")


def connect(settings: Settings) -> PhotoSync:
    """Build the job and its clients; opens no connection yet."""
    logging.getLogger("azure").setLevel(logging.WARNING)  # at INFO they log the headers of every request
    blobs = blob_service(settings)
    return PhotoSync(
        photos=Photos(blobs.get_container_client(PHOTOS), settings.max_upload_bytes),
        receipts=Receipts(blobs.get_container_client(RECEIPTS)),
        put_photo=Graph(settings.graph_url, _graph_credential(settings)).put_photo,
        contacts_mailbox=settings.contacts_mailbox,
        photo_edge=settings.photo_edge,
        max_photo_bytes=settings.max_photo_bytes,
    )


def once(build: Callable[[], T]) -> Callable[[], T]:
    """Return a function that builds on its first call, a single time however many threads call at once."""
    lock = threading.Lock()
    cached = functools.cache(build)

    def get() -> T:
        with lock:
            return cached()

    return get


def blob_service(settings: Settings) -> BlobServiceClient:
    """Build the storage client, as the managed identity or, in development, from the connection string."""
    retry = ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=3)  # the default would sleep for minutes
    if settings.connection_string:
        return BlobServiceClient.from_connection_string(settings.connection_string, retry_policy=retry)
    credential = ManagedIdentityCredential(client_id=settings.storage_client_id)
    return BlobServiceClient(settings.blob_service_uri, credential, retry_policy=retry)


def _graph_credential(settings: Settings) -> TokenCredential:
    """The managed identity; in development, whoever is signed in on this machine."""
    if settings.connection_string:
        return DefaultAzureCredential()
    return ManagedIdentityCredential(client_id=settings.graph_client_id)
