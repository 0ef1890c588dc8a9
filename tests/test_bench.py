from bench.listings import Sizes, Storage
from bench.reconcile import Row, bare, comparison, measure, peak_bytes, table
from photo_sync.reconcile import Tally
from photo_sync.settings import PHOTOS, RECEIPTS

FEW, MANY = Sizes(100, page=25, lost_every=50), Sizes(600, page=25, lost_every=50)


def test_every_photo_is_compared_and_the_lost_ones_are_found() -> None:
    assert comparison(Storage(MANY)) == Tally(compared=600, queued=12)


def test_both_listings_are_gone_through_in_step() -> None:
    storage = Storage(FEW)
    comparison(storage)
    assert sorted(storage.listed) == [RECEIPTS] * 4 + [PHOTOS] * 4
    ahead = [storage.listed[:count].count(PHOTOS) - storage.listed[:count].count(RECEIPTS) for count in range(9)]
    assert {abs(pages) for pages in ahead} == {0, 1}


def test_the_bare_listings_are_the_same_ones() -> None:
    storage = Storage(FEW)
    bare(storage)
    assert storage.listed == [PHOTOS] * 4 + [RECEIPTS] * 4


def test_the_memory_does_not_grow_with_the_length_of_the_listings() -> None:
    comparison(Storage(FEW))  # whatever is imported or kept on first use
    assert peak_bytes(MANY)[1] < 1.5 * peak_bytes(FEW)[1]


def test_a_row_tells_how_many_there_were_and_what_they_cost() -> None:
    row = measure(FEW)
    assert (row.photos, row.lost) == (100, 2)
    assert row.ratio == row.seconds / row.bare_seconds


def test_a_table_has_a_line_for_each_size() -> None:
    rows = [Row(5_000, 5, 1.625, 1.5625, 1.04, 118 << 20), Row(15_000, 15, 4.875, 4.6875, 1.04, 119 << 20)]
    assert table(rows).splitlines() == [
        "photos    lost       CPU   bare listings   ratio   peak memory",
        "  5,000      5     1.6 s           1.6 s    1.04      118.0 MB",
        " 15,000     15     4.9 s           4.7 s    1.04      119.0 MB",
    ]
