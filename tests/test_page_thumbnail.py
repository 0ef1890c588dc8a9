import threading
from dataclasses import replace
from io import BytesIO
from queue import SimpleQueue

import pytest
from PIL import Image, ImageChops, ImageStat

from local.cloud import Cloud
from photo_sync.page.reply import Declined, Reply
from photo_sync.page.thumbnail import EDGE, Thumbnails
from photo_sync.photo import Photo
from photo_sync.settings import PHOTOS, Settings
from photo_sync.sync import PhotoSync
from photo_sync.target import Kind
from photo_sync.wiring import connect
from pictures import opened, plain, quadrants, save
from status_receipts import receipt, write

ADA = "users/ada@contoso.com.jpg"
NAMES = [ADA, "users/grace@contoso.com.jpg", "users/alan@contoso.com.jpg"]


@pytest.fixture
def job(machine: Cloud) -> PhotoSync:
    return connect(Settings.from_env(machine.settings))


@pytest.fixture
def thumbnails(job: PhotoSync) -> Thumbnails:
    return Thumbnails(lambda: job)


def upload(machine: Cloud, data: bytes, name: str = ADA) -> str:
    """Put a file there, and return its ETag."""
    blob = machine.blobs.get_blob_client(PHOTOS, name)
    return str(blob.upload_blob(data, overwrite=True)["etag"]).strip('"')


def test_a_thumbnail_is_the_photo_that_was_sent_but_small(
    machine: Cloud, job: PhotoSync, thumbnails: Thumbnails
) -> None:
    etag = upload(machine, save(quadrants(1200, 900), "JPEG", quality=95))
    job.sync(ADA)
    sent = machine.graph.directory.known_user("ada@contoso.com").photo
    assert sent is not None
    thumbnail = opened(thumbnails.reply(ADA, etag).body)
    with Image.open(BytesIO(sent)) as photo:
        small = photo.resize(thumbnail.size, Image.Resampling.LANCZOS)
    assert thumbnail.size == (EDGE, EDGE)
    assert max(ImageStat.Stat(ImageChops.difference(thumbnail, small)).mean) < 3


def test_a_small_photo_is_not_enlarged(machine: Cloud, job: PhotoSync, thumbnails: Thumbnails) -> None:
    etag = upload(machine, plain(width=64, height=64))
    job.sync(ADA)
    assert opened(thumbnails.reply(ADA, etag).body).size == (64, 64)


def test_it_may_be_kept_by_the_one_who_asked_and_nobody_else(
    machine: Cloud, job: PhotoSync, thumbnails: Thumbnails
) -> None:
    etag = upload(machine, plain())
    job.sync(ADA)
    reply = thumbnails.reply(ADA, etag)
    assert reply.media_type == "image/jpeg"
    assert reply.headers["Cache-Control"] == "private, max-age=31536000, immutable"


def test_a_file_that_was_replaced_has_none_under_either_etag(
    machine: Cloud, job: PhotoSync, thumbnails: Thumbnails
) -> None:
    old = upload(machine, plain())
    job.sync(ADA)
    new = upload(machine, plain("red"))
    for etag in (old, new):
        with pytest.raises(Declined, match="changed or deleted since") as refusal:
            thumbnails.reply(ADA, etag)
        assert refusal.value.status == 404


def test_there_is_none_of_an_upload_that_never_was(machine: Cloud, job: PhotoSync, thumbnails: Thumbnails) -> None:
    upload(machine, plain())
    job.sync(ADA)
    with pytest.raises(Declined, match="changed or deleted since"):
        thumbnails.reply(ADA, "0x0")


@pytest.mark.parametrize("outcome", ["rejected", "failed", "retrying", "removed"])
def test_what_did_not_become_a_photo_has_none(machine: Cloud, thumbnails: Thumbnails, outcome: str) -> None:
    etag = upload(machine, plain())
    write(machine, receipt(ADA, outcome, etag=etag))
    with pytest.raises(Declined, match="has not become a photo"):
        thumbnails.reply(ADA, etag)


