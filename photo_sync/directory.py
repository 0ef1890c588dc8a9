"""The tenant's directory: finds the one person who has the number, address or account name that a file is named by."""

import threading
import time
from collections.abc import Callable
from typing import Final

import requests

from photo_sync.backoff import SLOWLY
from photo_sync.connection import Connection
from photo_sync.errors import TryLater
from photo_sync.fault import Fault, decide
from photo_sync.graph import FAULTS, LOOKUP_ROLE
from photo_sync.people import Person, UserMatch, only, query
from photo_sync.spelling import shown

KEPT_SECONDS: Final = 300.0
"""For how long somebody who was found is taken to be the same one."""
KEPT_PEOPLE: Final = 10_000
"""How many of those who were found are remembered at most."""

_SHARED: Final = {"not-signed-in", "conflict", "throttled", "service-fault", "not-graph"}
# A reason may name {who}, {role}, {status} and {error_code}.
LOOKUP_FAULTS: Final = (
    Fault(
        "permission-missing",
        {403},
        "The app may not look up {who}: the Graph permission {role} is missing or not consented to. Ask a Privileged "
        "Role Administrator to grant it: that can take some hours to count, less when the function app is restarted.",
        again=SLOWLY,
    ),
    *(row for row in FAULTS if row.code in _SHARED),
    Fault(
        "lookup-refused",
        range(1000),
        "Microsoft Graph refused to look up {who} (status {status}, code “{error_code}”). Correct the file's name; if "
        "it is right, ask Microsoft's support, with the request ids.",
    ),
)


class Directory:
    """The people of the tenant by the property that USER_MATCH names; safe to share by threads.

    Whoever was found is remembered for a while; who was not found is asked for again each time.
    """

    def __init__(
        self,
        connection: Connection,
        match: UserMatch,
        clock: Callable[[], float] = time.monotonic,
        *,
        most: int = KEPT_PEOPLE,
    ) -> None:
        """Take a connection to Graph, the property, a clock that counts seconds, and how many to remember at most."""
        self._connection = connection
        self._match = match
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Person]] = {}

    def person(self, value: str) -> Person:
        """Return the one person whose property has this value.

        Raises `Rejected` where there is none or more than one, and `TryLater` where Graph does not say.
        """
        with self._lock:
            until, person = self._known.get(value, (0.0, None))
        if person is None or self._clock() >= until:
            person = self._found(value)
            self._remember(value, person)
        return person

    def _remember(self, value: str, person: Person) -> None:
        with self._lock:
            while len(self._known) >= self._most:
                del self._known[next(iter(self._known))]
            self._known[value] = (self._clock() + KEPT_SECONDS, person)

    def _found(self, value: str) -> Person:
        headers = {"ConsistencyLevel": "eventual"} if self._match.is_advanced else {}
        response = self._connection.send("GET", query(self._match, value), headers)
        who = f"the {self._match} “{shown(value)}”"
        answer = decide(response, LOOKUP_FAULTS, "users", {"who": who, "role": LOOKUP_ROLE})
        people = _read(response)
        if people is None:
            raise TryLater("no-answer", f"Microsoft Graph did not tell who has {who}.", answer=answer)
        return only(people, self._match, value)


def _read(response: requests.Response) -> list[Person] | None:
    """The people in an answer; None where it is no such list, or not all of it."""
    try:
        body = response.json()
        people = [Person(row["id"], row["userPrincipalName"]) for row in body["value"]]
    except (requests.JSONDecodeError, TypeError, KeyError):
        return None
    is_whole = len(people) > 1 or "@odata.nextLink" not in body
    are_named = all(isinstance(word, str) and word for person in people for word in (person.id, person.upn))
    return people if is_whole and are_named else None
