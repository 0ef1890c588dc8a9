import os
import threading
import time

import pytest
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

from local.cloud import Cloud
from photo_sync.photo import VERSION
from photo_sync.settings import Settings
from photo_sync.wiring import connect, once, storage_services

HERE = {
    "PhotoStorage__blobServiceUri": "https://contoso.blob.core.windows.net",
    "PhotoStorage__queueServiceUri": "https://contoso.queue.core.windows.net",
}
ACCOUNT = {"DefaultEndpointsProtocol": "https", "AccountName": "contoso", "AccountKey": "c2VjcmV0"}
DEVELOPMENT = {"PhotoStorage": ";".join(f"{name}={value}" for name, value in ACCOUNT.items())}


def test_building_asks_nobody_for_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:1/nobody")
    monkeypatch.setenv("IDENTITY_HEADER", "secret")
    job = connect(Settings.from_env(HERE))
    assert job.contacts_mailbox is None


@pytest.mark.parametrize(
    ("changed", "pipeline"),
    [
        ({}, f"{VERSION}-648-100000"),
        ({"PHOTO_EDGE": "96"}, f"{VERSION}-96-100000"),
        ({"MAX_PHOTO_BYTES": "20000"}, f"{VERSION}-648-20000"),
        ({"MAX_UPLOAD_BYTES": "1000", "GRAPH_CONCURRENCY": "1"}, f"{VERSION}-648-100000"),
    ],
)
def test_the_pipeline_names_all_that_makes_another_jpeg(changed: dict[str, str], pipeline: str) -> None:
    assert connect(Settings.from_env(HERE | changed)).pipeline == pipeline


def test_storage_is_reached_with_a_managed_identity() -> None:
    blobs, queues = storage_services(Settings.from_env(HERE))
    with blobs, queues:
        assert isinstance(blobs.credential, ManagedIdentityCredential)
        assert blobs.credential is queues.credential
        assert blobs.url == "https://contoso.blob.core.windows.net/"
        assert queues.url == "https://contoso.queue.core.windows.net/"


def test_a_credential_that_is_given_is_the_one_that_is_used() -> None:
    with DefaultAzureCredential() as credential:
        blobs, queues = storage_services(Settings.from_env(HERE), credential)
        with blobs, queues:
            assert blobs.credential is queues.credential is credential


def test_in_development_storage_is_reached_with_the_connection_string() -> None:
    blobs, queues = storage_services(Settings.from_env(DEVELOPMENT))
    with blobs, queues:
        for service in (blobs, queues):
            assert not isinstance(service.credential, ManagedIdentityCredential | DefaultAzureCredential)
            assert service.account_name == "contoso"


def test_the_containers_are_there_for_the_identity_to_read(machine: Cloud) -> None:
    assert machine.settings.items() <= dict(os.environ).items()
    blobs, queues = storage_services(Settings.from_env(os.environ))
    with blobs, queues:
        assert {container.name for container in blobs.list_containers()} >= {"photos", "photo-receipts"}
        assert {queue.name for queue in queues.list_queues()} >= {"photo-retries"}


def test_many_threads_at_once_build_once() -> None:
    built = []

    def build() -> object:
        time.sleep(0.05)
        built.append(object())
        return built[-1]

    get, got = once(build), list[object]()
    threads = [threading.Thread(target=lambda: got.append(get())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    assert set(got) == set(built)


def test_nothing_is_built_before_it_is_asked_for() -> None:
    built = []
    once(lambda: built.append(1))
    assert built == []


def test_what_could_not_be_built_is_tried_again() -> None:
    attempts = iter([ValueError("not yet"), None])

    def build() -> str:
        if (error := next(attempts)) is not None:
            raise error
        return "built"

    get = once(build)
    with pytest.raises(ValueError, match="not yet"):
        get()
    assert get() == "built"
