"""A receipt as the JSON that its blob holds: what one version has written, another one reads."""

import json
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final, get_type_hints

from photo_sync.receipts import Outcome, Receipt

_TIMES: Final = ("uploaded", "first_tried", "started", "downloaded", "made", "finished", "due", "unanswered_until")


def to_json(receipt: Receipt) -> bytes:
    """Return a receipt as JSON; times as ISO 8601, in UTC."""
    text = json.dumps(asdict(receipt), default=datetime.isoformat, ensure_ascii=False, indent=2)
    return text.encode(errors="backslashreplace")


def from_json(data: bytes) -> Receipt:
    """Read a receipt, leaving out fields that are not known; raises `ValueError` for what is no receipt."""
    types = get_type_hints(Receipt)
    try:
        values: dict[str, Any] = json.loads(data)
        known = {field.name: values[field.name] for field in fields(Receipt) if field.name in values}
        times = {name: _time(known[name]) for name in _TIMES if known.get(name) is not None}
        receipt = Receipt(**known | times | {"outcome": Outcome(values["outcome"])})
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
