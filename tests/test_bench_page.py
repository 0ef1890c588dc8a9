import json

from bench.listings import Sizes, Storage
from bench.page import Row, answers, bare, measure, peak_bytes, status, table
from photo_sync.settings import PHOTOS, RECEIPTS

FEW, MANY = Sizes(500, page=250), Sizes(2_000, page=250)


def test_the_answers_tell_of_every_receipt_part_by_part() -> None:
    storage = Storage(MANY)
    told = [json.loads(answer.body) for answer in answers(storage)]
    assert sum(part["counts"]["synced"] for part in told) == 2_000
    assert storage.listed == [RECEIPTS] * 8


def test_the_first_answer_is_of_a_small_part() -> None:
    first = json.loads(next(answers(Storage(Sizes(6_000)))).body)
    assert first["counts"] == {"synced": 500}


def test_the_bare_listing_is_the_same_one() -> None:
    storage = Storage(FEW)
    bare(storage)
    assert storage.listed == [RECEIPTS] * 2


def test_status_goes_through_both_listings() -> None:
    storage = Storage(Sizes(500, page=250, lost_every=100))
    assert status(storage).counts == {"synced": 500, "waiting": 5}
    assert sorted(storage.listed) == [RECEIPTS] * 2 + [PHOTOS] * 2


def test_no_answer_and_no_memory_grows_with_the_length_of_the_listing() -> None:
    measure(FEW)  # whatever is imported or kept on first use
    assert peak_bytes(MANY) < 1.5 * peak_bytes(FEW)
    assert max(len(answer.body) for answer in answers(Storage(MANY))) < 10_000


def test_the_times_are_of_the_same_listings_and_make_the_ratio() -> None:
    row = measure(FEW)
    assert row.receipts == 500
    assert min(row.first_seconds, row.seconds, row.bare_seconds, row.status_seconds) > 0
    assert row.ratio == row.seconds / row.bare_seconds


def test_a_table_has_a_line_for_each_size() -> None:
    assert table([Row(100_000, 0.031, 6.25, 31.25, 0.2, 4_100, 21 << 20, 11.25)]).splitlines() == [
        "receipts   first answer   all answers   bare listing   ratio   largest answer   peak memory   status",
        " 100,000         0.03 s         6.2 s         31.2 s    0.20           4.1 kB       21.0 MB   11.2 s",
    ]
