"""Every setting of the app: its name, what it is for, its default, and what makes a value of it a mistake."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from photo_sync import jpeg, photo
from photo_sync.errors import Rejected, SettingsError
from photo_sync.target import Target

PHOTOS: Final = "photos"
RECEIPTS: Final = "photo-receipts"
RETRIES: Final = "photo-retries"
RETRIES_POISON: Final = f"{RETRIES}-poison"
UPLOADS_POISON: Final = "webjobs-blobtrigger-poison"  # the Functions host's own name for it
CONNECTION: Final = "PhotoStorage"
"""The prefix of the settings that say where the containers are, as the Functions host reads them too."""

_GRAPH_LIMIT: Final = 4_000_000  # Graph takes less than 4 MB (Microsoft Learn, "Update profilePhoto")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, as the settings table shows it."""

    name: str
    meaning: str
    default: str = ""


SETTINGS: Final = (
    Setting(f"{CONNECTION}__blobServiceUri", "where the containers are: `https://<account>.blob.core.windows.net`"),
    Setting(f"{CONNECTION}__queueServiceUri", "where the queues are: `https://<account>.queue.core.windows.net`"),
    Setting(f"{CONNECTION}__credential", "`managedidentity`, when the identity is a user-assigned one"),
    Setting(f"{CONNECTION}__clientId", "the client id of that identity, for storage"),
    Setting(CONNECTION, "a connection string instead of the four above, for development only"),
    Setting("AZURE_CLIENT_ID", "the client id of the user-assigned identity, for Microsoft Graph"),
    Setting("GRAPH_URL", "the Graph root of your cloud", "https://graph.microsoft.com/v1.0"),
    Setting("GRAPH_CONCURRENCY", "how many photos each instance sends at a time", "4"),
    Setting("CONTACTS_MAILBOX", "the mailbox that `contacts/<contact>.jpg` means"),
    Setting("MAX_UPLOAD_BYTES", "the largest file that is read", "50000000"),
    Setting("MAX_PHOTO_BYTES", "the largest JPEG that is sent", str(photo.MAX_BYTES)),
    Setting("PHOTO_EDGE", "the side of the photo in pixels", str(photo.EDGE)),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings, read once and checked."""

    blob_service_uri: str
    queue_service_uri: str
    storage_client_id: str | None
    connection_string: str | None = field(repr=False)
    graph_url: str
    graph_client_id: str | None
    graph_concurrency: int
    contacts_mailbox: str | None
    max_upload_bytes: int
    max_photo_bytes: int
    photo_edge: int

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, needs_storage: bool = True) -> "Settings":
        """Read the settings; `needs_storage` is False for what never touches a container.

        Raises `SettingsError` with a sentence for every mistake, all of them at once.
        """
        read = _Reader(environ)
        if needs_storage:
            read.check_storage()
        settings = cls(
            blob_service_uri=read.account_url(f"{CONNECTION}__blobServiceUri", not_of="queue"),
            queue_service_uri=read.account_url(f"{CONNECTION}__queueServiceUri", not_of="blob"),
            storage_client_id=read.text(f"{CONNECTION}__clientId") or None,
            connection_string=read.connection_string(CONNECTION),
            graph_url=read.graph_url("GRAPH_URL"),
            graph_client_id=read.text("AZURE_CLIENT_ID") or None,
            graph_concurrency=read.number("GRAPH_CONCURRENCY", 1, 10),
            contacts_mailbox=read.mailbox("CONTACTS_MAILBOX"),
            max_upload_bytes=read.number("MAX_UPLOAD_BYTES", 1, 1_000_000_000),
            max_photo_bytes=read.number("MAX_PHOTO_BYTES", jpeg.MIN_BUDGET, _GRAPH_LIMIT - 1),
            photo_edge=read.number("PHOTO_EDGE", photo.MIN_EDGE, 4_096),
        )
        if read.mistakes:
            raise SettingsError(read.mistakes)
        return settings


class _Reader:
    """Reads one setting after the other and keeps the mistakes, so that none hides the next."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.mistakes: list[str] = []

    def text(self, name: str) -> str:
        default = next(setting.default for setting in SETTINGS if setting.name == name)
        return self._environ.get(name, "").strip() or default

    def number(self, name: str, lowest: int, highest: int) -> int:
        value = self.text(name)
        if re.fullmatch("[0-9]{1,10}", value) and lowest <= int(value) <= highest:
            return int(value)
        self.mistakes.append(f"{name} is “{value}”: set it to a whole number from {lowest} to {highest}.")
        return lowest

    def url(self, name: str) -> str:
        value = self.text(name)
        if value and not _is_safe(value):
            self.mistakes.append(
                f"{name} is not a plain address: set it to a URL that starts with https:// "
                "(http:// only on this machine), without “?”, “#” or a user name."
            )
        return value.rstrip("/")

    def account_url(self, name: str, *, not_of: str) -> str:
        """The address of one of the account's services: in Azure a host, not a path, named after the service."""
        value = self.url(name)
        parts = urlsplit(value if _is_safe(value) else "")
        host = parts.hostname or ""
        if host and not _is_loopback(host) and (parts.path or f".{not_of}." in host):
            self.mistakes.append(f"{name} is “{value}”: set it to {_meaning(name)}, with nothing behind it.")
        return value

    def connection_string(self, name: str) -> str | None:
        value = self.text(name)
        if value and not re.search("(AccountName|BlobEndpoint|UseDevelopmentStorage)=", value, re.IGNORECASE):
            self.mistakes.append(f"{name} is not a connection string: copy it from the storage account, whole.")
        return value or None

    def graph_url(self, name: str) -> str:
        value = self.url(name)
        if _is_safe(value) and urlsplit(value).path not in {"/v1.0", "/beta"}:
            self.mistakes.append(
                f"{name} is “{value}”: end it with the version, as in https://graph.microsoft.com/v1.0."
            )
        return value

    def mailbox(self, name: str) -> str | None:
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

    def check_storage(self) -> None:
        uris = [f"{CONNECTION}__blobServiceUri", f"{CONNECTION}__queueServiceUri"]
        given = [name for name in (*uris, f"{CONNECTION}__credential", f"{CONNECTION}__clientId") if self.text(name)]
        if self.text(CONNECTION):
            self.mistakes += [f"{CONNECTION} and {name} are both set: remove one of them." for name in given]
            return
        self.mistakes += [f"{name} is not set: set it to {_meaning(name)}." for name in uris if name not in given]
        self._check_identity()

    def _check_identity(self) -> None:
        credential, client_id = self.text(f"{CONNECTION}__credential"), self.text(f"{CONNECTION}__clientId")
        if credential not in {"", "managedidentity"}:
            self.mistakes.append(f"{CONNECTION}__credential is “{credential}”: make it managedidentity, or remove it.")
        elif client_id and not credential:
            self.mistakes.append(
                f"{CONNECTION}__clientId needs {CONNECTION}__credential too: set it to managedidentity."
            )
        if client_id and not self.text("AZURE_CLIENT_ID"):
            self.mistakes.append(
                "AZURE_CLIENT_ID is not set: set it to the client id of the identity that may write photos, "
                f"usually the one in {CONNECTION}__clientId."
            )


def _meaning(name: str) -> str:
    return next(setting.meaning for setting in SETTINGS if setting.name == name)


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
