"""The queue `photo-retries`: which photos are looked at again, each when its time has come."""

import json
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient

_SUBJECT: Final = "/blobServices/default/containers/photos"


@dataclass(frozen=True, slots=True)
class Retry:
    """A message: look at this photo again; with `force`, send it even if its receipt says that this was done.

    With `remove`, delete the photo of a file that is gone: a person wants it so. `etag` is the upload that it was
    written for, empty where that was not known or there was none: the newest one is what is looked at.
    """

    photo: str
    force: bool = False
    remove: bool = False
    etag: str = field(default="", compare=False)

    def to_json(self) -> str:
        """Return the message's text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> "Retry":
        """Read a message's text, or what Event Grid tells of a deleted blob; raises `ValueError` for anything else."""
        try:
            told = json.loads(text)
            if "eventType" in told:
                return cls(_deleted(told))
            orders = {name: bool(told.get(name, False)) for name in ("force", "remove")}
            return cls(str(told["photo"]), **orders, etag=str(told.get("etag", "")))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(f"This is no message of photo-retries: {text!r}") from error


def _deleted(event: dict[str, str]) -> str:
    """Which photo an event of Event Grid's is about (Microsoft Learn, "Azure Blob Storage as Event Grid source").

    The name stands in the subject as it is; in the address of the blob it would be ambiguous.
    """
    path, _, name = event["subject"].partition("/blobs/")
    if event["eventType"] != "Microsoft.Storage.BlobDeleted" or path != _SUBJECT or not name:
        raise ValueError("another event, or another container")
    return name


class Retries:
    """The queue itself; its client must encode messages in base64, as the Functions host expects them."""

    def __init__(self, queue: Callable[[], "QueueClient"], *poison: Callable[[], "QueueClient"]) -> None:
        """Take what gives the queue's client, and those of the queues of what the Functions host has given up."""
        self._queue = queue
        self._poison = poison

    def send(self, retry: Retry, after: float) -> None:
        """Have a photo looked at again after so many seconds; the message waits for ever."""
        send = partial(
            self._queue().send_message, retry.to_json(), visibility_timeout=math.ceil(after), time_to_live=-1
        )
        try:
            send()
        except ResourceNotFoundError:  # nobody has made the queue yet
            with suppress(ResourceExistsError):
                self._queue().create_queue()
            send()

    def waiting(self) -> int:
        """Return about how many messages there are, those included whose time has not come."""
        return _length(self._queue())

    def given_up(self) -> int:
        """Return about how many messages the Functions host has given up and the app has not taken since."""
        return sum(_length(queue()) for queue in self._poison)


def _length(queue: "QueueClient") -> int:
    try:
        return queue.get_queue_properties().approximate_message_count or 0
    except ResourceNotFoundError:  # nobody has made it yet
        return 0
