"""What the app asks of Microsoft Graph, and what each of Graph's answers means for a photo."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import requests

from photo_sync.answer import read_answer, rest
from photo_sync.backoff import QUICKLY, SLOWLY, Backoff
from photo_sync.connection import Connection
from photo_sync.errors import Answer, Rejected, TryLater
from photo_sync.target import Kind, Target

ROLES: Final[dict[Kind, str]] = {
    "users": "ProfilePhoto.ReadWrite.All",
    "groups": "ProfilePhoto.ReadWrite.All",
    "teams": "ProfilePhoto.ReadWrite.All",
    "contacts": "Contacts.ReadWrite",
    "me": "User.ReadWrite",
}
"""The least Graph permission that may write each kind's photo (Microsoft Learn, "Update profilePhoto")."""

_NO_MAILBOX: Final = frozenset(
    {"ErrorNonExistentMailbox", "MailboxNotHostedInExchangeOnline", "MailboxNotEnabledForRESTAPI"}
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A row of the error table: which answers it means, and what the one who reads the receipt is told.

    Empty `error_codes` or `kinds` mean any. `reason` may name {who}, {mailbox}, {role}, {status} and {error_code}. A
    fault that passes is tried again as `again` says; None means never.
    """

    code: str
    statuses: Collection[int]
    reason: str
    again: Backoff | None = None
    error_codes: Collection[str] = ()
    kinds: Collection[Kind] = ()

    def means(self, answer: Answer, kind: Kind) -> bool:
        """Say whether this row is about that answer."""
        return (
            answer.status in self.statuses
            and (not self.error_codes or answer.error_code in self.error_codes)
            and (not self.kinds or kind in self.kinds)
        )


# The first row that fits decides. Sources: Microsoft Learn, "Error responses and resource types", and users' reports.
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


def judge(response: requests.Response, target: Target) -> Answer:
    """Return what Graph answered, if it has accepted the photo; raises `Rejected` or `TryLater` as the table says."""
    answer = read_answer(response, {code for row in FAULTS for code in row.error_codes})
    if 200 <= response.status_code < 300:
        return answer
    fault = next(row for row in FAULTS if row.means(answer, target.kind))
    mailbox = f"“{target.owner}”" if target.owner else _who(target)
    role, told = ROLES[target.kind], {"status": answer.status, "error_code": answer.error_code}
    reason = fault.reason.format(who=_who(target), mailbox=mailbox, role=role, **told)
    if fault.again is not None:
        raise TryLater(fault.code, reason, retry_after=rest(response), backoff=fault.again, answer=answer)
    raise Rejected(fault.code, reason, answer)


def _who(target: Target) -> str:
    if target.kind == "me":
        return "the signed-in person"
    noun = f"the {target.kind.removesuffix('s')} “{target.id}”"
    return f"{noun} of “{target.owner}”" if target.owner else noun
