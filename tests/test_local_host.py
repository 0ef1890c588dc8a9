import base64
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import azure.functions as func
import azurefunctions.extensions.bindings.blob as blob_binding
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueServiceClient

from local.blob_trigger import connect
from local.cloud import Cloud
from local.event_grid import event_grid
from local.host import host
from local.queue_listener import FAILED
from photo_sync.settings import CONNECTION
from pictures import plain as jpeg
from waiting import eventually

PROJECT = Path(__file__).parents[1]

Run = Callable[[blob_binding.BlobClient], None]


def app_that(run: Run, container: str = "photos") -> func.FunctionApp:
    """An app with one function, named after the container that it watches."""
    app = func.FunctionApp()
    add(app, run, container)
    return app


def add(app: func.FunctionApp, run: Run, container: str) -> None:
    @app.function_name(container.replace("-", "_"))
    @app.blob_trigger(
        arg_name="upload", path=f"{container}/{{name}}", connection=CONNECTION, source=func.BlobSource.EVENT_GRID
    )
    def uploaded(upload: blob_binding.BlobClient) -> None:
        run(upload)


@contextmanager
def running(app: func.FunctionApp, *, parallel: int = 4, tries: int = 3, visibility: int = 300) -> Iterator[None]:
    blobs = {"maxDegreeOfParallelism": parallel, "poisonBlobThreshold": tries}
    with host(app, {"extensions": {"blobs": blobs}}, visibility=visibility) as triggers, event_grid(triggers):
        yield


@pytest.fixture
def queues(machine: Cloud) -> Iterator[QueueServiceClient]:
    """Storage's queues, emptied: the host's live on from test to test."""
    blobs, service = connect(CONNECTION, machine.settings)
    with blobs, service:
        for queue in service.list_queues():
            service.get_queue_client(queue.name).clear_messages()
        yield service


@pytest.fixture
def photos(machine: Cloud, queues: QueueServiceClient) -> ContainerClient:
    del queues
    return machine.blobs.get_container_client("photos")


def poison(queues: QueueServiceClient) -> list[dict[str, str]]:
    """What lies in the poison queue, as somebody sees it who reads the queue without any help."""
    queue = queues.get_queue_client("webjobs-blobtrigger-poison")
    try:
        return [json.loads(base64.b64decode(message.content)) for message in queue.peek_messages(max_messages=32)]
    except ResourceNotFoundError:  # the host makes it when it needs it
        return []


def waiting(queues: QueueServiceClient) -> int:
    """How many messages there are in all queues, those that are worked on and the poisoned ones included."""
    clients = [queues.get_queue_client(queue.name) for queue in queues.list_queues()]
    return sum(client.get_queue_properties().approximate_message_count or 0 for client in clients)


# New blobs

NAMES = {
    "users/ada@contoso.com.jpg",
    "users/adele_x.com#EXT#@y.com.jpg",
    "users/mary o'neill.jpg",
    "users/josé.jpg",
    "users/jose\u0301.jpg",
    "users/日本.jpg",
    "users/100%23.jpg",
    "users/a+b=c&d.jpg",
    'users/<"what?">.jpg',
    "users/ada@contoso.com/contactFolders/AAMk=/contacts/AAMk-_=.jpg",
    "top level.jpg",
}


def test_a_new_blob_fires_the_function_with_a_client_of_that_very_blob(photos: ContainerClient) -> None:
    seen = dict[str, bytes]()

    def run(upload: blob_binding.BlobClient) -> None:
        seen[upload.blob_name] = upload.download_blob().readall()

    with running(app_that(run)):
        for name in NAMES:
            photos.upload_blob(name, name.encode())
        assert eventually(lambda: len(seen) >= len(NAMES))
    assert seen == {name: name.encode() for name in NAMES}


def test_a_blob_that_was_there_before_fires_too(photos: ContainerClient) -> None:
    seen = list[str]()
    photos.upload_blob("me.jpg", b"me")
    with running(app_that(lambda upload: seen.append(upload.blob_name))):
        assert eventually(lambda: seen == ["me.jpg"])


def test_an_overwritten_blob_fires_again(photos: ContainerClient) -> None:
    seen = list[bytes]()
    with running(app_that(lambda upload: seen.append(upload.download_blob().readall()))):
        photos.upload_blob("me.jpg", b"first")
        assert eventually(lambda: seen == [b"first"])
        photos.upload_blob("me.jpg", b"second", overwrite=True)
        assert eventually(lambda: seen == [b"first", b"second"])


def test_a_blob_that_stays_as_it_is_fires_once(photos: ContainerClient) -> None:
    seen = Counter[str]()
    with running(app_that(lambda upload: seen.update([upload.blob_name]))):
        photos.upload_blob("me.jpg", b"me")
        assert eventually(lambda: seen["me.jpg"] > 0)
        photos.upload_blob("you.jpg", b"you")
        assert eventually(lambda: seen["you.jpg"] > 0)
    assert seen == {"me.jpg": 1, "you.jpg": 1}


