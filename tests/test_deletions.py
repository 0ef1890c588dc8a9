import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from azure.storage.blob import ContainerClient

from local.cloud import Cloud
from photo_sync.deletions import Deletions
from photo_sync.settings import REMOVALS

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture
def container(machine: Cloud) -> ContainerClient:
    return machine.blobs.get_container_client(REMOVALS)


def admitted(container: ContainerClient, most: int, names: str, now: datetime = NOON) -> str:
    """Those of these names that are admitted, one after the other."""
    deletions = Deletions(container, most)
    return "".join(name for name in names if deletions.admit(name, now))


@pytest.mark.parametrize(("most", "expected"), [(0, ""), (1, "a"), (3, "abc"), (9, "abcd")])
def test_as_many_are_admitted_as_may_be(container: ContainerClient, most: int, expected: str) -> None:
    assert admitted(container, most, "abcd") == expected


def test_what_was_counted_before_is_admitted_and_not_counted_again(container: ContainerClient) -> None:
    assert admitted(container, 2, "aabac") == "aaba"


def test_once_one_was_refused_so_are_all_until_none_has_come_for_an_hour(container: ContainerClient) -> None:
    assert admitted(container, 2, "abc", NOON) == "ab"
    assert admitted(container, 2, "d", NOON + HOUR - TICK) == ""
    assert admitted(container, 2, "e", NOON + HOUR + HOUR / 2) == ""
    assert admitted(container, 2, "f", NOON + 2 * HOUR + HOUR / 2) == "f"


def test_what_was_admitted_stays_so_even_then(container: ContainerClient) -> None:
    assert admitted(container, 2, "abca") == "aba"


def test_a_container_that_is_not_there_is_made(machine: Cloud) -> None:
    container = machine.blobs.get_container_client(f"removals-{uuid.uuid4().hex}")
    assert admitted(container, 1, "ab") == "a"
    container.delete_container()


@pytest.mark.parametrize(("later", "expected"), [(HOUR - TICK, ""), (HOUR, "c")])
def test_after_an_hour_a_deletion_counts_no_more(container: ContainerClient, later: timedelta, expected: str) -> None:
    admitted(container, 2, "a", NOON)
    admitted(container, 2, "b", NOON + HOUR / 2)
    assert admitted(container, 2, "c", NOON + later) == expected


def test_many_at_the_same_moment_are_no_more_than_may_be(container: ContainerClient) -> None:
    names = [f"users/{number}.jpg" for number in range(6)]
    with ThreadPoolExecutor(3) as threads:
        told = list(threads.map(lambda name: Deletions(container, 4).admit(name, NOON), names))
    assert sum(told) == 4


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"a": "yesterday"}', b'{"a": 1}', b"\xff"])
def test_a_count_that_cannot_be_read_begins_anew(container: ContainerClient, data: bytes) -> None:
    container.upload_blob("last-hour.json", data, overwrite=True)
    assert admitted(container, 1, "ab") == "a"
