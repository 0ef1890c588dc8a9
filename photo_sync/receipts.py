"""What became of a photo and why, as a receipt tells it: the outcomes there are, and the steps from one to the next."""

import json
import uuid
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, get_type_hints

from photo_sync.backoff import GIVE_UP, TRIES
from photo_sync.errors import Answer, Rejected, TryLater
from photo_sync.storage import Upload

if TYPE_CHECKING:
    from photo_sync.photo import Photo

IN_PROGRESS: Final = "in-progress"
"""The code of a receipt by which a run claims a photo: no other may work on it until `unanswered_until`."""

_OF_PHOTO: Final = ("source_format", "source_width", "source_height", "faces", "warning")
_TIMES: Final = ("uploaded", "first_tried", "started", "downloaded", "made", "finished", "due", "unanswered_until")


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
    """Of the photo that the app has last set in Graph, as Graph has it; empty where that is not known."""
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
        )

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.outcome != Outcome.RETRYING

    @property
    def is_claim(self) -> bool:
        """Whether a run is at work, or died at it."""
        return self.outcome == Outcome.RETRYING and self.code == IN_PROGRESS

    def is_hopeless(self, at: datetime) -> bool:
        """Say whether it has been tried for long enough, and often enough, to be given up then."""
        return self.attempts >= TRIES and at - self.first_tried > GIVE_UP

    def with_photo(self, photo: "Photo") -> "Receipt":
        """Return this receipt with the picture's measures, before and after."""
        known: dict[str, Any] = {name: getattr(photo, name) for name in _OF_PHOTO}
        return replace(self, **known, photo_bytes=len(photo.jpeg), photo_width=photo.width, photo_height=photo.height)

    def claimed(self, now: datetime, until: datetime) -> "Receipt":
        """Return the receipt by which a run claims the photo for its request to Graph."""
        claim = self.ended(Outcome.RETRYING, now, code=IN_PROGRESS, reason="It is being sent to Microsoft Graph.")
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
            reason = f"{fault.reason} It was tried for a day. Mend that, and upload the photo again."
            return self.ended(Outcome.FAILED, now, fault.answer, code=fault.code, reason=reason)
        reason = f"{fault.reason} It is tried again by itself, for a day in all."
        return replace(self.ended(Outcome.RETRYING, now, fault.answer, code=fault.code, reason=reason), due=due)

    def given_up(self, now: datetime) -> "Receipt":
        """Return this receipt as it stands when the app has failed at it again and again."""
        reason = (
            "The app failed on this file several times in a row. The function's log tells why; when that is mended, "
            "upload the file again."
        )
        return self.ended(Outcome.FAILED, now, code="given-up", reason=reason)

    def repeated_by(self, repeat: "Receipt", now: datetime) -> "Receipt":
        """Return the receipt of an upload with the same bytes: what is known of the photo stays, Graph's answer too."""
        kept = replace(self, etag=repeat.etag, kind=repeat.kind, uploaded=repeat.uploaded)
        return replace(kept, started=repeat.started, downloaded=repeat.downloaded, made=None).ended(
            Outcome.UNCHANGED, now
        )

    def stands_for(self, other: "Receipt") -> bool:
        """Say whether Graph already has what another upload would make: the same bytes, path and way of making it."""
        accepted = self.outcome in {Outcome.SYNCED, Outcome.UNCHANGED}
        bytes_ = (self.sha256 and self.sha256 == other.sha256) or (self.md5 and self.md5 == other.md5)
        alike = [(one.graph_path, one.pipeline, one.source_bytes) for one in (self, other)]
        return accepted and bool(bytes_) and alike[0] == alike[1]

    def to_json(self) -> bytes:
        """Return the receipt as the JSON that its blob holds; times as ISO 8601, in UTC."""
        return json.dumps(asdict(self), default=datetime.isoformat, ensure_ascii=False, indent=2).encode(
            errors="backslashreplace"
        )

    @classmethod
    def from_json(cls, data: bytes) -> "Receipt":
        """Read a receipt, leaving out fields that are not known; raises `ValueError` for what is no receipt."""
        types = get_type_hints(cls)
        try:
            values: dict[str, Any] = json.loads(data)
            known = {field.name: values[field.name] for field in fields(cls) if field.name in values}
            times = {name: _time(known[name]) for name in _TIMES if known.get(name) is not None}
            receipt = cls(**known | times | {"outcome": Outcome(values["outcome"])})
        except (TypeError, KeyError, RecursionError, AttributeError) as error:
            raise ValueError(f"not a receipt: {error}") from error
        if wrong := [name for name, type_ in types.items() if not isinstance(getattr(receipt, name), type_)]:
            raise ValueError(f"not a receipt: {', '.join(wrong)} of the wrong type")
        return receipt


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:  # it could not be compared with any other
        raise ValueError(f"not a receipt: the time {text} is of no zone")
    return time
