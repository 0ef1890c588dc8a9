from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photo_sync.imaging.scans import is_single, scans, without_finest
from pictures import flat_jpeg, flat_jpeg_in_three_scans, noise, opened, save

BASELINE = save(noise(64), "JPEG")
PROGRESSIVE = save(noise(64), "JPEG", progressive=True)


def test_a_baseline_jpeg_has_one_scan_of_all_its_channels() -> None:
    (scan,) = scans(BASELINE)

    assert scan.channels == b"\1\2\3"
    assert BASELINE[scan.begin : scan.begin + 2] == b"\xff\xda"
    assert BASELINE[scan.end :] == b"\xff\xd9"


def test_a_progressive_jpeg_goes_from_the_coarse_to_the_fine() -> None:
    """The script of libjpeg: channels, coefficients from and to, bits from and to."""
    found = [(scan.channels, scan.first, scan.last, scan.high, scan.low) for scan in scans(PROGRESSIVE)]

    assert found[:2] == [(b"\1\2\3", 0, 0, 0, 1), (b"\1", 1, 5, 0, 2)]
    assert found[-1] == (b"\1", 1, 63, 1, 0)
    assert all(one.end <= other.begin for one, other in pairwise(scans(PROGRESSIVE)))


@pytest.mark.parametrize(
    ("data", "channels", "expected"),
    [
        (BASELINE, 3, True),
        (save(noise(64).convert("L"), "JPEG"), 1, True),
        (flat_jpeg(64, 64), 3, True),
        (flat_jpeg_in_three_scans(64, 64), 3, False),
        (b"\xff\xd8", 3, False),
    ],
)
def test_a_first_scan_of_all_channels_is_the_only_one(data: bytes, channels: int, expected: bool) -> None:  # noqa: FBT001
    assert is_single(data, channels) is expected


def test_without_its_finest_scan_a_jpeg_is_nearly_the_same_picture() -> None:
    less = without_finest(PROGRESSIVE, channel=1)

    pixels = [np.asarray(opened(data), dtype=float) for data in (less, PROGRESSIVE)]
    assert len([*scans(less)]) == 9
    assert 0 < np.abs(pixels[0] - pixels[1]).mean() < 4


@pytest.mark.parametrize("data", [BASELINE, flat_jpeg_in_three_scans(64, 64)])
def test_where_there_is_no_such_scan_nothing_is_left_out(data: bytes) -> None:
    assert without_finest(data, channel=1) is data


@given(st.binary(max_size=300), st.integers(0, len(PROGRESSIVE)))
def test_damaged_bytes_have_scans_or_none(junk: bytes, at: int) -> None:
    data = PROGRESSIVE[:at] + junk + PROGRESSIVE[at + len(junk) :]

    for scan in scans(data):
        assert 0 < scan.begin < scan.end <= len(data)
    assert len(without_finest(data, channel=1)) <= len(data)
