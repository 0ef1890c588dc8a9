"""Takes messages off a storage queue as the Functions host does: at least once, a few tries, then the poison queue."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import (
    QueueClient,
    QueueMessage,
    QueueServiceClient,
    TextBase64DecodePolicy,
    TextBase64EncodePolicy,
)

FAILED = "A try failed"
"""What the log's line about a run that failed begins with."""

_IDLE_SECONDS = 0.1
_log = logging.getLogger(__name__)


def open_queue(queues: QueueServiceClient, name: str) -> QueueClient:
    """Return a queue, made if need be, whose messages are base64 as the Functions host expects them."""
    queue = queues.get_queue_client(
        name, message_encode_policy=TextBase64EncodePolicy(), message_decode_policy=TextBase64DecodePolicy()
    )
    try:
        queue.create_queue()
    except ResourceExistsError:
        _log.debug("The queue %s is there already.", name)
    return queue


@dataclass(frozen=True)
class QueueListener:
    """Hands each message of `queue` to `fire`; one that fails `tries` times goes to `poison`.

    `about` says of a message, in a word or two, what it is about.

    A message stays hidden for `visibility` seconds while it is worked on: when a run dies with its process, the
    message comes back by itself.
    """

    queue: QueueClient
    poison: QueueClient
    fire: Callable[[str], None]
    about: Callable[[str], str]
    tries: int
    visibility: int

    def listen(self, stop: threading.Event) -> None:
        """Take one message after the other until told to stop."""
        while not stop.is_set():
            message = self.queue.receive_message(visibility_timeout=self.visibility)
            if message is None:
                stop.wait(_IDLE_SECONDS)
            else:
                self._handle(message)

    def _handle(self, message: QueueMessage) -> None:
        attempt = message.dequeue_count or 1
        try:
            self.fire(message.content)
        except Exception as error:  # noqa: BLE001 - whatever a function raises, the host tries it again
            about, kind = self.about(message.content), type(error).__name__
            _log.warning("%s, %d of %d for %s: %s: %s", FAILED, attempt, self.tries, about, kind, error)
            if attempt < self.tries:
                self._settle(lambda: self.queue.update_message(message, visibility_timeout=0))
                return
            self.poison.send_message(message.content)
        self._settle(lambda: self.queue.delete_message(message))

    def _settle(self, step: Callable[[], object]) -> None:
        try:
            step()
        except ResourceNotFoundError:
            _log.debug("The run took too long: its message came back meanwhile, and is somebody else's now.")
