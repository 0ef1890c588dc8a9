import threading
from collections.abc import Iterator
from contextlib import contextmanager

from azure.storage.blob import ContainerClient

from local.cloud import Cloud
from photo_sync.doctor import State
from photo_sync.drop import Drop
from photo_sync.round_trip import round_trip
from photo_sync.settings import PHOTOS, RECEIPTS, Settings
from photo_sync.sync import PhotoSync
from photo_sync.wiring import connect


@contextmanager
def app(job: PhotoSync, photos: ContainerClient) -> Iterator[list[str]]:
    """The app, told of every blob that is there, again and again; yields what it was told of."""
    stop, seen = threading.Event(), list[str]()

    def run() -> None:
        while not stop.wait(0.1):
            for name in photos.list_blob_names():
                seen.append(name)
                job.sync(name)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def test_a_probe_comes_back_as_a_receipt_without_asking_graph_and_is_taken_away(machine: Cloud) -> None:
    job, photos = connect(Settings.from_env(machine.settings)), machine.blobs.get_container_client(PHOTOS)
    asked = len(machine.graph.seen())
    with app(job, photos) as seen:
        check = round_trip(job, Drop(photos), 20)
    assert check.state == State.GREEN
    assert len(machine.graph.seen()) == asked
    assert list(photos.list_blob_names()) == []
    assert job.retries.waiting() == 1  # by which the receipt is tidied
    job.sync(seen[0])
    assert list(machine.blobs.get_container_client(RECEIPTS).list_blob_names()) == []


def test_silence_is_red_and_the_probe_is_taken_away(machine: Cloud) -> None:
    job, photos = connect(Settings.from_env(machine.settings)), machine.blobs.get_container_client(PHOTOS)
    check = round_trip(job, Drop(photos), 0)
    assert check.state == State.RED
    assert "`azd hooks run postdeploy` makes it again" in check.told
    assert list(photos.list_blob_names()) == []


def test_storage_that_refuses_the_probe_is_red(machine: Cloud) -> None:
    job = connect(Settings.from_env(machine.settings))
    check = round_trip(job, Drop(machine.blobs.get_container_client("nowhere")), 0)
    assert (check.state, check.told) == (State.RED, "It is not there. `azd provision` makes it.")
