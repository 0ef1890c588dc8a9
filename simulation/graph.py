"""Microsoft Graph on a simulated clock: it keeps to the limits that Microsoft publishes, and has bad hours.

What an answer means to the app is said by the app's own code: `rest`, and the table `FAULTS`.
"""

import json
import math
import random
from collections import Counter, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Final, NamedTuple

import requests

from photo_sync.answer import rest
from photo_sync.errors import Rejected, TryLater
from photo_sync.graph import judge
from photo_sync.target import Target

PHOTO_BYTES: Final = 80_000
"""What a photo has on average; assumed. The most is MAX_PHOTO_BYTES, 100,000."""
PUT_SECONDS: Final = (0.3, 0.7)
"""How long Graph takes to accept a photo, from and to; assumed."""
_REFUSAL_SECONDS: Final = 0.05  # to refuse one, or not to find somebody; assumed

_ADA: Final = Target.parse("users/ada@contoso.com.jpg")


@dataclass(frozen=True, slots=True)
class Limits:
    """What Graph allows one app: so many requests at a time, and so many in any period of so many seconds."""

    name: str
    at_a_time: float = math.inf
    quotas: tuple[tuple[int, float], ...] = ()


# Microsoft Learn, "Microsoft Graph service-specific throttling limits". None is said to be that of a person's photo:
# the Outlook service lists the resource "photo", and Microsoft Entra ID counts writes to users.
OUTLOOK: Final = Limits("outlook", at_a_time=4)
IDENTITY: Final = Limits("identity", quotas=((3_000, 150),))
MAILBOX: Final = Limits("mailbox", at_a_time=4, quotas=((10_000, 600), (150_000_000 // PHOTO_BYTES, 300)))


class Reply(NamedTuple):
    """What Graph answers; `retry_after` is in seconds, None where it is not said."""

    status: int
    error_code: str = ""
    retry_after: int | None = None


OK: Final = Reply(200)
UNKNOWN: Final = Reply(404, "Request_ResourceNotFound")
CROWDED: Final = Reply(429, "ApplicationThrottled", 1)
"""Too many at a time; the Retry-After is as Microsoft's support tells it (Microsoft Q&A, question 2143058)."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """From when to when, in seconds, every request is answered with this."""

    begin: float
    end: float
    reply: Reply


class Quota:
    """A sliding window over all requests, those that are refused too.

    Microsoft Learn, "Microsoft Graph throttling guidance": all requests accrue against the usage limits.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._times: deque[float] = deque()

    def take(self, now: float) -> int:
        """Count a request; return after how many seconds one will be served again, 0 where this one is."""
        times = self._times
        while times and times[0] <= now - self._seconds:
            times.popleft()
        times.append(now)
        if len(times) <= self._most:
            return 0
        return math.ceil(times[len(times) - self._most] + self._seconds - now)


class SimulatedGraph:
    """Graph itself; `answers` counts what it has answered, by status."""

    def __init__(
        self,
        limits: Limits,
        clock: Callable[[], float],
        chance: random.Random,
        troubles: Collection[Trouble] = (),
        unknown: int = 0,
    ) -> None:
        """Take what it allows, the time, its moods, and how many of every hundred people it does not know."""
        self.answers: Counter[int] = Counter()
        self._limits, self._clock, self._chance = limits, clock, chance
        self._quotas = [Quota(*quota) for quota in limits.quotas]
        self._troubles, self._unknown = troubles, unknown
        self._at_work = 0

    def put(self, person: int) -> tuple[Reply, float]:
        """Take a person's photo; return the answer and in how many seconds it comes: then `leave` must be called."""
        reply = self._reply(person)
        self.answers[reply.status] += 1
        if reply.status < 429:
            self._at_work += 1
        return reply, self._chance.uniform(*PUT_SECONDS) if reply is OK else _REFUSAL_SECONDS

    def leave(self, reply: Reply) -> None:
        """End a request that was answered so."""
        if reply.status < 429:
            self._at_work -= 1

    def _reply(self, person: int) -> Reply:
        now = self._clock()
        wait = max((quota.take(now) for quota in self._quotas), default=0)
        if trouble := next((trouble for trouble in self._troubles if trouble.begin <= now < trouble.end), None):
            return trouble.reply
        if wait:
            return Reply(429, "TooManyRequests", wait)
        if self._at_work >= self._limits.at_a_time:
            return CROWDED
        return UNKNOWN if person % 100 < self._unknown else OK


class Verdict(NamedTuple):
    """What an answer means to the app: for how long, in seconds, nothing may be sent, and which fault it is."""

    pause: float | None
    fault: TryLater | Rejected | None


@cache
def verdict(reply: Reply) -> Verdict:
    """Return what the app's own code makes of an answer."""
    response = requests.Response()
    response.status_code = reply.status
    response.raw = BytesIO(json.dumps({"error": {"code": reply.error_code}}).encode())
    response.request = requests.Request("PUT", "https://graph", {"client-request-id": "-"}).prepare()
    if reply.retry_after is not None:
        response.headers["Retry-After"] = str(reply.retry_after)
    try:
        judge(response, _ADA)
    except (TryLater, Rejected) as fault:
        return Verdict(rest(response), fault)
    return Verdict(rest(response), None)