def test_each_function_gets_the_blobs_of_its_own_container(machine: Cloud, photos: ContainerClient) -> None:
    seen = dict[str, set[str]](photos=set(), receipts=set())
    app = app_that(lambda upload: seen["photos"].add(upload.blob_name))
    add(app, lambda upload: seen["receipts"].add(upload.blob_name), "photo-receipts")
    expected = {"photos": {f"{at}.jpg" for at in range(6)}, "receipts": {f"{at}.json" for at in range(6)}}
    with running(app):
        for photo, receipt in zip(*expected.values(), strict=True):
            photos.upload_blob(photo, b"photo")
            machine.blobs.get_blob_client("photo-receipts", receipt).upload_blob(b"receipt")
        eventually(lambda: sum(map(len, seen.values())) >= 12)
    assert seen == expected


# Failures


def test_a_function_that_keeps_failing_is_given_up_after_so_many_tries(
    photos: ContainerClient, queues: QueueServiceClient
) -> None:
    tried = list[str]()

    def run(upload: blob_binding.BlobClient) -> None:
        tried.append(upload.blob_name)
        raise ValueError(upload.blob_name)

    with running(app_that(run), tries=3):
        etag = photos.upload_blob("users/josé#1.jpg", b"bad").get_blob_properties().etag
        assert eventually(lambda: poison(queues) != [])
    assert tried == ["users/josé#1.jpg"] * 3
    assert poison(queues) == [
        {
            "FunctionId": "Host.Functions.photos",
            "BlobType": "BlockBlob",
            "ContainerName": "photos",
            "BlobName": "users/josé#1.jpg",
            "ETag": etag.strip('"'),
        }
    ]


def test_a_function_that_succeeds_in_the_end_leaves_nothing_behind(
    photos: ContainerClient, queues: QueueServiceClient
) -> None:
    tries = list[str]()

    def run(upload: blob_binding.BlobClient) -> None:
        tries.append(upload.blob_name)
        if len(tries) < 3:
            raise ConnectionError

    with running(app_that(run), tries=3):
        photos.upload_blob("me.jpg", b"me")
        assert eventually(lambda: len(tries) == 3)
    assert waiting(queues) == 0


def test_one_blob_that_fails_does_not_hold_up_the_others(photos: ContainerClient, queues: QueueServiceClient) -> None:
    seen = list[str]()

    def run(upload: blob_binding.BlobClient) -> None:
        if upload.blob_name == "bad.jpg":
            raise ValueError
        seen.append(upload.blob_name)

    with running(app_that(run), parallel=1):
        photos.upload_blob("bad.jpg", b"bad")
        photos.upload_blob("good.jpg", b"good")
        assert eventually(lambda: seen == ["good.jpg"] and len(poison(queues)) == 1)


def test_each_try_that_fails_is_told_with_its_blob_and_the_reason(
    photos: ContainerClient, queues: QueueServiceClient, caplog: pytest.LogCaptureFixture
) -> None:
    def run(_upload: blob_binding.BlobClient) -> None:
        raise ValueError("no good")

    with running(app_that(run), tries=2):
        photos.upload_blob("bad.jpg", b"bad")
        assert eventually(lambda: len(poison(queues)) == 1)
    told = [record.getMessage() for record in caplog.records if FAILED in record.getMessage()]
    assert told == [f"{FAILED}, {attempt} of 2 for bad.jpg: ValueError: no good" for attempt in (1, 2)]


def test_a_run_that_takes_too_long_is_run_again_and_nobody_stumbles(
    photos: ContainerClient, queues: QueueServiceClient
) -> None:
    runs = list[float]()

    def run(_upload: blob_binding.BlobClient) -> None:
        runs.append(time.monotonic())
        if len(runs) == 1:
            time.sleep(2)

    with running(app_that(run), visibility=1):
        photos.upload_blob("me.jpg", b"me")
        assert eventually(lambda: len(runs) == 2)
    assert waiting(queues) == 0


def test_a_blob_that_has_gone_is_not_tried_again(photos: ContainerClient, queues: QueueServiceClient) -> None:
    tried = list[str]()

    def run(upload: blob_binding.BlobClient) -> None:
        tried.append(upload.blob_name)
        upload.delete_blob()
        raise ConnectionError

    with running(app_that(run), parallel=1):
        photos.upload_blob("me.jpg", b"me")
        assert eventually(lambda: tried != [] and waiting(queues) == 0)
    assert tried == ["me.jpg"]


# How many at once


@pytest.mark.parametrize("parallel", [1, 3])
def test_so_many_runs_are_at_the_same_time_and_no_more(photos: ContainerClient, parallel: int) -> None:
    lock, together = threading.Lock(), threading.Barrier(parallel)
    now, most, done = 0, 0, 0

    def run(_upload: blob_binding.BlobClient) -> None:
        nonlocal now, most, done
        with lock:
            now += 1
            most = max(most, now)
        together.wait(timeout=10)  # nobody goes on before so many are here
        time.sleep(0.1)
        with lock:
            now -= 1
            done += 1

    with running(app_that(run), parallel=parallel):
        for at in range(2 * parallel):
            photos.upload_blob(f"{at}.jpg", b"photo")
        assert eventually(lambda: done == 2 * parallel)
    assert most == parallel


