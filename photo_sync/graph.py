"""What the app asks of Microsoft Graph, and what each of Graph's answers means for a photo."""

from collections.abc import Collection, Iterable
from typing import Final

import requests

from photo_sync.answer import read_answer, read_photo_etag
from photo_sync.backoff import QUICKLY, SLOWLY
from photo_sync.connection import Connection
from photo_sync.errors import Answer
from photo_sync.fault import Fault, decide
from photo_sync.target import Kind, Target

ROLES: Final[dict[Kind, str]] = {
    "users": "ProfilePhoto.ReadWrite.All",
    "groups": "ProfilePhoto.ReadWrite.All",
    "teams": "ProfilePhoto.ReadWrite.All",
    "contacts": "Contacts.ReadWrite",
    "me": "User.ReadWrite",
}
"""The least Graph permission that may write each kind's photo (Microsoft Learn, "Update profilePhoto")."""

LOOKUP_ROLE: Final = "User.Read.All"
"""The least Graph permission that may find people by every property that USER_MATCH names; for `id` it is not needed.

User.ReadBasic.All shows names and mail addresses, but no employee ids (Microsoft Graph permissions reference).
"""

DELETABLE: Final[Collection[Kind]] = {"users", "groups"}
"""Whose photo Microsoft Graph can delete (Microsoft Learn, "Delete profilePhoto")."""

_NO_PHOTO: Final = "ImageNotFound"
_NO_MAILBOX: Final = frozenset(
    {"ErrorNonExistentMailbox", "MailboxNotHostedInExchangeOnline", "MailboxNotEnabledForRESTAPI"}
)


# A reason may name {who}, {mailbox}, {role}, {status} and {error_code}. Sources: Microsoft Learn, "Error responses and
# resource types", and users' reports.
FAULTS: Final = (
    Fault(
        "too-small",
        {400},
        "Microsoft Graph finds this picture too small. Upload a larger one, best 648 x 648 or more.",
        error_codes={"ValidationWidthTooSmall"},
    ),
    Fault(
        "no-mailbox",
        {400, 404},
        "There is no mailbox of {mailbox} in Exchange Online, where this photo would be kept. "
        "Assign a licence with Exchange Online, or move the mailbox there.",
        again=SLOWLY,
        error_codes={*_NO_MAILBOX, "AuthenticationError"},
    ),
    Fault(
        "not-signed-in",
        {401},
        "Microsoft Graph did not accept the app's sign-in. If this goes on, check that GRAPH_URL is your cloud's "
        "and AZURE_CLIENT_ID is the client id of the app's managed identity.",
        again=SLOWLY,
    ),
    Fault(
        "app-only-refused",
        {400, 403},
        "Microsoft Graph does not let an app set the photo of {who}. Set it by hand, as one of its owners.",
        error_codes={"AppOnlyTokenNotSupportedForGroupUpdate"},
    ),
    Fault(
        "permission-missing",
        {403},
        "The app may not set the photo of {who}: the Graph permission {role} is missing or not consented to, or the "
        "tenant's photo policy (photoUpdateSettings) forbids it. Ask a Privileged Role Administrator to grant it: that "
        "can take some hours to count, less when the function app is restarted.",
        again=SLOWLY,
    ),
    Fault(
        "flaky-not-found",
        {404},
        "Microsoft Graph mislaid the photo of {who} for a moment.",
        again=QUICKLY,
        error_codes={"ErrorItemNotFound"},
        kinds={"users", "groups", "teams", "me"},
    ),
    Fault(
        "no-such-target",
        {404},
        "Microsoft 365 does not know {who}. Correct the file's name, or wait until it is created there.",
        again=SLOWLY,
    ),
    Fault(
        "too-large",
        {413},
        "Microsoft Graph finds this photo too large. Lower MAX_PHOTO_BYTES, to 50000 for example, and upload it again.",
    ),
    Fault("conflict", {408, 409, 423}, "Somebody else was changing {who} at the same moment.", again=QUICKLY),
    Fault("throttled", {429, 509}, "Microsoft Graph is busy and asked for a pause.", again=QUICKLY),
    Fault("storage-full", {507}, "The mailbox of {mailbox} is full. Make room in it, and upload the photo again."),
    Fault("service-fault", range(500, 600), "Microsoft Graph had a fault of its own ({status}).", again=QUICKLY),
    Fault(
        "not-graph",
        {*range(300, 400), 405},
        "What answered does not take photos ({status}). Set GRAPH_URL to the Graph root of your cloud, "
        "such as https://graph.microsoft.com/v1.0.",
    ),
    Fault(
        "refused",
        range(1000),
        "Microsoft Graph refused the photo of {who} (status {status}, code “{error_code}”). "
        "Try another picture; if that is refused too, ask Microsoft's support, with the request ids.",
    ),
)

