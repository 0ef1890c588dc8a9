from io import BytesIO

import pytest
from PIL.JpegImagePlugin import JpegImageFile

from photo_sync.imaging.draft import MAX_SCANS, bytes_to_keep, count_scans, needed, scale
from photo_sync.imaging.scans import scans
from pictures import flat_jpeg, flat_jpeg_in_three_scans, jpeg_of_many_scans, noise, save

PLENTY = 1e9


def jpeg(data: bytes) -> JpegImageFile:
    return JpegImageFile(BytesIO(data))


# At which part of its size


@pytest.mark.parametrize(
    ("side", "expected"),
    [(100, 1), (648, 1), (2_429, 1), (2_430, 2), (4_859, 2), (4_860, 4), (9_719, 4), (9_720, 8), (50_000, 8)],
)
def test_a_square_is_decoded_at_1875_thousandths_of_the_final_side_at_least(side: int, expected: int) -> None:
    assert scale((side, side), side, 648, PLENTY) == expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [((3_504, 2_336), 1), ((3_520, 2_336), 2), ((8_000, 1_200), 2), ((60_000, 1_000), 2), ((9_000, 640), 1)],
)
def test_of_a_wide_one_less_is_decoded_though_the_photo_be_smaller_by_half(
    size: tuple[int, int], expected: int
) -> None:
    assert scale(size, size[1], 648, PLENTY) == expected


@pytest.mark.parametrize(("most_pixels", "expected"), [(PLENTY, 1), (999_999, 2), (249_999, 4), (62_499, 8), (1, 8)])
def test_no_more_is_decoded_than_there_is_memory_for(most_pixels: float, expected: int) -> None:
    assert scale((1_000, 1_000), 1_000, 648, most_pixels) == expected


# Its scans


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (save(noise(64), "JPEG"), 1),
        (save(noise(64).convert("L"), "JPEG"), 1),
        (save(noise(64).convert("CMYK"), "JPEG"), 1),
        (save(noise(64), "JPEG", restart_marker_rows=1), 1),
        (save(noise(64), "JPEG", progressive=True), 10),
        (flat_jpeg_in_three_scans(64, 64), 3),
        (jpeg_of_many_scans(64, 64, 20), 20),
        (jpeg_of_many_scans(64, 64, 5_000), MAX_SCANS + 1),
    ],
)
def test_scans_are_counted_up_to_one_too_many(data: bytes, count: int) -> None:
    assert count_scans(jpeg(data), data) == count


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (save(noise(64), "JPEG", subsampling="4:4:4"), 0),
        (save(noise(64), "JPEG", progressive=True, subsampling="4:4:4"), 6),
        (save(noise(64), "JPEG", progressive=True, subsampling="4:2:2"), 4),
        (save(noise(64), "JPEG", progressive=True, subsampling="4:2:0"), 3),
        (save(noise(64).convert("L"), "JPEG", progressive=True), 2),
        (save(noise(64).convert("CMYK"), "JPEG", progressive=True), 8),
    ],
)
def test_of_several_scans_two_bytes_are_kept_for_each_coefficient(data: bytes, expected: float) -> None:
    assert bytes_to_keep(jpeg(data), count_scans(jpeg(data), data)) == expected


# The bytes that are worth decoding


def test_the_last_bits_of_brightness_are_left_out_of_a_fine_progressive_jpeg() -> None:
    data = save(noise(300), "JPEG", progressive=True, quality=90)

    less = needed(jpeg(data), data, scale=2)

    finest = [scan for scan in scans(data) if scan not in [*scans(less)] and scan.is_finest]
    assert len([*scans(less)]) == len([*scans(data)]) - 1
    assert [scan.channels for scan in finest] == [b"\x01"]
    assert len(less) < len(data) - 10_000


@pytest.mark.parametrize(
    ("data", "at"),
    [
        (save(noise(300), "JPEG", progressive=True, quality=90), 1),  # it is seen at full size
        (save(noise(300), "JPEG", progressive=True, quality=85), 2),  # its last bits weigh more
        (save(noise(300).convert("CMYK"), "JPEG", progressive=True, quality=95), 2),
        (save(noise(300), "JPEG", quality=95), 2),
        (flat_jpeg(300, 300), 2),
    ],
)
def test_every_other_jpeg_is_decoded_whole(data: bytes, at: int) -> None:
    assert needed(jpeg(data), data, at) is data
