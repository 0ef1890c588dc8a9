"""Whether an upload reaches the app and comes back as a receipt: tried with a probe that asks nothing of Graph."""

import time
import uuid
from io import BytesIO
from typing import Final

from azure.core.exceptions import AzureError

from photo_sync.doctor import Check, State, explain
from photo_sync.drop import Drop
from photo_sync.retries import Retry
from photo_sync.sync import PhotoSync

_NAME: Final = "from upload to receipt"
_PAUSE: Final = 0.5  # seconds between two looks
_ROLES: Final = (
    "yourself the roles of an operator: “Storage Blob Data Contributor” on photos, “Storage Blob Data Reader” on "
    "photo-receipts and “Storage Queue Data Message Sender” on photo-retries"
)


def round_trip(job: PhotoSync, drop: Drop, seconds: float) -> Check:
    """Upload a probe, wait for its receipt for so long, and have both taken away again.

    The probe's name is of no kind of photo: the app refuses it for that, at once and by itself.
    """
    name, began = f"doctor/{uuid.uuid4()}.jpg", time.monotonic()
    try:
        etag = drop.put(name, BytesIO(b"photo-sync doctor"))
        try:
            came = _await(job, name, etag, began + seconds)
        finally:
            drop.take(name)
            job.retries.send(Retry(name), after=0)
    except AzureError as fault:
        return Check(_NAME, State.RED, explain(fault, _ROLES))
    took = time.monotonic() - began
    if came:
        return Check(_NAME, State.GREEN, f"A probe had its receipt after {took:.1f} seconds.")
    return Check(
        _NAME,
        State.RED,
        f"A probe had no receipt within {seconds:g} seconds. Is the function app running, with its functions listed? "
        "If so, the event subscription is missing or calls in vain: `azd hooks run postdeploy` makes it again. Right "
        "after a rest, the app may take longer: try again, with a longer --timeout.",
    )


def _await(job: PhotoSync, name: str, etag: str, until: float) -> bool:
    """Whether the receipt came in time."""
    while True:
        receipt = job.ledger.read(name).receipt
        if receipt is not None and receipt.etag == etag:
            return True
        if time.monotonic() > until:
            return False
        time.sleep(_PAUSE)