_PASSING: Final = {"not-signed-in", "permission-missing", "flaky-not-found", "conflict", "throttled", "service-fault"}
# The same for a photo that is to be deleted.
DELETE_FAULTS: Final = (
    Fault(
        "owner-gone",
        {404},
        "The file was deleted, but Microsoft 365 does not know {who} any more. With the account, the photo is gone; "
        "if it has another name now, delete the photo by hand.",
        error_codes={"Request_ResourceNotFound"},
    ),
    Fault(
        "photo-changed",
        {412},
        "The file was deleted, but somebody has set another photo for {who} just now: it was left. "
        "Delete it by hand if it is to go.",
    ),
    *(row for row in FAULTS if row.code in _PASSING),
    Fault(
        "delete-refused",
        range(1000),
        "The file was deleted, but Microsoft Graph refused to delete the photo of {who} (status {status}, code "
        "“{error_code}”). Delete it by hand; ask Microsoft's support, with the request ids, if that is refused too.",
    ),
)


class Graph:
    """What the app asks of Microsoft Graph; safe to share by threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put_photo(self, target: Target, jpeg: bytes) -> Answer:
        """Make `jpeg` the photo of `target`; returns Graph's answer when Graph has accepted it.

        Raises `Rejected` when Graph never will, and `TryLater` when it may in a while, or when it asked for a pause.
        """
        response = self._connection.send("PUT", target.photo_path, {"Content-Type": "image/jpeg"}, jpeg)
        return judge(response, target)

    def photo_etag(self, target: Target) -> str:
        """Return the ETag of the photo that `target` has, a new one with every PUT; empty where there is none.

        Raises `Rejected` or `TryLater`, as for a photo that is deleted.
        """
        response = self._connection.send("GET", target.photo_path.removesuffix("/$value"), {})
        if _has_no_photo(response):
            return ""
        judge(response, target, DELETE_FAULTS)
        return read_photo_etag(response)

    def delete_photo(self, target: Target, etag: str) -> Answer:
        """Delete the photo of `target` if it has that ETag still, and return Graph's answer; gone already is well.

        Raises `Rejected` where it has another one by now, or Graph never will, and `TryLater`.
        """
        response = self._connection.send("DELETE", target.photo_path, {"If-Match": etag})
        if _has_no_photo(response):
            return read_answer(response, {_NO_PHOTO})
        return judge(response, target, DELETE_FAULTS)


def judge(response: requests.Response, target: Target, faults: Iterable[Fault] = FAULTS) -> Answer:
    """Return what Graph answered, if that is a success; raises `Rejected` or `TryLater` as the table says."""
    mailbox = f"“{target.owner}”" if target.owner else _who(target)
    told = {"who": _who(target), "mailbox": mailbox, "role": ROLES[target.kind]}
    return decide(response, faults, target.kind, told)


def _has_no_photo(response: requests.Response) -> bool:
    """Whether there is no photo; not every 404 says so (msgraph-sdk-dotnet#1075)."""
    return response.status_code == 404 and read_answer(response, {_NO_PHOTO}).error_code == _NO_PHOTO


def _who(target: Target) -> str:
    if target.kind == "me":
        return "the signed-in person"
    noun = f"the {target.kind.removesuffix('s')} “{target.id}”"
    return f"{noun} of “{target.owner}”" if target.owner else noun
