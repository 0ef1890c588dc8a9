"""Every failure there is, sorted by what happens next.

PhotoSyncError
├── SettingsError   the settings are wrong: someone corrects them and starts again
├── Rejected        this photo will not work as it is: someone fixes the file, its name or its owner
├── TryLater        nothing is wrong with the photo: the same step may work in a while
└── Overtaken       the photo or its receipt was changed meanwhile: look again, and begin anew
"""

from collections.abc import Sequence
from dataclasses import dataclass

from photo_sync.backoff import QUICKLY, Backoff


class PhotoSyncError(Exception):
    """The root of everything that photo-sync raises on purpose."""


class SettingsError(PhotoSyncError):
    """The settings are wrong; `mistakes` holds a sentence for each one, all of them at once."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class Answer:
    """What Microsoft Graph answered, as support asks for it: enough to find the request again."""

    status: int | None = None
    error_code: str = ""
    request_id: str = ""
    client_request_id: str = ""

    @property
    def is_certain(self) -> bool:
        """Whether the request is over: one that was not answered, or by a gateway, may still take effect."""
        return self.status is not None and self.status < 500

    def __str__(self) -> str:
        """Return it in one line, for a log or a terminal."""
        ids = f"request-id {self.request_id or '-'}, client-request-id {self.client_request_id or '-'}"
        return f"{self.status or 'no status'} {self.error_code}".strip() + f", {ids}"


class Rejected(PhotoSyncError):
    """This photo will not work as it is.

    `code` is a short, stable word for the reason (`too-small`), `reason` a sentence that tells an admin what to do,
    `answer` what Graph said where Graph is who refused.
    """

    def __init__(self, code: str, reason: str, answer: Answer | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.answer = answer


class TryLater(PhotoSyncError):
    """A passing fault; `retry_after` is how many seconds to wait, where that is known, else `backoff` tells.

    As a string it ends with Graph's answer: a log that shows the error shows the ids that support asks for.
    """

    def __init__(
        self,
        code: str,
        reason: str,
        *,
        retry_after: float | None = None,
        backoff: Backoff = QUICKLY,
        answer: Answer | None = None,
    ) -> None:
        super().__init__(reason if answer is None else f"{reason} [{answer}]")
        self.code = code
        self.reason = reason
        self.retry_after = retry_after
        self.backoff = backoff
        self.answer = answer

    @property
    def is_over(self) -> bool:
        """Whether nothing that was sent may still take effect."""
        return self.answer is None or self.answer.is_certain

    @property
    def was_tried(self) -> bool:
        """Whether more than the app's own gate before Graph was in the way."""
        return self.answer is not None or self.retry_after is None

    def delay(self, attempts: int, chance: float) -> float:
        """Return the seconds until the next try, after so many tries; `chance` is from 0 to 1.

        What Graph itself asks for again and again is waited for longer and longer; who only met a pause need not.
        """
        backed_off = self.backoff.delay(attempts, chance)
        if self.retry_after is None:
            return backed_off
        asked = self.retry_after + QUICKLY.delay(1, chance)
        return max(asked, backed_off) if self.answer else asked


class Overtaken(PhotoSyncError):
    """Somebody else was faster: the photo or its receipt is not any more what it was when it was read."""
