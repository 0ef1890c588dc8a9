"""What the app says of itself: its page is asked, for from outside only the asker's own permissions are seen."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import SplitResult, parse_qs, urlsplit

import requests

from photo_sync.doctor import Check, State

_NAME: Final = "the app's page"
_SECONDS: Final = 60  # it may have to be started first
_BY_SIGN_IN: Final = (
    "This page is opened by signing in: open it in a browser; “Is everything in order?” says the same. "
    "If it asks for a key instead, put “?code=” and the key behind the address."
)


def ask(page: str) -> Iterator[Check]:
    """Yield what the app checks itself, each with “app: ” before its name; `page` is its page's address, with the key.

    The key is sent as a header, so that it stands in no log of addresses.
    """
    try:
        address = urlsplit(page)
    except ValueError:
        yield Check(_NAME, State.RED, "This is no address. Copy the one that the browser shows for the page.")
        return
    if address.scheme != "https" and address.hostname not in {"localhost", "127.0.0.1", "::1"}:
        yield Check(_NAME, State.RED, "The address must start with https://, or the key would be sent in the clear.")
        return
    try:
        yield from _read(*_answer(address))
    except (requests.RequestException, ValueError, TypeError, KeyError) as error:
        yield Check(_NAME, State.RED, f"It did not answer as it should ({type(error).__name__}). Check the address.")


def _answer(address: SplitResult) -> tuple[requests.Response, bool]:
    """Ask the page; returns the answer, and whether it was asked with a key."""
    key = parse_qs(address.query).get("code", [""])[0]
    at = address._replace(path=f"{address.path.rstrip('/')}/health", query="", fragment="").geturl()
    headers = {"x-functions-key": key}
    return requests.get(at, headers=headers, timeout=_SECONDS, allow_redirects=False), bool(key)


def _read(answer: requests.Response, has_key: bool) -> list[Check]:
    if answer.status_code == 200:
        return [Check(f"app: {row['name']}", State(row["state"]), str(row["told"])) for row in answer.json()["checks"]]
    if answer.is_redirect or (answer.status_code == 401 and not has_key):
        return [Check(_NAME, State.YELLOW, _BY_SIGN_IN)]
    told = f"It did not answer (status {answer.status_code}). Check the address and its key."
    return [Check(_NAME, State.RED, _sentence(answer) or told)]


def _sentence(answer: requests.Response) -> str:
    """What the app says itself of why it does not tell; empty where nothing is said, or by somebody else."""
    try:
        told: Any = answer.json()
    except ValueError:
        return ""
    return str(told.get("error", "")) if isinstance(told, dict) else ""
