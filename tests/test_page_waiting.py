import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from azure.core.exceptions import ServiceRequestError

from local.cloud import Cloud
from photo_sync.ledger import Line
from photo_sync.page.waiting import Waiting, tell
from photo_sync.settings import PHOTOS, Settings
from photo_sync.standing import Standing
from photo_sync.storage import Upload
from photo_sync.sync import PhotoSync
from photo_sync.wiring import connect
from pictures import plain

ADA, TIM = "users/ada@contoso.com.jpg", "users/tim@contoso.com.jpg"
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def job(machine: Cloud) -> PhotoSync:
    """Ada's photo is synced; the app has not been told of Tim's."""
    made = connect(Settings.from_env(machine.settings))
    for name in (ADA, TIM):
        machine.blobs.get_blob_client(PHOTOS, name).upload_blob(plain())
    made.sync(ADA)
    return made


def standing(name: str, minutes: int, line: Line | None = None) -> Standing:
    """A photo whose file was uploaded so many minutes ago."""
    return Standing(name, Upload(name, "2", 9, NOW - timedelta(minutes=minutes)), line)


def test_a_file_without_a_receipt_is_told(job: PhotoSync) -> None:
    upload = job.photos.find(TIM)
    assert upload is not None
    uploaded = upload.uploaded.isoformat()
    told = {"count": 1, "oldest": uploaded, "lines": [{"photo": TIM, "uploaded": uploaded}]}
    assert json.loads(json.dumps(Waiting(lambda: job).told())) == told


def test_where_nothing_waits_nothing_is_the_oldest() -> None:
    seen = standing("a", 1, Line("a", "2", "synced", None))
    assert tell([seen, Standing("b", None, Line("b", "2", "synced", None))]) == {
        "count": 0,
        "oldest": None,
        "lines": [],
    }


def test_the_oldest_come_first_and_no_more_than_fifty() -> None:
    told = tell(standing(f"{minutes:02}", minutes) for minutes in range(60))
    assert [line["photo"] for line in told["lines"]] == [f"{minutes:02}" for minutes in range(59, 9, -1)]
    assert (told["count"], told["oldest"]) == (60, (NOW - timedelta(minutes=59)).isoformat())


@pytest.mark.parametrize(("took", "later", "times"), [(0, 4, 1), (0, 5, 2), (1, 9, 1), (8, 79, 1), (8, 80, 2)])
def test_it_lasts_some_seconds_or_ten_times_as_long_as_it_took(
    job: PhotoSync, took: float, later: float, times: int
) -> None:
    looks, clock = list[int](), iter([0.0, took, took + later, took + later])

    def look() -> PhotoSync:
        looks.append(1)
        return job

    waiting = Waiting(look, now=lambda: next(clock))
    waiting.told(), waiting.told()
    assert len(looks) == times


def together(count: int, ask: Callable[[], object]) -> list[threading.Thread]:
    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_many_who_ask_first_have_it_looked_for_once(job: PhotoSync) -> None:
    looks, answers, go_on = list[int](), list[int](), threading.Event()

    def look() -> PhotoSync:
        looks.append(1)
        go_on.wait(5)
        return job

    waiting = Waiting(look)
    threads = together(4, lambda: answers.append(waiting.told()["count"]))
    go_on.set()
    for thread in threads:
        thread.join()
    assert (len(looks), answers) == (1, [1, 1, 1, 1])


def test_while_one_looks_again_the_others_have_the_last_answer(job: PhotoSync) -> None:
    looking, go_on, clock = threading.Event(), threading.Event(), iter([0.0, 0.0, 60.0, 60.0, 60.0])

    def jobs() -> Iterator[PhotoSync]:
        yield job
        looking.set()
        go_on.wait(5)
        yield job

    looks = jobs()
    waiting = Waiting(lambda: next(looks), now=lambda: next(clock))
    first = waiting.told()
    (thread,) = together(1, waiting.told)
    assert looking.wait(5)
    assert waiting.told() is first
    go_on.set()
    thread.join()
    assert waiting.told() is not first


def test_after_a_fault_of_storage_s_the_next_who_asks_has_it_looked_for(job: PhotoSync) -> None:
    faults = [ServiceRequestError("The line is dead.")]

    def look() -> PhotoSync:
        if faults:
            raise faults.pop()
        return job

    waiting = Waiting(look)
    with pytest.raises(ServiceRequestError):
        waiting.told()
    assert waiting.told()["count"] == 1
