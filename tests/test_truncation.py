import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photo_sync.imaging.truncation import is_cut_off
from pictures import noise, save

TILED = {"tile": (64, 64), "compression": "tiff_lzw"}
FILES = {
    "WebP": [save(noise(64), "WebP"), save(noise(64), "WebP", lossless=True)],
    "JPEG": [save(noise(64), "JPEG"), save(noise(64), "JPEG", progressive=True)],
    "HEIC": [save(noise(64), "HEIC")],
    "TIFF": [
        save(noise(64), "TIFF"),
        save(noise(64), "TIFF", compression="tiff_lzw"),
        save(noise(64), "TIFF", compression="tiff_lzw", strip_size=500),
        save(Image.new("L", (64, 64)), "TIFF"),
    ],
}
WHOLE = [(name, data) for name, files in FILES.items() for data in files]


@pytest.mark.parametrize(("name", "data"), WHOLE)
def test_a_whole_file_is_not_cut_off(name: str, data: bytes) -> None:
    assert not is_cut_off(name, data)


@pytest.mark.parametrize(("name", "data"), WHOLE)
def test_a_file_without_its_end_is(name: str, data: bytes) -> None:
    for share in (0.5, 0.9):
        assert is_cut_off(name, data[: int(len(data) * share)])


@pytest.mark.parametrize("name", ["PNG", "GIF", "BMP"])
def test_what_its_decoder_notices_is_not_looked_at(name: str) -> None:
    assert not is_cut_off(name, save(noise(64), name)[:200])


@pytest.mark.parametrize(("name", "data"), WHOLE)
def test_a_file_that_is_damaged_inside_is_not_cut_off(name: str, data: bytes) -> None:
    middle = len(data) // 2

    assert not is_cut_off(
        name, data[:middle] + bytes(byte ^ 0x55 for byte in data[middle : middle + 9]) + data[middle + 9 :]
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("HEIC", b"\0\0\0\1mdat" + (2**40).to_bytes(8) + bytes(99)),  # its length in 64 bits
        ("TIFF", b"II*\0\xff\xff\0\0" + bytes(99)),
        ("TIFF", b"MM\0*\0\0\0\x08\0\x10" + bytes(50)),
    ],
)
def test_lengths_of_every_kind_are_read(name: str, data: bytes) -> None:
    assert is_cut_off(name, data)


@given(st.sampled_from([*FILES]), st.binary(max_size=200))
def test_any_bytes_may_be_asked_about(name: str, data: bytes) -> None:
    is_cut_off(name, data)
