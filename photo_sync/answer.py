"""Reads what Microsoft Graph answered: the error code that counts, the ids for support, how long to wait."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import requests

from photo_sync.errors import Answer, TryLater

PAUSE: Final = 10.0
"""Seconds of rest where a service asks for some without saying how long."""

_LONGEST: Final = 3_600.0  # a wish for more is heard again after that


def read_answer(response: requests.Response, known_codes: Collection[str]) -> Answer:
    """Return what a response says, its error code being the most specific one that is known, else the outermost.

    An error may hold others (Microsoft Learn, "Error responses and resource types"); its message is never read.
    """
    codes = [] if response.ok else list(_codes(response))
    error_code = next((code for code in reversed(codes) if code in known_codes), codes[0] if codes else "")
    sent = response.request.headers["client-request-id"]
    return Answer(response.status_code, error_code, response.headers.get("request-id", ""), sent)


def read_photo_etag(response: requests.Response) -> str:
    """Return the ETag of the photo that a response describes; empty where it is the picture of none.

    For nobody's photo Graph may tell of a GIF of one pixel (Microsoft Learn, "Get profilePhoto"). Raises `TryLater` for
    what is no description.
    """
    try:
        told = response.json()
        etag = told["@odata.mediaEtag"]
        is_none = told.get("id") == "1x1"
    except (requests.JSONDecodeError, TypeError, KeyError, AttributeError):
        etag, is_none = None, False
    if not isinstance(etag, str) or not etag.isprintable() or not etag.isascii():
        raise TryLater("no-answer", "Microsoft Graph did not tell which photo there is.")
    return "" if is_none else etag


def rest(response: requests.Response) -> float | None:
    """Return for how many seconds the service wants no request at all; None for most answers."""
    seconds = _retry_after(response)
    if response.status_code in {429, 509}:
        return PAUSE if seconds is None else seconds
    return seconds if response.status_code == 503 else None


def _retry_after(response: requests.Response) -> float | None:
    """The seconds that the service asked to wait, an hour at most; told as a number or a date (RFC 9110, 10.2.3)."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdecimal():
        return min(float(value), _LONGEST)
    try:
        seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(0.0, seconds), _LONGEST)


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
