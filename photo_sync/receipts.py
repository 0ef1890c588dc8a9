"""What became of a photo and why, as a receipt tells it: the outcomes there are, and the steps from one to the next."""

import base64
import hashlib
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from photo_sync.backoff import GIVE_UP, TRIES
from photo_sync.errors import Answer, Rejected, TryLater
from photo_sync.storage import Upload

if TYPE_CHECKING:
    from photo_sync.photo import Photo

IN_PROGRESS: Final = "in-progress"
"""The code of a receipt by which a run claims a photo: no other may work on it until `unanswered_until`."""

_OF_PHOTO: Final = ("source_format", "source_width", "source_height", "faces", "warning")


class Outcome(StrEnum):
    """What became of a photo."""

    SYNCED = "synced"
    """Graph accepted it. Microsoft 365 may show it hours later."""
    UNCHANGED = "unchanged"
    """The same bytes as last time: Graph was not called."""
    REJECTED = "rejected"
    """Never going to work as it is; the reason says what to do."""
    RETRYING = "retrying"
    """Not settled yet: it is tried again by itself."""
    FAILED = "failed"
    """Given up after a day, or for a fault of the app's own."""
    REMOVED = "removed"
    """The file was deleted, and the photo with it; where the photo was left, the reason says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one upload. `code` is a word for the reason, `reason` a sentence; `error_code` is Graph's own."""

    photo: str
    etag: str
    """The upload that it is about; empty where it is about there being none any more."""
    outcome: Outcome
    code: str = ""
    reason: str = ""
    sha256: str = ""
    """Of the bytes as uploaded."""
    md5: str = ""
    """Of the same, in base64 as storage has it."""
    pipeline: str = ""
    """Which way the photo was made: another one makes another photo of the same bytes."""
    kind: str = ""
    """Of whose photo it is, where the name says so."""
    graph_path: str = ""
    status: int | None = None
    error_code: str = ""
    request_id: str = ""
    client_request_id: str = ""
    photo_etag: str = ""
    """Of the photo that was last set under this name, as Graph has it; empty where that is not known."""
    photo_path: str = ""
    """Whose photo that is, as a path in Graph; empty where none was set."""
    source_format: str = ""
    source_bytes: int = 0
    source_width: int = 0
    source_height: int = 0
    photo_bytes: int = 0
    photo_width: int = 0
    photo_height: int = 0
    faces: str = ""
    """How many the picture has: 0, 1 or many; empty where nobody looked."""
    warning: str = ""
    attempts: int = 0
    uploaded: datetime
    first_tried: datetime
    started: datetime | None = None
    """When the last run began, after it had found the upload; `downloaded` and `made`, where it came so far."""
    downloaded: datetime | None = None
    made: datetime | None = None
    finished: datetime
    due: datetime | None = None
    """When it is tried again, or when the run at work must have ended."""
    unanswered_until: datetime | None = None
    """Until then, a request that Graph did not answer may still take effect."""
    run: str = ""
    """Which run claims the photo."""

    @classmethod
    def start(cls, upload: Upload, previous: "Receipt | None", pipeline: str, now: datetime) -> "Receipt":
        """Return the receipt that the work on an upload begins with; what was tried for it before counts."""
        again = previous is not None and previous.etag == upload.etag and not previous.is_final
        return cls(
            photo=upload.name,
            etag=upload.etag,
            outcome=Outcome.RETRYING,
            pipeline=pipeline,
            source_bytes=upload.size,
            attempts=previous.attempts if previous and again else 0,
            uploaded=upload.uploaded,
            first_tried=previous.first_tried if previous and again and previous.attempts else now,
            started=now,
            finished=now,
            unanswered_until=previous.unanswered_until if previous else None,
            photo_etag=previous.photo_etag if previous else "",
            photo_path=previous.sent_to if previous else "",
        )

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.outcome != Outcome.RETRYING

    @property
    def may_be_in_graph(self) -> bool:
        """Whether Graph may have a photo that was sent under this name, by all that is known."""
        return bool(self.sent_to or self.photo_etag) or self.unanswered_until is not None

    @property
    def sent_to(self) -> str:
        """Whose photo was last set under this name, as a path in Graph; in older receipts the outcome tells it."""
        is_sent = self.outcome in {Outcome.SYNCED, Outcome.UNCHANGED}
        return self.photo_path or (self.graph_path if is_sent else "")

    @property
    def is_claim(self) -> bool:
        """Whether a run is at work, or died at it."""
        return self.outcome == Outcome.RETRYING and self.code == IN_PROGRESS

    def is_hopeless(self, at: datetime) -> bool:
        """Say whether it has been tried for long enough, and often enough, to be given up then."""
        return self.attempts >= TRIES and at - self.first_tried > GIVE_UP

    def tried(self, fault: TryLater) -> "Receipt":
        """Return this receipt with one try more, if more than the app's own gate was in the way."""
        return replace(self, attempts=self.attempts + 1) if fault.was_tried else self

    def with_source(self, data: bytes, now: datetime) -> "Receipt":
        """Return this receipt with what identifies the bytes that were downloaded."""
        md5 = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        return replace(self, sha256=hashlib.sha256(data).hexdigest(), md5=md5, downloaded=now)

    def with_photo(self, photo: "Photo") -> "Receipt":
        """Return this receipt with the picture's measures, before and after."""
        known: dict[str, Any] = {name: getattr(photo, name) for name in _OF_PHOTO}
        return replace(self, **known, photo_bytes=len(photo.jpeg), photo_width=photo.width, photo_height=photo.height)

    def claimed(self, now: datetime, until: datetime) -> "Receipt":
        """Return the receipt by which a run claims the photo for its request to Graph."""
        what = "sent to" if self.etag else "deleted in"
        claim = self.ended(Outcome.RETRYING, now, code=IN_PROGRESS, reason=f"It is being {what} Microsoft Graph.")
        return replace(
            claim, attempts=self.attempts + 1, made=now, due=until, unanswered_until=until, run=str(uuid.uuid4())
        )

    def ended(
        self, outcome: Outcome, now: datetime, answer: Answer | None = None, *, code: str = "", reason: str = ""
    ) -> "Receipt":
        """Return this receipt as it stands when a step of the work is over."""
        told = asdict(answer) if answer else {}
        return replace(self, outcome=outcome, code=code, reason=reason, finished=now, due=None, run="", **told)

    def rejected(self, refusal: Rejected, now: datetime) -> "Receipt":
        """Return this receipt with the refusal's reason and, where Graph refused, Graph's answer."""
        return self.ended(Outcome.REJECTED, now, refusal.answer, code=refusal.code, reason=refusal.reason)

    def postponed(self, fault: TryLater, now: datetime, due: datetime) -> "Receipt":
        """Return this receipt with a passing fault, to be tried again when it is due; given up after a day."""
        if self.is_hopeless(due):
            reason = f"{fault.reason} It was tried for a day. When that is mended, {self._again}."
            return self.ended(Outcome.FAILED, now, fault.answer, code=fault.code, reason=reason)
        reason = f"{fault.reason} It is tried again by itself, for a day in all."
        return replace(self.ended(Outcome.RETRYING, now, fault.answer, code=fault.code, reason=reason), due=due)

    def given_up(self, now: datetime) -> "Receipt":
        """Return this receipt as it stands when the app has failed at it again and again."""
        reason = (
            "The app failed on this file several times in a row. The function's log tells why; when that is mended, "
            f"{self._again}."
        )
        return self.ended(Outcome.FAILED, now, code="given-up", reason=reason)

    @property
    def _again(self) -> str:
        """What a person does to have it tried once more."""
        again = "run `photo-sync retry` for it"
        return f"upload the file again, or {again}" if self.etag else again
