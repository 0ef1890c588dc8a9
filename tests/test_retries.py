import base64
import json
import os
import time

import pytest
from azure.storage.queue import QueueClient
from hypothesis import given
from hypothesis import strategies as st

from local.cloud import Cloud
from photo_sync.retries import Retries, Retry
from photo_sync.settings import RETRIES, Settings
from photo_sync.wiring import connect
from waiting import eventually

ADA = "users/ada@contoso.com.jpg"


@pytest.fixture
def retries(machine: Cloud) -> Retries:
    """The queue as the app is wired to it in Azure."""
    assert machine.settings.items() <= dict(os.environ).items()
    return connect(Settings.from_env(os.environ)).retries


@pytest.fixture
def queue(machine: Cloud) -> QueueClient:
    """The queue as whoever looks into it from outside sees it: messages as they are stored."""
    return machine.queues.get_queue_client(RETRIES)


# Messages


@pytest.mark.parametrize(
    "retry", [Retry(ADA), Retry(ADA, force=True), Retry(ADA, remove=True), Retry("users/josé 🙂@contoso.com.jpg")]
)
def test_a_message_is_read_as_it_was_written(retry: Retry) -> None:
    assert Retry.from_json(retry.to_json()) == retry
    assert Retry.from_json(retry.to_json().encode()) == retry


@given(st.builds(Retry, st.text(st.characters(exclude_categories=()), min_size=1), st.booleans(), st.booleans()))
def test_any_message_is_read_as_it_was_written(retry: Retry) -> None:
    assert Retry.from_json(retry.to_json().encode()) == retry


@pytest.mark.parametrize(
    ("text", "retry"),
    [
        ('{"photo": "users/ada@contoso.com.jpg"}', Retry(ADA)),
        ('{"photo": "users/ada@contoso.com.jpg", "force": true}', Retry(ADA, force=True)),
        ('{"photo": "users/ada@contoso.com.jpg", "force": false, "newer": 1}', Retry(ADA)),
    ],
)
def test_a_message_may_say_less_or_more(text: str, retry: Retry) -> None:
    assert Retry.from_json(text) == retry


def deleted(name: str, **changed: str) -> str:
    """What Event Grid writes into a queue when a blob was deleted."""
    subject = f"/blobServices/default/containers/photos/blobs/{name}"
    event = {"topic": "/subscriptions/0", "subject": subject, "eventType": "Microsoft.Storage.BlobDeleted", "id": "1"}
    data = {"api": "DeleteBlob", "url": "https://contoso.blob.core.windows.net/photos/x"}
    return json.dumps({**event, "data": data, "dataVersion": "", "metadataVersion": "1"} | changed)


@pytest.mark.parametrize("name", [ADA, "users/a b#c+%41@contoso.com.jpg", "users/josé/blobs/x.jpg"])
def test_an_event_of_a_deleted_blob_is_a_message_about_that_photo(name: str) -> None:
    assert Retry.from_json(deleted(name)) == Retry(name)


@pytest.mark.parametrize(
    "text",
    [
        deleted(""),
        deleted(ADA, eventType="Microsoft.Storage.BlobCreated"),
        deleted(ADA, subject=f"/blobServices/default/containers/photos-old/blobs/{ADA}"),
        deleted(ADA, subject="photos"),
        "",
        "hello",
        "null",
        "7",
        "[]",
        '["photo"]',
        '"photo"',
        "{}",
        '{"name": "users/ada@contoso.com.jpg"}',
        b"\xff\xfe\xfd",
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_is_no_message_of_ours_is_said_to_be_none(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"^This is no message of photo-retries: "):
        Retry.from_json(text)


# The queue


def test_a_message_is_in_base64_as_the_functions_host_expects_it(retries: Retries, queue: QueueClient) -> None:
    retry = Retry("users/josé 🙂@contoso.com.jpg", force=True)
    retries.send(retry, after=0)
    message = queue.receive_message()
    assert message is not None
    assert Retry.from_json(base64.b64decode(message.content, validate=True)) == retry


def test_a_message_waits_for_ever(retries: Retries, queue: QueueClient) -> None:
    retries.send(Retry(ADA), after=0)
    message = queue.receive_message()
    assert message is not None
    assert message.expires_on is not None
    assert message.expires_on.year == 9999


def test_a_message_that_is_due_is_seen_at_once(retries: Retries, queue: QueueClient) -> None:
    retries.send(Retry(ADA), after=0)
    assert queue.receive_message() is not None


def test_a_message_is_not_seen_before_it_is_due_and_is_then(retries: Retries, queue: QueueClient) -> None:
    sent = time.monotonic()
    retries.send(Retry(ADA), after=0.3)
    assert queue.receive_message() is None
    assert eventually(lambda: queue.receive_message() is not None)
    assert time.monotonic() - sent >= 0.3


def test_a_message_may_be_due_in_days(retries: Retries, queue: QueueClient) -> None:
    retries.send(Retry(ADA), after=6 * 24 * 3600)
    assert queue.receive_message() is None


def test_what_waits_is_counted_whether_it_is_due_or_not(retries: Retries) -> None:
    assert retries.waiting() == 0
    for after in (0, 60, 3600):
        retries.send(Retry(ADA), after=after)
    assert retries.waiting() == 3
