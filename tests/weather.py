"""What storage and Graph may do instead of what they were asked for."""

from enum import Enum, auto
from typing import Final

from azure.core.exceptions import HttpResponseError, ServiceResponseError

from azure_memory import Operation, refusal
from photo_sync.backoff import SLOWLY
from photo_sync.errors import Answer, Rejected, TryLater


def busy(_operation: Operation) -> object:
    raise refusal(HttpResponseError, 503, "ServerBusy")


def unheard(operation: Operation) -> object:
    """It is done, and nobody is told."""
    operation()
    raise ServiceResponseError("The answer was lost.")


def twice(operation: Operation) -> object:
    """The answer gets lost, and the client asks again."""
    operation()
    return operation()


STORAGE: Final = (busy, unheard, twice)


class Effect(Enum):
    """When a PUT takes effect that was not answered well."""

    NOW = auto()
    LATER = auto()
    NEVER = auto()


GRAPH: Final[tuple[tuple[Effect, TryLater | Rejected], ...]] = (
    (Effect.NEVER, TryLater("throttled", "Graph is busy.", retry_after=20, answer=Answer(429))),
    (Effect.NEVER, TryLater("no-such-target", "Graph does not know her yet.", backoff=SLOWLY, answer=Answer(404))),
    (Effect.NEVER, Rejected("refused", "Graph never will.", Answer(400))),
    (Effect.NEVER, TryLater("service-fault", "Graph had a fault.", answer=Answer(503))),
    (Effect.NOW, TryLater("service-fault", "A gateway had a fault.", answer=Answer(504))),
    (Effect.LATER, TryLater("service-fault", "A gateway had no patience.", answer=Answer(504))),
    (Effect.NOW, TryLater("no-answer", "The connection was lost.", answer=Answer())),
    (Effect.LATER, TryLater("no-answer", "The connection was lost.", answer=Answer())),
    (Effect.LATER, TryLater("no-answer", "The connection was lost.", answer=Answer())),
)
