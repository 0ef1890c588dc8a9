"""What the listings cost: on the status page until there is something to see and all is counted, and `status`.

Run it with `python -m bench.page`. The storage is made up; the client and all that is measured are the app's own.
"""

import argparse
import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Final

from bench.listings import Sizes, Storage
from photo_sync.ledger import Ledger
from photo_sync.overview import Overview
from photo_sync.page.excerpt import excerpt
from photo_sync.page.question import Question
from photo_sync.page.reply import Reply
from photo_sync.settings import PHOTOS, RECEIPTS, Settings
from photo_sync.standing import standings
from photo_sync.storage import Photos
from photo_sync.wiring import connect

_SIZES: Final = (Sizes(5_000), Sizes(100_000))
_FIRST: Final = "500"
"""How many receipts the page's script asks for at first, so that there is something to see at once."""
_SHOWN: Final = {"outcome": "rejected,failed,retrying"}


@dataclass(frozen=True, slots=True)
class Row:
    """What the page costs that tells of so many receipts; times are seconds of CPU, without storage's own."""

    receipts: int
    first_seconds: float
    """For the first answer, which shows something."""
    seconds: float
    """For all answers, one after the other."""
    bare_seconds: float
    """For iterating the listing with Azure's client alone."""
    ratio: float
    largest_answer: int
    """In bytes."""
    peak_bytes: int
    """The most memory that was held at a time."""
    status_seconds: float
    """For what `photo-sync status` shows, of both listings in step."""


def answers(storage: Storage) -> Iterator[Reply]:
    """Yield what the page's script is answered, from the first part of the listing to the last."""
    ledger, params = Ledger(storage.container(RECEIPTS)), {**_SHOWN, "size": _FIRST}
    while True:
        told = excerpt(ledger, Question.read(params))
        yield Reply.of(told)
        if not told["next"]:
            return
        params = {**_SHOWN, "token": told["next"]}


def bare(storage: Storage) -> None:
    """Iterate the listing with the client alone."""
    for _ in storage.container(RECEIPTS).list_blobs(include=["metadata"]):
        pass


def status(storage: Storage) -> Overview:
    """Return what `photo-sync status` shows."""
    nowhere = {
        f"PhotoStorage__{kind}ServiceUri": f"https://bench.{kind}.core.windows.net" for kind in ("blob", "queue")
    }
    photos, ledger = Photos(storage.container(PHOTOS), max_bytes=1), Ledger(storage.container(RECEIPTS))
    job = replace(connect(Settings.from_env(nowhere)), photos=photos, ledger=ledger)
    return Overview.of(standings(job), (), limit=50)


def measure(sizes: Sizes) -> Row:
    """Measure the times of all, and the memory in a pass of its own."""
    storage, begun = Storage(sizes), time.process_time()
    seconds, largest = [], 0
    for answer in answers(storage):
        seconds.append(time.process_time() - begun - storage.seconds)
        largest = max(largest, len(answer.body))
    bare_seconds, status_seconds = _seconds(bare, sizes), _seconds(status, sizes)
    ratio = seconds[-1] / bare_seconds
    return Row(sizes.photos, seconds[0], seconds[-1], bare_seconds, ratio, largest, peak_bytes(sizes), status_seconds)


def peak_bytes(sizes: Sizes) -> int:
    """Return the most memory that the answers held: a slow pass, for every piece is counted."""
    tracemalloc.start()
    try:
        for _ in answers(Storage(sizes)):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def table(rows: list[Row]) -> str:
    """Return the rows as people read them."""
    lines = ["receipts   first answer   all answers   bare listing   ratio   largest answer   peak memory   status"]
    lines += [
        f"{row.receipts:>8,} {row.first_seconds:>12.2f} s {row.seconds:>11.1f} s {row.bare_seconds:>12.1f} s "
        f"{row.ratio:>7.2f} {row.largest_answer / 1_000:>13.1f} kB {row.peak_bytes / 2**20:>10.1f} MB "
        f"{row.status_seconds:>6.1f} s"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.page", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    measure(Sizes(100))  # whatever happens only once happens here
    rows = [measure(sizes) for sizes in _SIZES]
    print(json.dumps([asdict(row) for row in rows], indent=2) if arguments.json else table(rows))


def _seconds(work: Callable[[Storage], object], sizes: Sizes) -> float:
    storage, begun = Storage(sizes), time.process_time()
    work(storage)
    return time.process_time() - begun - storage.seconds


if __name__ == "__main__":
    main()
