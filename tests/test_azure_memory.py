"""Storage in memory is no laxer than the emulator: the same operations have the same results and the same refusals."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobProperties, ContainerClient
from azure.storage.queue import QueueMessage

from azure_memory import MemoryContainer
from local.cloud import Cloud
from memory_queue import MemoryQueue
from photo_sync.listing import blob_pages
from photo_sync.settings import PHOTOS, RETRIES

NAME = "users/ada@contoso.com.jpg"
METADATA = {"etag": "0x1", "outcome": "synced"}

Condition = Mapping[str, Any]
Operation = Callable[[ContainerClient, Condition], object]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def containers(machine: Cloud) -> tuple[ContainerClient, ContainerClient]:
    """Azurite's and the one in memory."""
    return machine.blobs.get_container_client(PHOTOS), cast("ContainerClient", MemoryContainer(PHOTOS, now))


def attempt(operation: Callable[[], object]) -> object:
    """What an operation returns, or how it was refused."""
    try:
        return operation()
    except HttpResponseError as error:
        return type(error), error.status_code, getattr(error, "error_code", None)


def write(container: ContainerClient, data: bytes, **options: Any) -> str:  # noqa: ANN401 - they are the client's
    written = container.get_blob_client(NAME).upload_blob(data, overwrite=True, **options)
    return str(written["etag"])


# What there was before


def nothing(_container: ContainerClient) -> list[str]:
    return ['"0x5"', '"0x5"']


def one_write(container: ContainerClient) -> list[str]:
    return ['"0x5"', write(container, b"old", metadata=METADATA)]


def two_writes(container: ContainerClient) -> list[str]:
    return [write(container, b"old", metadata=METADATA), write(container, b"newer")]


def the_same_write_twice(container: ContainerClient) -> list[str]:
    return [write(container, b"old"), write(container, b"old")]


def a_deletion(container: ContainerClient) -> list[str]:
    etag = write(container, b"old")
    container.get_blob_client(NAME).delete_blob()
    return [etag, etag]


BEFORE = (nothing, one_write, two_writes, the_same_write_twice, a_deletion)


# What is done then


def look(container: ContainerClient, _condition: Condition) -> object:
    return told(container.get_blob_client(NAME).get_blob_properties())


def read(container: ContainerClient, condition: Condition) -> object:
    blob = container.download_blob(NAME, **condition)
    return blob.readall(), blob.properties.metadata


def overwrite(container: ContainerClient, condition: Condition) -> object:
    before = {blob.etag for blob in container.list_blobs()}
    return write(container, b"newest", metadata=METADATA, **condition).strip('"') in before


def create(container: ContainerClient, _condition: Condition) -> object:
    return type(container.get_blob_client(NAME).upload_blob(b"newest"))


def delete(container: ContainerClient, condition: Condition) -> object:
    container.get_blob_client(NAME).delete_blob(delete_snapshots="include", **condition)
    return "deleted"


def told(blob: BlobProperties) -> object:
    """What the app reads of a blob's properties, but for its ETag, which is every storage's own."""
    fresh = timedelta(0) <= now() - blob.last_modified + timedelta(seconds=1) < timedelta(minutes=1)
    return blob.name, blob.size, blob.metadata, bytes(blob.content_settings.content_md5 or b""), fresh


CONDITIONS: dict[str, Callable[[list[str]], Condition]] = {
    "whatever is there": lambda _etags: {},
    "if it is missing": lambda _etags: {"match_condition": MatchConditions.IfMissing},
    "if it is the newest": lambda etags: {"etag": etags[-1], "match_condition": MatchConditions.IfNotModified},
    "if it is the one before": lambda etags: {"etag": etags[0], "match_condition": MatchConditions.IfNotModified},
}


@pytest.mark.parametrize(
    ("operation", "condition"),
    [
        *((operation, "whatever is there") for operation in (look, read, overwrite, create, delete)),
        *((read, condition) for condition in ("if it is the newest", "if it is the one before")),
        *((delete, condition) for condition in ("if it is the newest", "if it is the one before")),
        *((overwrite, condition) for condition in CONDITIONS),
    ],
)
@pytest.mark.parametrize("before", BEFORE)
def test_a_blob_is_treated_alike(
    containers: tuple[ContainerClient, ContainerClient],
    before: Callable[[ContainerClient], list[str]],
    operation: Operation,
    condition: str,
) -> None:
    assert outcome(containers[0], before, operation, condition) == outcome(containers[1], before, operation, condition)


def outcome(
    container: ContainerClient,
    before: Callable[[ContainerClient], list[str]],
    operation: Operation,
    condition: str,
) -> object:
    """What comes back, and what there is afterwards."""
    etags = before(container)
    result = attempt(lambda: operation(container, CONDITIONS[condition](etags)))
    after = attempt(lambda: container.get_blob_client(NAME).get_blob_properties().etag in etags)
    return result, after, attempt(lambda: look(container, {})), attempt(lambda: read(container, {}))


def test_etags_are_quoted_but_in_a_listing(containers: tuple[ContainerClient, ContainerClient]) -> None:
    for container in containers:
        etag = write(container, b"old")
        assert container.get_blob_client(NAME).get_blob_properties().etag == etag
        assert container.download_blob(NAME).properties.etag == etag
        assert [f'"{blob.etag}"' for blob in container.list_blobs()] == [etag]


def test_listings_are_alike(containers: tuple[ContainerClient, ContainerClient]) -> None:
    azurite, memory = (list(listings(container)) for container in containers)
    assert azurite == memory


def listings(container: ContainerClient) -> Iterator[object]:
    for name in ("b.png", "a.jpg", "b.jpg", "B.jpg", "a b.jpg"):
        container.get_blob_client(name).upload_blob(name.encode(), metadata=METADATA)
    for include in ([], ["metadata"]):
        yield [(token, [told(blob) for blob in blobs]) for token, blobs in blob_pages(container, "", include)]
    for prefix in ("b", "b.", "c"):
        yield list(container.list_blob_names(name_starts_with=prefix))


@pytest.mark.parametrize(
    ("seconds", "lives"), [(0, -1), (1, -1), (604_800, -1), (604_801, -1), (-1, -1), (7, 5), (7, 7), (7, 9), (0, 0)]
)
def test_a_message_is_treated_alike(machine: Cloud, seconds: int, lives: int) -> None:
    azurite, memory = machine.queues.get_queue_client(RETRIES), MemoryQueue(RETRIES, now)
    sent = attempt(lambda: waits(azurite.send_message("{}", visibility_timeout=seconds, time_to_live=lives)))
    kept = attempt(lambda: memory.send_message("{}", visibility_timeout=seconds, time_to_live=lives))
    assert (sent == seconds) if kept is None else (sent == kept)
    assert [round((message.due - now()).total_seconds()) for message in memory.messages] == [seconds][: kept is None]
    counts = [queue.get_queue_properties().approximate_message_count for queue in (azurite, memory)]
    assert counts[0] == counts[1]


def waits(message: QueueMessage) -> float:
    """For how many seconds nobody is given this message."""
    assert message.next_visible_on is not None
    assert message.inserted_on is not None
    return (message.next_visible_on - message.inserted_on).total_seconds()