def test_the_host_ends_when_the_run_under_way_has_ended(photos: ContainerClient) -> None:
    started, ended = threading.Event(), threading.Event()

    def run(_upload: blob_binding.BlobClient) -> None:
        started.set()
        time.sleep(0.5)
        ended.set()

    with running(app_that(run)):
        photos.upload_blob("me.jpg", b"me")
        assert started.wait(timeout=10)
    assert ended.is_set()


# What it cannot do


def with_queue_text(app: func.FunctionApp) -> None:
    @app.queue_trigger(arg_name="message", queue_name="photos", connection=CONNECTION)
    def texted(message: str) -> None: ...


def with_odd_schedule(app: func.FunctionApp) -> None:
    @app.timer_trigger(arg_name="timer", schedule="every hour")
    def hourly(timer: func.TimerRequest) -> None: ...


def with_no_connection(app: func.FunctionApp) -> None:
    @app.queue_trigger(arg_name="message", queue_name="photos", connection="Elsewhere")
    def far(message: func.QueueMessage) -> None: ...


def with_service_bus(app: func.FunctionApp) -> None:
    @app.service_bus_queue_trigger(arg_name="message", queue_name="photos", connection=CONNECTION)
    def on_message(message: func.ServiceBusMessage) -> None: ...


def with_polling(app: func.FunctionApp) -> None:
    @app.blob_trigger(arg_name="upload", path="photos/{name}", connection=CONNECTION)
    def polled(upload: blob_binding.BlobClient) -> None: ...


def with_stream(app: func.FunctionApp) -> None:
    @app.blob_trigger(arg_name="upload", path="photos/{name}", connection=CONNECTION, source=func.BlobSource.EVENT_GRID)
    def streamed(upload: func.InputStream) -> None: ...


def with_downloader(app: func.FunctionApp) -> None:
    @app.blob_trigger(arg_name="upload", path="photos/{name}", connection=CONNECTION, source=func.BlobSource.EVENT_GRID)
    def downloaded(upload: blob_binding.StorageStreamDownloader) -> None: ...


def with_no_annotation(app: func.FunctionApp) -> None:
    @app.blob_trigger(arg_name="upload", path="photos/{name}", connection=CONNECTION, source=func.BlobSource.EVENT_GRID)
    def bare(upload): ...  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - this is the point


@pytest.mark.parametrize(
    ("declare", "sentence"),
    [
        (with_service_bus, "The local host cannot fire on_message: it does not know a serviceBusTrigger."),
        (with_polling, "The local host cannot fire polled: its source must be EventGrid."),
        (with_stream, "The local host cannot bind upload of streamed as InputStream."),
        (with_downloader, "The local host cannot bind upload of downloaded as StorageStreamDownloader."),
        (with_no_annotation, "The local host cannot bind upload of bare"),
        (with_queue_text, "The local host cannot bind message of texted as str."),
        (with_odd_schedule, "The local host cannot fire hourly: it cannot read the schedule 'every hour'."),
        (with_no_connection, "The local host cannot connect: Elsewhere__queueServiceUri must be set."),
    ],
)
@pytest.mark.usefixtures("machine")
def test_what_the_host_cannot_do_is_said_before_anything_runs(
    declare: Callable[[func.FunctionApp], None], sentence: str
) -> None:
    app = func.FunctionApp()
    declare(app)
    with pytest.raises(RuntimeError) as refusal, running(app):
        pytest.fail("it runs")
    assert str(refusal.value).startswith(sentence)


# As a process of its own


def said(line: str, output: IO[str]) -> bool:
    """Whether this line comes before the output ends."""
    return any(line in heard for heard in output)


@pytest.fixture
def process(machine: Cloud, queues: QueueServiceClient) -> Iterator[subprocess.Popen[str]]:
    """The project's own functions, as the demo runs them: with nothing but the app's settings."""
    del queues
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | machine.settings
    command = [sys.executable, "-m", "local.host"]
    with subprocess.Popen(  # noqa: S603 - the command is ours
        command, cwd=PROJECT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        assert said("The local host is up.", started.stdout)
        yield started
        started.kill()


@pytest.mark.usefixtures("process")
def test_a_picture_is_somebodys_photo_within_two_seconds(machine: Cloud, photos: ContainerClient) -> None:
    ada = machine.graph.directory.user("ada@contoso.com")
    assert ada is not None
    photos.upload_blob("users/ada@contoso.com.jpg", jpeg())
    assert eventually(lambda: ada.photo is not None, seconds=2)


def test_the_process_ends_well_when_its_standard_input_closes(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=5) == 0
