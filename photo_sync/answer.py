"""Reads what Microsoft Graph answered: the error code that counts, the ids for support, how long to wait."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from photo_sync.errors import Answer


def read_answer(response: requests.Response, known_codes: Collection[str]) -> Answer:
    """Return what a response says, its error code being the most specific one that is known, else the outermost.

    An error may hold others (Microsoft Learn, "Error responses and resource types"); its message is never read.
    """
    codes = [] if response.ok else list(_codes(response))
    error_code = next((code for code in reversed(codes) if code in known_codes), codes[0] if codes else "")
    sent = response.request.headers["client-request-id"]
    return Answer(response.status_code, error_code, response.headers.get("request-id", ""), sent)


def retry_after(response: requests.Response) -> float | None:
    """Return the seconds that the service asked to wait, given as a number or as a date (RFC 9110, 10.2.3)."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _codes(response: requests.Response) -> Iterator[str]:
    """The codes of the error in a body and of those nested in it, outermost first; none where it is no such JSON."""
    try:
        error = response.json()["error"]
    except (requests.JSONDecodeError, TypeError, KeyError):
        return
    while isinstance(error, dict):
        if isinstance(code := error.get("code"), str) and code:
            yield code
        error = error.get("innerError") or error.get("innererror")
