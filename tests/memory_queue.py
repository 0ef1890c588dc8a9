"""A queue in memory: what a sender uses of Azure's client, and with its limits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from azure.core.exceptions import HttpResponseError
from azure.storage.queue import QueueProperties

from azure_memory import Step, at_once, refusal

_WEEK: Final = 7 * 86_400  # seconds that a message may be invisible at most


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """A message, and when it may be seen."""

    due: datetime
    text: str


class MemoryQueue:
    """Stands in for `QueueClient`, as far as a sender goes; `messages` are in the order of their times."""

    def __init__(self, name: str, now: Callable[[], datetime], step: Step = at_once) -> None:
        self._name = name
        self._now = now
        self._step = step
        self.messages: tuple[Message, ...] = ()

    def send_message(self, content: str, *, visibility_timeout: int = 0, time_to_live: int = _WEEK) -> None:
        if not 0 <= visibility_timeout <= _WEEK:
            raise refusal(HttpResponseError, 400, "OutOfRangeQueryParameterValue")
        if time_to_live != -1 and time_to_live <= visibility_timeout:
            raise refusal(HttpResponseError, 400, "InvalidQueryParameterValue")
        self._step(f"send to {self._name}", partial(self.put, content, visibility_timeout))

    def put(self, text: str, seconds: int) -> None:
        message = Message(self._now() + timedelta(seconds=seconds), text)
        self.messages = tuple(sorted([*self.messages, message]))

    def get_queue_properties(self) -> QueueProperties:
        told = QueueProperties()
        told.approximate_message_count = self._step(f"count {self._name}", lambda: len(self.messages))
        return told
