"""What a photo costs beside making it: storage's clients, the receipts, the bookkeeping. No network, and no Graph."""

import time
from collections.abc import Callable
from statistics import median
from typing import Final

from bench.blobs import Account
from photo_sync.deletions import Deletions
from photo_sync.errors import Answer
from photo_sync.ledger import Ledger
from photo_sync.photo import Photo, normalise
from photo_sync.receipts import Outcome
from photo_sync.recipe import Recipe
from photo_sync.removal import Removal
from photo_sync.retries import Retries
from photo_sync.settings import PHOTOS, RECEIPTS, REMOVALS, RETRIES
from photo_sync.storage import Photos
from photo_sync.sync import PhotoSync
from photo_sync.target import Kind, Target
from photo_sync.throttle import Throttle

_RUNS: Final = 101
_MOST_BYTES: Final = 50_000_000


def beside(data: bytes, runs: int = _RUNS) -> float:
    """Return the milliseconds of CPU that the whole job takes outside `normalise` and storage, the median of so many.

    Each time it is another person's photo, sent for the first time.
    """
    account, photo = Account(), normalise(data)
    job = _job(account, lambda _data, _kind: photo)
    names = [f"users/{number:06d}@contoso.com.jpg" for number in range(runs + 1)]
    account.blobs |= {f"/{PHOTOS}/{name.replace('@', '%40')}": data for name in names}
    return median([_milliseconds(job, account, name) for name in names][1:])


def _milliseconds(job: PhotoSync, account: Account, name: str) -> float:
    begun, theirs = time.process_time(), account.milliseconds
    receipt = job.sync(name)
    if receipt is None or receipt.outcome is not Outcome.SYNCED:
        raise RuntimeError(f"The photo was not sent: {receipt}")
    return (time.process_time() - begun) * 1_000 - (account.milliseconds - theirs)


def _job(account: Account, make_photo: Callable[[bytes, Kind], Photo]) -> PhotoSync:
    photos, ledger = Photos(account.container(PHOTOS), _MOST_BYTES), Ledger(account.container(RECEIPTS))
    retries, deletions = Retries(lambda: account.queue(RETRIES)), Deletions(account.container(REMOVALS), 0)
    return PhotoSync(
        photos=photos,
        ledger=ledger,
        retries=retries,
        throttle=Throttle(1),
        recipient=Target.parse,
        put_photo=_accept,
        make_photo=make_photo,
        pipeline=Recipe().name,
        removal=Removal(photos, ledger, retries, lambda _target: "", lambda _target, _etag: Answer(), deletions),
        sync_deletes=False,
    )


def _accept(_target: Target, _jpeg: bytes) -> Answer:
    return Answer(status=200)
