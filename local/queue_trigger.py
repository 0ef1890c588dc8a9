"""Fires a function for each message of a storage queue, as the queue extension does."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

import azure.functions as func
from azure.functions.meta import Datum
from azure.functions.queue import QueueMessageInConverter
from azure.storage.queue import QueueClient, QueueMessage, QueueServiceClient

from local.queue_listener import QueueListener, connect_queues, from_base64
from local.work import Work

_LONGEST_NAME = 63
_POISON = "-poison"


@dataclass(frozen=True)
class QueueSettings:
    """What host.json says of queues, with the host's own defaults."""

    parallel: int
    tries: int
    pause: int
    """How many seconds a message that failed stays hidden."""
    decode: Callable[[str], bytes]

    @classmethod
    def read(cls, queues: Mapping[str, Any]) -> "QueueSettings":
        """Read the part `extensions.queues`; raises `RuntimeError` for what the host would refuse."""
        batch = _number(queues, "batchSize", 16, 1, 32)
        return cls(
            parallel=batch + _number(queues, "newBatchThreshold", batch // 2, 0),
            tries=_number(queues, "maxDequeueCount", 5, 1),
            pause=_seconds(queues, "visibilityTimeout"),
            decode=_decoder(queues, "messageEncoding"),
        )


@dataclass(frozen=True)
class QueueTrigger:
    """One function with a queue trigger, and the storage that its connection names."""

    KIND: ClassVar = "queueTrigger"
    BINDING: ClassVar[type] = func.QueueMessage

    name: str
    call: Callable[..., object]
    argument: str
    queue: str
    queues: QueueServiceClient = field(repr=False)

    @classmethod
    @contextmanager
    def connected(cls, function: Any, environ: Mapping[str, str]) -> Iterator["QueueTrigger"]:  # noqa: ANN401 - its type is not public
        """Read what the function declares, and connect to its storage inside the block.

        Raises `RuntimeError` for what this host cannot connect.
        """
        name, trigger, call = function.get_function_name(), function.get_trigger(), function.get_user_function()
        with connect_queues(trigger.connection, environ) as queues:
            yield cls(name, call, trigger.name, trigger.queue_name, queues)

    def work(self, extensions: Mapping[str, Any], visibility: int) -> list[Work]:
        """Return what has to go on, by the extensions' part of host.json; for `visibility` see `QueueListener`.

        Raises `RuntimeError` for settings that the host would refuse.
        """
        settings = QueueSettings.read(extensions.get("queues", {}))
        listener = QueueListener(
            queue=self.queues.get_queue_client(self.queue),
            poison=self._poison(),
            fire=self._fire,
            about=self._about,
            parallel=settings.parallel,
            tries=settings.tries,
            visibility=visibility,
            pause=settings.pause,
            decode=settings.decode,
        )
        return [listener.listen]

    def _poison(self) -> QueueClient | None:
        """The poison queue, which some queues do not have (azure-sdk-for-net, QueueListenerFactory)."""
        name = f"{self.queue}{_POISON}"
        return None if self.queue.endswith(_POISON) or len(name) > _LONGEST_NAME else self.queues.get_queue_client(name)

    def _fire(self, body: bytes, message: QueueMessage) -> None:
        """Call the function with its argument bound by the very converter that binds it in Azure.

        Raises `UnicodeDecodeError` for a body that is no text: the host hands over a string.
        """
        datum = Datum(body.decode("utf-8"), "string")
        argument = QueueMessageInConverter.decode(datum, trigger_metadata=_metadata(message))
        self.call(**{self.argument: argument})

    def _about(self, _body: bytes, message: QueueMessage) -> str:
        return f"message {message.id} of {self.queue}"


def _metadata(message: QueueMessage) -> dict[str, Datum]:
    """What the host tells of a message beside its body (azure-sdk-for-net, QueueTriggerBinding)."""
    return {
        "Id": Datum(message.id, "string"),
        "PopReceipt": Datum(message.pop_receipt, "string"),
        "DequeueCount": Datum(json.dumps(message.dequeue_count), "json"),
        "ExpirationTime": _time(message.expires_on),
        "InsertionTime": _time(message.inserted_on),
        "NextVisibleTime": _time(message.next_visible_on),
    }


def _time(time: datetime | None) -> Datum:
    return Datum(json.dumps(time and time.isoformat()), "json")


def _number(queues: Mapping[str, Any], name: str, default: int, lowest: int, highest: int | None = None) -> int:
    number = queues.get(name, default)
    if type(number) is int and lowest <= number <= (number if highest is None else highest):
        return number
    range_ = f"of at least {lowest}" if highest is None else f"from {lowest} to {highest}"
    raise _refusal(queues, name, f"a whole number {range_}")


def _seconds(queues: Mapping[str, Any], name: str) -> int:
    parts = re.fullmatch(r"(?:(\d)\.)?([01]\d|2[0-3]):([0-5]\d):([0-5]\d)", str(queues.get(name, "00:00:00")))
    if parts is None:
        raise _refusal(queues, name, "a time such as 00:00:30")
    days, hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _decoder(queues: Mapping[str, Any], name: str) -> Callable[[str], bytes]:
    decoders: dict[str, Callable[[str], bytes]] = {"base64": from_base64, "none": str.encode}
    encoding = str(queues.get(name, "base64")).lower()
    if encoding not in decoders:
        raise _refusal(queues, name, "base64 or none")
    return decoders[encoding]


def _refusal(queues: Mapping[str, Any], name: str, needed: str) -> RuntimeError:
    return RuntimeError(f"The local host cannot read host.json: {name} of queues is {queues[name]!r}, not {needed}.")
