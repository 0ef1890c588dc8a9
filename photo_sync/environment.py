"""The environment, read one setting at a time: each mistake in it becomes a sentence, and all of them are kept."""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from photo_sync.errors import Rejected
from photo_sync.guard import is_possible
from photo_sync.spelling import shown
from photo_sync.target import Target

Choice = TypeVar("Choice", bound=StrEnum)


class YesNo(StrEnum):
    """Whether something is done."""

    FALSE = "false"
    TRUE = "true"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, as the settings table shows it."""

    name: str
    meaning: str
    default: str = ""


class Environment:
    """The environment, and the `mistakes` that were found in it so far, so that none hides the next."""

    def __init__(self, environ: Mapping[str, str], settings: Iterable[Setting]) -> None:
        """Take the environment, and the settings that may be in it."""
        self._environ = environ
        self._settings = {setting.name: setting for setting in settings}
        self.mistakes: list[str] = []

    def text(self, name: str) -> str:
        """Return what it is set to, without spaces around it, else its default."""
        return self._environ.get(name, "").strip() or self._settings[name].default

    def meaning(self, name: str) -> str:
        """Return what a setting is for."""
        return self._settings[name].meaning

    def number(self, name: str, lowest: int, highest: int) -> int:
        """Return a whole number between these two, both included."""
        value = self.text(name)
        if re.fullmatch("[0-9]{1,10}", value) and lowest <= int(value) <= highest:
            return int(value)
        self.mistakes.append(f"{name} is “{value}”: set it to a whole number from {lowest} to {highest}.")
        return lowest

    def choice(self, name: str, choices: type[Choice]) -> Choice:
        """Return one of the words that there are, whatever its capitals."""
        value = self.text(name)
        known = {choice.lower(): choice for choice in choices}
        if value.lower() in known:
            return known[value.lower()]
        self.mistakes.append(f"{name} is “{value}”: set it to {' or '.join(choices)}.")
        return next(iter(choices))

    def url(self, name: str) -> str:
        """Return an address that a token may be sent to, without a slash at its end."""
        value = self.text(name)
        if value and not _is_safe(value):
            self.mistakes.append(
                f"{name} is not a plain address: set it to a URL that starts with https:// "
                "(http:// only on this machine), without “?”, “#” or a user name."
            )
        return value.rstrip("/")

    def account_url(self, name: str, *, not_of: str) -> str:
        """Return the address of one of the account's services: in Azure a host, not a path, named after the service."""
        value = self.url(name)
        parts = urlsplit(value if _is_safe(value) else "")
        host = parts.hostname or ""
        if host and not _is_loopback(host) and (parts.path or f".{not_of}." in host):
            self.mistakes.append(f"{name} is “{value}”: set it to {self.meaning(name)}, with nothing behind it.")
        return value

    def connection_string(self, name: str) -> str | None:
        """Return a storage account's connection string, None where it is not set."""
        value = self.text(name)
        if value and not re.search("(AccountName|BlobEndpoint|UseDevelopmentStorage)=", value, re.IGNORECASE):
            self.mistakes.append(f"{name} is not a connection string: copy it from the storage account, whole.")
        return value or None

    def graph_url(self, name: str) -> str:
        """Return a root of Microsoft Graph, which ends with its version."""
        value = self.url(name)
        if _is_safe(value) and urlsplit(value).path not in {"/v1.0", "/beta"}:
            self.mistakes.append(
                f"{name} is “{value}”: end it with the version, as in https://graph.microsoft.com/v1.0."
            )
        return value

    def patterns(self, name: str) -> tuple[str, ...]:
        """Return patterns of photos' names, with commas between; a slash at either end does not count."""
        given = filter(None, map(str.strip, self.text(name).split(",")))
        patterns = tuple(pattern.strip("/") for pattern in given)
        self.mistakes += [
            f"{name} has “{shown(pattern)}”, which no photo's name can match: write patterns like users/admin*, "
            "users/*@contoso.com or groups/*, without the file's extension, and put commas between them."
            for pattern in patterns
            if not is_possible(pattern)
        ]
        return patterns

    def mailbox(self, name: str) -> str | None:
        """Return a mailbox's UPN or object id, None where it is not set."""
        value = self.text(name)
        if not value:
            return None
        try:
            if Target.parse(f"users/{value}.jpg").kind == "users":
                return value
        except Rejected:
            pass
        self.mistakes.append(f"{name} is “{value}”: set it to one mailbox's UPN or object id.")
        return None


def _is_safe(url: str) -> bool:
    """Whether a token may be sent there: over TLS, or to this very machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    if not host or re.search(r"[^!-~]|[?#@\\]", url):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
