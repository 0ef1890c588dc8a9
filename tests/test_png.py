import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photo_sync.imaging.png import split
from pictures import png

PLAIN = png(64, 64, 8, 2, b"\1\2\3")
LARGE = b"x" * 1_000_001
PACKED = {
    b"zTXt": lambda text: b"Raw profile type exif\0\0" + zlib.compress(text),
    b"iTXt": lambda text: b"XML:com.adobe.xmp\0\1\0en\0XMP\0" + zlib.compress(text),
    b"iCCP": lambda text: b"a press\0\0" + zlib.compress(text),
}


def with_chunks(*chunks: tuple[bytes, bytes]) -> bytes:
    return png(64, 64, 8, 2, b"\1\2\3", (b"gAMA", b"\0\1\0\0"), *chunks)


@pytest.mark.parametrize("name", PACKED)
def test_what_unpacks_to_more_than_a_megabyte_is_left_out(name: bytes) -> None:
    kept, _ = split(with_chunks((name, PACKED[name](LARGE))))

    assert kept == with_chunks()


@pytest.mark.parametrize("name", PACKED)
def test_what_does_not_stays(name: bytes) -> None:
    data = with_chunks((name, PACKED[name](LARGE[1:])), (b"tEXt", b"Comment\0plain"))

    assert split(data) == (data, b"")


@pytest.mark.parametrize(
    "chunk", [(b"zTXt", b"Comment\0\0" + zlib.compress(b"short")), (b"iTXt", b"Comment\0\0\0en\0Comment\0short")]
)
def test_a_text_that_nobody_reads_is_left_out_unseen(chunk: tuple[bytes, bytes]) -> None:
    assert split(with_chunks(chunk)) == (with_chunks(), b"")


def test_of_each_kind_one_is_looked_at() -> None:
    one = (b"iCCP", PACKED[b"iCCP"](b"one"))

    assert split(with_chunks(one, one)) == (with_chunks(one), b"")


def test_a_profile_that_is_left_out_is_not_lost() -> None:
    _, profile = split(with_chunks((b"iCCP", PACKED[b"iCCP"](LARGE))))

    assert profile == LARGE


@pytest.mark.parametrize("damaged", [b"iCCP", b"iCCP\0\0not packed", b"", b"a\0\1\0"])
def test_what_is_damaged_is_left_for_the_decoder_to_find(damaged: bytes) -> None:
    data = with_chunks((b"iCCP", damaged))

    assert split(data) == (data, b"")


def test_no_picture_has_so_many_chunks() -> None:
    with pytest.raises(ValueError, match="too many chunks"):
        split(PLAIN[:33] + bytes(12) * 100_001)


@given(st.binary(max_size=200))
def test_any_bytes_may_be_split(tail: bytes) -> None:
    kept, _ = split(PLAIN[:33] + tail)

    assert len(kept) <= 33 + len(tail)
