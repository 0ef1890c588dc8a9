import time

import pytest

from photo_sync.errors import Rejected
from photo_sync.imaging.deadline import TimedFile


def test_in_time_it_is_a_file_as_any_other() -> None:
    file = TimedFile(b"abcdef", seconds=10)

    assert (file.read(2), file.read(), file.read(1), file.getvalue()) == (b"ab", b"cdef", b"", b"abcdef")


def test_when_the_time_is_up_it_is_read_no_further() -> None:
    file = TimedFile(b"abcdef", seconds=0.01)
    end = time.thread_time() + 0.02
    while time.thread_time() < end:
        pass

    with pytest.raises(Rejected, match=r"more than the 0\.01 seconds") as refusal:
        file.read(1)
    assert refusal.value.code == "too-slow"


def test_a_machine_that_is_busy_with_others_costs_no_time() -> None:
    file = TimedFile(b"abcdef", seconds=0.01)
    time.sleep(0.05)

    assert file.read(2) == b"ab"
