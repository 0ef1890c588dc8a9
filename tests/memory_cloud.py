"""The cloud in memory: photos, receipts, the queue, Graph and the time, to be kept and gone back to at any moment."""

import functools
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from azure_memory import Blob, Kept, MemoryContainer
from memory_queue import MemoryQueue, Message
from photo_sync.deletions import Deletions
from photo_sync.errors import Answer
from photo_sync.ledger import Ledger
from photo_sync.photo import normalise
from photo_sync.receipts import Outcome, Receipt
from photo_sync.recipe import Recipe
from photo_sync.record import from_json
from photo_sync.removal import Removal
from photo_sync.retries import Retries, Retry
from photo_sync.settings import PHOTOS, RECEIPTS, REMOVALS, RETRIES
from photo_sync.storage import Photos
from photo_sync.sync import PhotoSync
from photo_sync.target import Target
from photo_sync.throttle import Throttle
from photo_sync.turn import CLAIM
from pictures import plain
from stepping import Clock, numbered_uuid, step

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient
    from azure.storage.queue import QueueClient

ADA: Final = "users/ada@contoso.com.jpg"
PICTURES: Final = {colour: plain(colour) for colour in ("red", "green", "blue")}
make_photo: Final = functools.cache(partial(normalise, recipe=Recipe(edge=64)))
SETTLED: Final = {Outcome.SYNCED, Outcome.UNCHANGED}


def colour(jpeg: bytes) -> str:
    """Which of the pictures a photo was made of."""
    return next((name for name, data in PICTURES.items() if make_photo(data).jpeg == jpeg), "nothing")


class InAir(NamedTuple):
    """A PUT that nobody waits for any more: until then it may take effect."""

    until: datetime
    jpeg: bytes


class Removes(NamedTuple):
    """Whether a deleted file's photo is to go, and whether it is `surely` known to be the app's."""

    wanted: bool = False
    surely: bool = False


class Saved(NamedTuple):
    """All that a cloud was at one moment; `puts` is how often Graph was given a photo, where that matters."""

    now: datetime
    photos: Kept
    receipts: Kept
    messages: tuple[Message, ...]
    photo: bytes
    in_air: tuple[InAir, ...]
    puts: int = 0
    removes: Removes = Removes()

    @property
    def wrong(self) -> str:
        """What must not be once everything is over; empty where all is well."""
        upload, receipt = self.upload, self.receipt
        if upload is None:
            return self._wrong_where_it_is_gone
        if receipt is None or receipt.outcome not in SETTLED:
            return f"There is {f'a receipt “{receipt.outcome}”' if receipt else 'no receipt'}."
        if receipt.etag != upload.etag:
            return "The receipt is of another upload."
        newest, photo = colour(make_photo(upload.data).jpeg), colour(self.photo)
        return "" if newest == photo else f"Graph has {photo}, the newest upload is {newest}."

    @property
    def _wrong_where_it_is_gone(self) -> str:
        if self.receipt and not self.receipt.is_final:
            return "A receipt waits for a photo that is gone."
        if not (self.photo and self.removes.wanted):
            return ""
        is_told = self.receipt is not None and self.receipt.code in {"photo-unknown", "photo-changed"}
        return "" if is_told and not self.removes.surely else f"Graph has {colour(self.photo)}, and its file is gone."

    @property
    def upload(self) -> Blob | None:
        return next(iter(self.photos.blobs), None)

    @property
    def receipt(self) -> Receipt | None:
        return next((from_json(blob.data) for blob in self.receipts.blobs), None)


@dataclass(frozen=True, slots=True)
class Put:
    """A request to Graph: what it changes, and what Graph answers to it."""

    cloud: "MemoryCloud"
    jpeg: bytes
    answer: Answer

    def __call__(self) -> Answer:
        self.cloud.take(self.jpeg)
        return self.answer


class TerseQueue(MemoryQueue):
    """A queue whose messages say what a run is told, and not what is said when it is given up."""

    def put(self, text: str, seconds: int) -> None:
        super().put(_terse(text), seconds)


@functools.cache
def _terse(text: str) -> str:
    return replace(Retry.from_json(text), etag="").to_json()


class MemoryCloud:
    """Everything together, with one person whose photo it is about.

    Unless it is `dated`, every blob is of Monday, which a run does not mind: it makes for fewer states.
    """

    def __init__(
        self,
        container: type[MemoryContainer] = MemoryContainer,
        queue: type[MemoryQueue] = TerseQueue,
        *,
        dated: bool = False,
        removes: Removes = Removes(),  # noqa: B008 - it never changes
    ) -> None:
        self.clock = Clock()
        written = self.clock if dated else Clock()
        self.photos = container(PHOTOS, written, step)
        self.receipts = container(RECEIPTS, written, step)
        self.queue = queue(RETRIES, self.clock, step)
        self.deletions = MemoryContainer(REMOVALS, self.clock)
        self.photo = b""
        self.puts = 0
        self.removes = removes
        self.in_air: tuple[InAir, ...] = ()

    def job(self, claim: timedelta = CLAIM) -> PhotoSync:
        photos = Photos(cast("ContainerClient", self.photos), 10_000)
        ledger = Ledger(cast("ContainerClient", self.receipts))
        retries = Retries(lambda: cast("QueueClient", self.queue))
        deletions = Deletions(cast("ContainerClient", self.deletions), 1)
        return PhotoSync(
            photos=photos,
            ledger=ledger,
            retries=retries,
            recipient=Target.parse,
            throttle=Throttle(8, clock=lambda: self.clock().timestamp()),
            put_photo=self.put_photo,
            make_photo=lambda data, _kind: make_photo(data),
            pipeline="1",
            removal=Removal(photos, ledger, retries, self.photo_etag, self.delete_photo, deletions),
            sync_deletes=self.removes.wanted,
            claim=claim,
            now=self.clock,
            chance=lambda: 0.5,
        )

    def put_photo(self, _target: Target, jpeg: bytes) -> Answer:
        answer: Answer = step("PUT", Put(self, jpeg, Answer(200, client_request_id=str(numbered_uuid()))))
        return answer

    def delete_photo(self, _target: Target, _etag: str) -> Answer:
        """Delete whatever photo there is: nobody knows whether Graph minds the ETag."""
        answer: Answer = step("DELETE", Put(self, b"", Answer(204, client_request_id=str(numbered_uuid()))))
        return answer

    def photo_etag(self, _target: Target) -> str:
        etag: str = step("GET", lambda: f'W/"{self.puts}"' if self.photo else "")
        return etag

    def take(self, jpeg: bytes) -> None:
        self.photo = jpeg
        self.puts += self.removes.wanted

    def upload(self, colour: str) -> None:
        self.photos.get_blob_client(ADA).upload_blob(PICTURES[colour], overwrite=True)

    def delete(self) -> None:
        self.photos.get_blob_client(ADA).delete_blob()

    def save(self) -> Saved:
        return Saved(
            self.clock.now,
            self.photos.kept,
            self.receipts.kept,
            self.queue.messages,
            self.photo,
            self.in_air,
            self.puts,
            self.removes,
        )

    def restore(self, saved: Saved) -> None:
        self.clock.now = saved.now
        self.photos.kept = saved.photos
        self.receipts.kept = saved.receipts
        self.queue.messages = saved.messages
        self.photo = saved.photo
        self.in_air = saved.in_air
        self.puts = saved.puts
