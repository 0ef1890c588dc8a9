"""Takes messages off a storage queue as the Functions host does: at least once, a few tries, then the poison queue."""

import base64
import logging
import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.identity import ManagedIdentityCredential
from azure.storage.queue import QueueClient, QueueMessage, QueueServiceClient

FAILED = "A try failed"
"""What the log's line about a run that failed begins with."""

_IDLE_SECONDS = 0.1
_MOST_AT_A_TIME = 32  # storage hands out no more messages per request
_log = logging.getLogger(__name__)


def connect_queues(connection: str, environ: Mapping[str, str]) -> QueueServiceClient:
    """Return a client for the settings that begin with `connection`, as the Functions host reads them.

    Raises `RuntimeError` where they are not there.
    """
    if connection in environ:
        return QueueServiceClient.from_connection_string(environ[connection])
    if (name := f"{connection}__queueServiceUri") not in environ:
        raise RuntimeError(f"The local host cannot connect: {name} must be set.")
    credential = ManagedIdentityCredential(client_id=environ.get(f"{connection}__clientId"))
    return QueueServiceClient(environ[name], credential)


def put(queue: QueueClient, content: str) -> None:
    """Add a message as it is, and make the queue if it is not there; the message is gone after storage's 7 days."""
    try:
        queue.send_message(content)
    except ResourceNotFoundError:
        with suppress(ResourceExistsError):
            queue.create_queue()
        queue.send_message(content)


def from_base64(content: str) -> bytes:
    """Return a message's body from what lies in the queue, read as .NET reads it: white space does not count.

    Raises `ValueError` for what is not base64.
    """
    return base64.b64decode(re.sub("[ \t\r\n]", "", content), validate=True)


@dataclass(frozen=True)
class QueueListener:
    """Hands each message of `queue` to `fire`, up to `parallel` at once; one that fails `tries` times goes to `poison`.

    `about` says of a message, in a few words, what it is about. A message that `decode` refuses with a `ValueError`
    goes to `poison` at once. Whatever goes there does so as it lay in the queue.

    A message stays hidden for `visibility` seconds while it is worked on: when a run dies with its process, the
    message comes back by itself. One that failed stays hidden for `pause` seconds. Without a `poison` it just comes
    back after `visibility` seconds; after `tries` of them nobody gets it any more, and it stays where it is.
    (azure-sdk-for-net, QueueProcessor; there, visibility is ten minutes and lasts as long as the run.)
    """

    queue: QueueClient
    poison: QueueClient | None
    fire: Callable[[bytes, QueueMessage], None]
    about: Callable[[bytes, QueueMessage], str]
    parallel: int
    tries: int
    visibility: int
    pause: int = 0
    decode: Callable[[str], bytes] = from_base64

    def listen(self, stop: threading.Event) -> None:
        """Take messages until told to stop; it ends when the runs under way have ended."""
        under_way = set[Future[None]]()
        with ThreadPoolExecutor(self.parallel) as runs:
            while not stop.is_set():
                under_way = {run for run in under_way if not run.done()}
                free = self.parallel - len(under_way)
                taken = self._take(free) if free else []
                under_way |= {runs.submit(self._handle, message) for message in taken}
                if not free:
                    wait(under_way, _IDLE_SECONDS, FIRST_COMPLETED)
                elif not taken:
                    stop.wait(_IDLE_SECONDS)

    def _take(self, free: int) -> list[QueueMessage]:
        """Up to so many messages; a queue that is not there has none, for the host does not make it."""
        most = min(free, _MOST_AT_A_TIME)
        pages = self.queue.receive_messages(messages_per_page=most, visibility_timeout=self.visibility).by_page()
        try:
            return list(next(pages, ()))
        except ResourceNotFoundError:
            return []

    def _handle(self, message: QueueMessage) -> None:
        """Run a message, or give it up; where storage fails, the message comes back by itself."""
        try:
            if (message.dequeue_count or 1) > self.tries:
                self._give_up(message, f"was taken {self.tries} times")
            else:
                self._run(message)
        except AzureError as error:
            _log.warning("Storage failed the local host: %s", error)

    def _run(self, message: QueueMessage) -> None:
        try:
            body = self.decode(message.content or "")
        except ValueError:
            self._give_up(message, "is not encoded as host.json says")
            return
        try:
            self.fire(body, message)
        except Exception as error:  # noqa: BLE001 - whatever a function raises, the host tries it again
            about, kind = self.about(body, message), type(error).__name__
            _log.warning("%s, %d of %d for %s: %s: %s", FAILED, message.dequeue_count, self.tries, about, kind, error)
            self._fail(message)
        else:
            self._settle(lambda: self.queue.delete_message(message))

    def _fail(self, message: QueueMessage) -> None:
        if self.poison is None:
            return
        if (message.dequeue_count or 1) < self.tries:
            self._settle(lambda: self.queue.update_message(message, visibility_timeout=self.pause))
        else:
            self._give_up(message, f"failed {self.tries} times")

    def _give_up(self, message: QueueMessage, why: str) -> None:
        what = f"Message {message.id} of {self.queue.queue_name} {why}"
        if self.poison is None:
            _log.warning("%s: no function gets it any more, and it has no poison queue to go to.", what)
            return
        put(self.poison, message.content or "")
        self._settle(lambda: self.queue.delete_message(message))
        _log.warning("%s: it is in %s now.", what, self.poison.queue_name)

    def _settle(self, step: Callable[[], object]) -> None:
        try:
            step()
        except HttpResponseError as error:
            if error.status_code != 404 and getattr(error, "error_code", "") != "PopReceiptMismatch":
                raise
            _log.debug("The run took too long: its message came back meanwhile, and is somebody else's now.")