@pytest.mark.parametrize("name", [ADA, "users/../users/ada@contoso.com.jpg", ".."])
def test_what_is_not_there_has_none(machine: Cloud, thumbnails: Thumbnails, name: str) -> None:
    write(machine, receipt(ADA))
    with pytest.raises(Declined, match="deleted since"):
        thumbnails.reply(name, "0x1")


def test_what_would_be_refused_today_has_none(machine: Cloud, thumbnails: Thumbnails) -> None:
    etag = upload(machine, b"%PDF-1.7")
    write(machine, receipt(ADA, etag=etag, kind="users"))
    with pytest.raises(Declined, match="does not become a photo any more: This file is a PDF"):
        thumbnails.reply(ADA, etag)


def test_it_is_made_once_for_all_who_ask_and_looked_up_each_time(
    machine: Cloud, job: PhotoSync, thumbnails: Thumbnails
) -> None:
    etag = upload(machine, plain())
    job.sync(ADA)
    assert thumbnails.reply(ADA, etag).body is thumbnails.reply(ADA, etag).body
    upload(machine, plain("red"))
    with pytest.raises(Declined, match="changed or deleted since"):
        thumbnails.reply(ADA, etag)


def test_those_that_were_wanted_last_are_kept(
    machine: Cloud, job: PhotoSync, thumbnails: Thumbnails, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photo_sync.page.thumbnail._KEPT", 2)
    etags = {name: upload(machine, plain(), name) for name in NAMES}
    for name in NAMES:
        job.sync(name)
    first, second, third = ((name, etags[name]) for name in NAMES)
    made = {name: thumbnails.reply(name, etag).body for name, etag in (first, second, first, third)}
    assert thumbnails.reply(*first).body is made[first[0]]
    assert thumbnails.reply(*second).body is not made[second[0]]


def answer(thumbnails: Thumbnails, etag: str) -> Reply:
    """What somebody is answered who asks for Ada's."""
    try:
        return thumbnails.reply(ADA, etag)
    except Declined as refusal:
        return refusal.reply()


class Slow:
    """The step of the job that makes the photo, which waits until it may go on."""

    def __init__(self, job: PhotoSync) -> None:
        self.busy, self.go_on = threading.Semaphore(0), threading.Event()
        self.job = replace(job, make_photo=self._make)
        self._made = job.make_photo

    def _make(self, data: bytes, kind: Kind) -> Photo:
        self.busy.release()
        assert self.go_on.wait(timeout=10)
        return self._made(data, kind)


def test_two_are_made_at_a_time_two_more_wait_for_them_and_whoever_comes_then_comes_again(
    machine: Cloud, job: PhotoSync
) -> None:
    etag, slow = upload(machine, plain()), Slow(job)
    job.sync(ADA)
    thumbnails, told = Thumbnails(lambda: slow.job), SimpleQueue[Reply]()
    threads = [threading.Thread(target=lambda: told.put(answer(thumbnails, etag))) for _ in range(5)]
    for thread in threads:
        thread.start()
    assert all(slow.busy.acquire(timeout=10) for _ in range(2))
    refusal = told.get(timeout=10)
    assert (refusal.status, refusal.headers["Retry-After"]) == (503, "1")
    slow.go_on.set()
    for thread in threads:
        thread.join()
    assert [told.get(block=False).status for _ in range(4)] == [200] * 4
    assert not slow.busy.acquire(blocking=False)  # those who waited were given what was made meanwhile


def test_whoever_has_waited_for_long_comes_again(
    machine: Cloud, job: PhotoSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photo_sync.page.thumbnail._PATIENCE", 0.01)
    etag, slow = upload(machine, plain()), Slow(job)
    job.sync(ADA)
    thumbnails = Thumbnails(lambda: slow.job)
    threads = [threading.Thread(target=thumbnails.reply, args=(ADA, etag)) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert all(slow.busy.acquire(timeout=10) for _ in threads)
    with pytest.raises(Declined, match="This one comes in a moment"):
        thumbnails.reply(ADA, etag)
    slow.go_on.set()
    for thread in threads:
        thread.join()
    assert thumbnails.reply(ADA, etag).status == 200
