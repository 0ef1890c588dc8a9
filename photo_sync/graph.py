"""The only HTTP to Microsoft Graph: one PUT per photo, and what each of Graph's answers means for that photo."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import requests
from azure.core.credentials import TokenCredential

from photo_sync import __version__
from photo_sync.answer import read_answer, rest
from photo_sync.backoff import QUICKLY, SLOWLY, Backoff
from photo_sync.bearer import Bearer
from photo_sync.errors import Answer, Rejected, TryLater
from photo_sync.target import Kind, Target
from photo_sync.throttle import Throttle

ROLES: Final[dict[Kind, str]] = {
    "users": "ProfilePhoto.ReadWrite.All",
    "groups": "ProfilePhoto.ReadWrite.All",
    "teams": "ProfilePhoto.ReadWrite.All",
    "contacts": "Contacts.ReadWrite",
    "me": "User.ReadWrite",
}
"""The least Graph permission that may write each kind's photo (Microsoft Learn, "Update profilePhoto")."""

_CONNECT_SECONDS: Final = 10
_READ_SECONDS: Final = 100  # bulk runs meet answers this slow (msgraph-sdk-dotnet#2374)
_USER_AGENT: Final = f"photo-sync/{__version__}"

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
    """Microsoft Graph, reached with one credential over connections that are kept open; safe to share by threads."""

    def __init__(self, url: str, credential: TokenCredential, throttle: Throttle) -> None:
        """Take the Graph root, such as `https://graph.microsoft.com/v1.0`: the token's scope follows from its host."""
        self._url = url.rstrip("/")
        self._throttle = throttle
        self._auth = Bearer(credential, url)
        self._session = requests.Session()
        self._session.headers["User-Agent"] = _USER_AGENT

    def put_photo(self, target: Target, jpeg: bytes) -> Answer:
        """Make `jpeg` the photo of `target`; returns Graph's answer when Graph has accepted it.

        Raises `Rejected` when Graph never will, and `TryLater` when it may in a while, or when it asked for a pause.
        """
        with self._throttle.slot():
            response = self._send(target, jpeg, self._auth)
            if response.status_code == 401:
                self._throttle.check()
                response = self._send(target, jpeg, self._auth.renewed())
            if (seconds := rest(response)) is not None:
                self._throttle.pause(seconds)
        if response.status_code in {503, 504}:
            self._session.close()  # Graph asks for a new connection after these (Learn, "Best practices")
        return judge(response, target)

    def _send(self, target: Target, jpeg: bytes, auth: Bearer) -> requests.Response:
        client_request_id = str(uuid.uuid4())
        try:
            return self._session.put(
                self._url + target.photo_path,
                data=jpeg,
                headers={"Content-Type": "image/jpeg", "client-request-id": client_request_id},
                auth=auth,
                timeout=(_CONNECT_SECONDS, _READ_SECONDS),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            reason = f"Microsoft Graph did not answer ({type(error).__name__})."
            raise TryLater("no-answer", reason, answer=Answer(client_request_id=client_request_id)) from error


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
