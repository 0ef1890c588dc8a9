import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photo_sync.imaging.tiff import entries, is_modest, numbers
from pictures import noise, save


def directory(*tags: tuple[int, int, int], big: bool = False) -> bytes:
    """A TIFF that is nothing but its directory: each tag with its type and how many values it says it has."""
    if big:
        rows = b"".join(struct.pack("<HHQQ", *tag, 0) for tag in tags)
        return b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, len(tags)) + rows
    return b"II*\0" + struct.pack("<LH", 8, len(tags)) + b"".join(struct.pack("<HHLL", *tag, 0) for tag in tags)


@pytest.mark.parametrize("options", [{}, {"big_tiff": True}, {"compression": "tiff_lzw", "strip_size": 300}], ids=str)
def test_what_pillow_writes_is_read(options: dict[str, str | int]) -> None:
    data = save(noise(64), "TIFF", **options)

    found = {entry.tag: numbers(data, entry) for entry in entries(data)}

    assert (found[256], found[257], found[258]) == ((64,), (64,), (8, 8, 8))
    assert len(found[273]) == len(found[279])
    assert is_modest(data)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize(
    ("tag", "kind", "length", "modest"),
    [
        (273, 4, 100_000, True),
        (273, 4, 100_001, False),
        (282, 5, 6_000_000, False),
        (274, 3, 6_000_000, False),
        (34675, 7, 6_000_000, True),
        (700, 1, 6_000_000, True),
        (301, 3, 196_608, True),
    ],
)
def test_no_tag_may_have_more_values_than_a_picture_s(
    tag: int, kind: int, length: int, *, modest: bool, big: bool
) -> None:
    assert is_modest(directory((256, 3, 1), (tag, kind, length), big=big)) is modest


def test_no_directory_may_be_longer_than_it_could_be_before_it_was_big() -> None:
    assert not is_modest(b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 2**60))


@pytest.mark.parametrize("data", [b"", b"II*\0", b"garbage", b"MM\0*\0\0\xff\xff"])
def test_what_is_no_directory_has_nothing_in_it(data: bytes) -> None:
    assert is_modest(data)


@given(st.sampled_from([b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"]), st.binary(max_size=200))
def test_any_bytes_may_be_asked_about(head: bytes, tail: bytes) -> None:
    is_modest(head + tail)
