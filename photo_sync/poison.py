"""What the Functions host has given up: each message of a poison queue becomes a receipt that says so."""

import json
from dataclasses import dataclass

from photo_sync.receipts import Receipt
from photo_sync.removal import begin
from photo_sync.retries import Retry
from photo_sync.settings import PHOTOS
from photo_sync.storage import Upload
from photo_sync.sync import PhotoSync
from photo_sync.turn import Turn


@dataclass(frozen=True, slots=True)
class Poison:
    """A photo that was given up, and which upload of it, empty where that is not known or there was none.

    `force` and `remove` are a person's orders, as in `Retry`.
    """

    photo: str
    etag: str = ""
    force: bool = False
    remove: bool = False

    @classmethod
    def of_upload(cls, text: str | bytes) -> "Poison":
        """Read a message of `webjobs-blobtrigger-poison` (Microsoft Learn, "Blob storage trigger", Poison blobs).

        Raises `ValueError` for what is no such message.
        """
        try:
            told = json.loads(text)
            container, poison = told["ContainerName"], cls(str(told["BlobName"]), str(told["ETag"]).strip('"'))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"This is no message of a blob trigger: {text!r}") from error
        if container != PHOTOS:
            raise ValueError(f"This message is about another container, and for another app: {text!r}")
        return poison

    @classmethod
    def of_retry(cls, text: str | bytes) -> "Poison":
        """Read a message of `photo-retries-poison`; raises `ValueError` for what is no such message."""
        retry = Retry.from_json(text)
        return cls(retry.photo, retry.etag, retry.force, retry.remove)


def give_up(job: PhotoSync, poison: Poison) -> Receipt | None:
    """Write down that a photo was given up, unless it is settled; where more can be done, it is looked at again.

    Returns the receipt as it is then. Raises `Overtaken`, or a fault of storage's own.
    """
    entry, upload = job.look(poison.photo)
    turn = job.turn(entry, upload, force=poison.force or (poison.remove and not upload))
    if turn is Turn.END:
        return entry.receipt
    etag = upload.etag if upload else ""
    if turn is Turn.WAIT or poison.etag != etag:
        job.retries.send(Retry(poison.photo, poison.force, poison.remove, etag), after=0)
        return entry.receipt
    match upload, entry.receipt:
        case Upload(), previous:
            begun = Receipt.start(upload, previous, job.pipeline, job.now())
        case None, Receipt() as previous if job.sync_deletes or poison.remove:
            begun = begin(previous, job.now())
        case None, Receipt() as previous:
            job.removal.forget(previous, entry, job.now())
            return None
        case _:
            return None
    return job.file(begun.given_up(job.now()), entry)
