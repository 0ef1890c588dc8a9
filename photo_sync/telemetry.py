"""What the log tells of every photo and of every hour: a line of JSON each, for the queries in `infra/queries/`.

JSON in the message itself, since that is all that the Functions host passes on: `extra=` never arrives there
(Azure/azure-functions-python-worker#1681).
"""

import json
import logging
from datetime import datetime, timedelta
from typing import Final

from photo_sync.receipts import Outcome, Receipt

LEVELS: Final = {
    Outcome.SYNCED: logging.INFO,
    Outcome.UNCHANGED: logging.INFO,
    Outcome.RETRYING: logging.INFO,
    Outcome.REJECTED: logging.WARNING,
    Outcome.FAILED: logging.ERROR,
    Outcome.REMOVED: logging.INFO,
}
"""How loud the log is about each outcome: a warning is somebody's to mend, an error the operator's."""

_TOLD: Final = (
    "photo", "kind", "etag", "outcome", "code", "reason", "status", "error_code", "request_id", "client_request_id",
    "attempts", "source_bytes", "photo_bytes", "faces", "warning", "uploaded", "first_tried",
)  # fmt: skip


def log_event(event: str, **told: object) -> str:
    """Return one event as a line of JSON that begins with the event's name; times as ISO 8601."""
    return json.dumps({"event": event, **told}, default=datetime.isoformat, separators=(",", ":"))


def photo_event(receipt: Receipt) -> str:
    """Return the event `photo`: what became of it, as the receipt has it, and how long each step has taken.

    In milliseconds: `read_ms` for the download, `make_ms` for the JPEG, `send_ms` for the claim and Graph's answer,
    each None where the run did not come so far; `latency_ms` since the upload.
    """
    return log_event(
        "photo",
        **{name: getattr(receipt, name) for name in _TOLD},
        read_ms=_milliseconds(receipt.started, receipt.downloaded),
        make_ms=_milliseconds(receipt.downloaded, receipt.made),
        send_ms=_milliseconds(receipt.made, receipt.finished),
        latency_ms=_milliseconds(receipt.uploaded, receipt.finished),
    )


def _milliseconds(begin: datetime | None, end: datetime | None) -> int | None:
    if begin is None or end is None:
        return None
    return max(0, (end - begin) // timedelta(milliseconds=1))  # the uploaded photo's time is of storage's clock
