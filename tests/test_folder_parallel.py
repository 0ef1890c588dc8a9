import threading
from collections.abc import Iterator

import pytest

from photo_sync.folder.parallel import in_parallel
from waiting import eventually


def test_results_come_in_order_whoever_is_first() -> None:
    second = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            assert second.wait(5)
        second.set()
        return item

    assert list(in_parallel(work, range(9), 2)) == list(range(9))


def test_only_a_few_are_begun_before_they_are_taken() -> None:
    given = list[int]()

    def items() -> Iterator[int]:
        for item in range(1_000):
            given.append(item)
            yield item

    results = in_parallel(lambda item: item, items(), 2)
    assert next(results) == 0
    assert len(given) <= 6
    results.close()
    assert len(given) <= 6


def test_a_failure_is_the_taker_s_and_nothing_more_is_begun() -> None:
    begun = list[int]()

    def work(item: int) -> int:
        begun.append(item)
        raise ValueError(item)

    with pytest.raises(ValueError, match="0"):
        list(in_parallel(work, range(1_000), 1))
    assert len(begun) <= 3


def test_whoever_leaves_waits_for_nothing_and_nothing_more_is_begun() -> None:
    end, ended = threading.Event(), list[int]()

    def work(item: int) -> int:
        if item:
            end.wait(5)
        ended.append(item)
        return item

    results = in_parallel(work, range(9), 1)
    assert next(results) == 0
    results.close()
    assert ended == [0]
    end.set()
    assert eventually(lambda: ended == [0, 1])
    assert not eventually(lambda: len(ended) > 2, seconds=0.2)
