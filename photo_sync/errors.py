"""Every failure there is, sorted by what happens next.

PhotoSyncError
├── SettingsError   the settings are wrong: someone corrects them and starts again
├── Rejected        this photo will not work as it is: someone fixes the file, its name or its owner
└── TryLater        nothing is wrong with the photo: the same step may work in a while
"""

from collections.abc import Sequence
from dataclasses import dataclass


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
    """A passing fault; `retry_after` is how many seconds the service asked to wait, where it did.

    As a string it ends with Graph's answer: a log that shows the error shows the ids that support asks for.
    """

    def __init__(
        self, code: str, reason: str, *, retry_after: float | None = None, answer: Answer | None = None
    ) -> None:
        super().__init__(reason if answer is None else f"{reason} [{answer}]")
        self.code = code
        self.reason = reason
        self.retry_after = retry_after
        self.answer = answer
