"""What the hourly comparison of photos and receipts costs: memory, and CPU beside that of the bare listings.

Run it with `python -m bench.reconcile`. The storage is made up; the clients and all that is measured are the app's own.
"""

import argparse
import json
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from bench.listings import PIPELINE, UPLOADED, Sizes, Storage
from photo_sync.deletions import Deletions
from photo_sync.errors import Answer
from photo_sync.ledger import Ledger
from photo_sync.photo import normalise
from photo_sync.reconcile import Limits, Tally, is_lost, reconcile
from photo_sync.removal import Removal
from photo_sync.retries import Retries
from photo_sync.settings import PHOTOS, RECEIPTS, REMOVALS
from photo_sync.storage import Photos
from photo_sync.sync import PhotoSync
from photo_sync.target import Target
from photo_sync.throttle import Throttle

_SIZES: Final = (Sizes(5_000), Sizes(15_000))
"""A minute on two cores; neither the ratio nor the memory depends on how many there are."""


@dataclass(frozen=True, slots=True)
class Row:
    """What so many photos cost, compared with as many receipts; `lost` is how many of them were found to be."""

    photos: int
    lost: int
    seconds: float
    """Of CPU, for the comparison."""
    bare_seconds: float
    """Of CPU, for iterating both listings without comparing."""
    ratio: float
    peak_bytes: int
    """The most memory that the comparison held at a time."""


def bare(storage: Storage) -> None:
    """Iterate both listings with the client alone: the least that anybody pays who compares them."""
    for _ in storage.container(PHOTOS).list_blobs():
        pass
    for _ in storage.container(RECEIPTS).list_blobs(include=["metadata"]):
        pass


def comparison(storage: Storage) -> Tally:
    """Do what the app does every hour."""
    photos, ledger = Photos(storage.container(PHOTOS), max_bytes=1), Ledger(storage.container(RECEIPTS))
    retries, deletions = Retries(storage.queue), Deletions(storage.container(REMOVALS), 0)
    job = PhotoSync(
        photos=photos,
        ledger=ledger,
        retries=retries,
        throttle=Throttle(1),
        recipient=Target.parse,
        put_photo=_put_nothing,
        make_photo=lambda data, _kind: normalise(data),
        pipeline=PIPELINE,
        removal=Removal(photos, ledger, retries, lambda _target: "", _delete_nothing, deletions),
        sync_deletes=False,
    )
    lost = partial(is_lost, now=UPLOADED + timedelta(hours=1), removes=False)
    return reconcile(job, lost, limits=Limits(seconds=3_600))


def peak_bytes(sizes: Sizes) -> tuple[Tally, int]:
    """Return what a comparison found and the most memory that it held: a slow pass, for every piece is counted."""
    tracemalloc.start()
    try:
        return comparison(Storage(sizes)), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def measure(sizes: Sizes) -> Row:
    """Measure the time of both, and the memory in a pass of its own."""
    bare_seconds, seconds = _seconds(bare, sizes), _seconds(comparison, sizes)
    tally, peak = peak_bytes(sizes)
    return Row(tally.compared, tally.queued, seconds, bare_seconds, seconds / bare_seconds, peak)


def table(rows: list[Row]) -> str:
    """Return the rows as people read them."""
    lines = ["photos    lost       CPU   bare listings   ratio   peak memory"]
    lines += [
        f"{row.photos:>7,} {row.lost:>6,} {row.seconds:>7.1f} s {row.bare_seconds:>13.1f} s {row.ratio:>7.2f} "
        f"{row.peak_bytes / 2**20:>10.1f} MB"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.reconcile", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    measure(Sizes(100))  # whatever happens only once happens here
    rows = [measure(sizes) for sizes in _SIZES]
    print(json.dumps([asdict(row) for row in rows], indent=2) if arguments.json else table(rows))


def _seconds(run: Callable[[Storage], object], sizes: Sizes) -> float:
    """The seconds of CPU that it takes, without those for making the storage up."""
    storage, begun = Storage(sizes), time.process_time()
    run(storage)
    return time.process_time() - begun - storage.seconds


def _put_nothing(_target: Target, _jpeg: bytes) -> Answer:
    raise AssertionError("A comparison sends nothing.")


def _delete_nothing(_target: Target, _etag: str) -> Answer:
    raise AssertionError("A comparison deletes nothing.")


if __name__ == "__main__":
    main()
