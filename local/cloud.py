"""One machine's cloud: storage, identity and Graph together, and the settings that an app in it is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from azure.core.credentials import AccessToken
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from local.directory import Directory
from local.graph import GraphEmulator
from local.identity import CLIENT_ID, STORAGE, Identity
from local.storage import Storage, storage
from photo_sync.settings import CONNECTION, PHOTOS, RECEIPTS, REMOVALS, RETRIES, RETRIES_POISON, UPLOADS_POISON

MAILBOX = "ada@contoso.com"


@dataclass(frozen=True)
class Cloud:
    """Storage, identity and Graph, all running."""

    storage: Storage
    identity: Identity
    graph: GraphEmulator
    blobs: BlobServiceClient = field(repr=False)
    """A client of somebody who may do everything: it stands for the Azure CLI, a storage explorer, an HR system."""
    queues: QueueServiceClient = field(repr=False)
    """Another one, for the queues."""

    @property
    def settings(self) -> dict[str, str]:
        """The environment of an app: the settings that Bicep writes in the cloud, and what the platform adds."""
        return {
            f"{CONNECTION}__blobServiceUri": self.storage.blob_uri,
            f"{CONNECTION}__queueServiceUri": self.storage.queue_uri,
            f"{CONNECTION}__credential": "managedidentity",
            f"{CONNECTION}__clientId": CLIENT_ID,
            "AZURE_CLIENT_ID": CLIENT_ID,
            "GRAPH_URL": self.graph.url,
            "CONTACTS_MAILBOX": MAILBOX,
            "IDENTITY_ENDPOINT": self.identity.endpoint,
            "IDENTITY_HEADER": self.identity.header,
            "REQUESTS_CA_BUNDLE": str(self.storage.certificate),
        }


@contextmanager
def cloud(directory: Directory) -> Iterator[Cloud]:
    """Run everything inside the block, the containers and queues made."""
    identity = Identity()
    emulator = GraphEmulator(directory, identity.key)
    with storage() as azurite, identity.serving(), emulator.serving():
        identity.audiences.add(emulator.root)
        somebody, trusted = _Anybody(identity), str(azurite.certificate)
        with (
            BlobServiceClient(azurite.blob_uri, somebody, connection_verify=trusted) as blobs,
            QueueServiceClient(azurite.queue_uri, somebody, connection_verify=trusted) as queues,
        ):
            for name in (PHOTOS, RECEIPTS, REMOVALS):
                blobs.create_container(name)
            for name in (RETRIES, RETRIES_POISON, UPLOADS_POISON):
                queues.create_queue(name)
            yield Cloud(azurite, identity, emulator, blobs, queues)


class _Anybody:
    """A credential for whoever uses the storage from outside."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        """Return a token for storage."""
        return AccessToken(self._identity.app_token(STORAGE), 2**31)
