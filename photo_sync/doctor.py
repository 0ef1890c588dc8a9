"""Whether a deployment works as it is: each thing that it needs is tried, and what is wrong says what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

from photo_sync.bearer import token_scope
from photo_sync.connection import Connection
from photo_sync.errors import TryLater
from photo_sync.graph import LOOKUP_ROLE, ROLES
from photo_sync.people import UserMatch
from photo_sync.permissions import Permissions
from photo_sync.settings import PHOTOS, RECEIPTS, RETRIES, Settings
from photo_sync.standing import standings
from photo_sync.sync import PhotoSync
from photo_sync.throttle import Throttle
from photo_sync.wiring import connect, graph_credential

OF_ASKER: Final = "Graph permissions"
"""The name of the check that says that only the asker's own permissions are seen."""

_LATE: Final = timedelta(minutes=15)  # an event takes seconds, and the app a minute to begin after a rest
_MOST: Final = 20_000  # photos are looked at for late ones: some seconds of the app's time
_POLICY: Final = "/admin/people/photoUpdateSettings"  # Microsoft Learn, "photoUpdateSettings", beta
_OF_APP: Final = {
    PHOTOS: "the app's identity the role “Storage Blob Data Owner” on the storage account",
    RECEIPTS: "the app's identity the role “Storage Blob Data Owner” on the storage account",
    RETRIES: "the app's identity the role “Storage Queue Data Contributor” on the storage account",
}
_OF_OPERATOR: Final = {
    PHOTOS: f"yourself the role “Storage Blob Data Contributor” on the container {PHOTOS}",
    RECEIPTS: f"yourself the role “Storage Blob Data Reader” on the container {RECEIPTS}",
    RETRIES: f"yourself “Storage Queue Data Reader” and “Storage Queue Data Message Sender” on the queue {RETRIES}",
}


class State(StrEnum):
    """How well a thing is."""

    GREEN = "green"
    YELLOW = "yellow"
    """It may be as it should, or not: somebody should look."""
    RED = "red"


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, and in a sentence what was found and what to do."""

    name: str
    state: State
    told: str


def examine(settings: Settings, credential: TokenCredential | None = None) -> Iterator[Check]:
    """Try all that the app needs, one after the other, as its own identity or with that credential.

    Nothing is changed. Whatever goes wrong becomes a check that says so.
    """
    yield Check("settings", State.GREEN, "All settings can be read.")
    job, roles = connect(settings, credential), _OF_OPERATOR if credential else _OF_APP
    yield storage(f"container {PHOTOS}", roles[PHOTOS], lambda: _count(len(next(job.photos.pages())[1]), "picture"))
    yield storage(f"container {RECEIPTS}", roles[RECEIPTS], lambda: _count(len(next(job.ledger.pages())[1]), "receipt"))
    yield storage(f"queue {RETRIES}", roles[RETRIES], lambda: f"Messages that wait: {job.retries.waiting():,}.")
    if credential is None:
        yield check_arrivals(job, roles[PHOTOS])
    yield from _examine_graph(settings, credential or graph_credential(settings))


def storage(name: str, role: str, try_: Callable[[], str]) -> Check:
    """Try something with storage, and say what came of it; `role` is who must be granted what if it is refused."""
    try:
        return Check(name, State.GREEN, try_())
    except AzureError as fault:
        return Check(name, State.RED, explain(fault, role))


def check_arrivals(job: PhotoSync, role: str, most: int = _MOST) -> Check:
    """Look for files that the app has not been told of; with very many photos, among the first only."""
    name, by = "files without a receipt", job.now() - _LATE
    try:
        since = [standing.unseen_since for standing in islice(standings(job), most)]
    except AzureError as fault:
        return Check(name, State.RED, explain(fault, role))
    late = sum(uploaded is not None and uploaded < by for uploaded in since)
    scope = f" Only the first {most:,} photos were looked at." if len(since) == most else ""
    if not late:
        return Check(name, State.GREEN, f"None has waited for more than 15 minutes.{scope}")
    told = f"{late:,} {'file has' if late == 1 else 'files have'} waited for more than 15 minutes"
    remedy = "Run `azd hooks run postdeploy`; the hourly comparison finds them meanwhile."
    return Check(name, State.YELLOW, f"{told}: the event subscription may be missing. {remedy}{scope}")


def explain(fault: AzureError, role: str) -> str:
    """Return what storage has against it, and what to do; `role` is who must be granted what where it was refused."""
    if isinstance(fault, ResourceNotFoundError):
        return "It is not there. `azd provision` makes it."
    if isinstance(fault, ClientAuthenticationError):
        return (
            "There is no sign-in for Azure Storage. At a terminal, run `az login`; in Azure, check the app's identity."
        )
    if isinstance(fault, HttpResponseError) and fault.status_code == 403:
        return (
            f"Azure Storage refused it. Grant {role}, which takes some minutes to count; where that is granted, the "
            "account's network rules keep you out."
        )
    told = str(fault).partition("\n")[0]
    return f"Azure Storage did not answer as it should: {told} Check the PhotoStorage settings and the network."


def _count(found: int, noun: str) -> str:
    """How many a first page of a listing shows: 5,000 or as many as there are."""
    return f"It can be listed: {found:,} {noun}{'' if found == 1 else 's'}{' or more' if found >= 5_000 else ''}."


def _examine_graph(settings: Settings, credential: TokenCredential) -> Iterator[Check]:
    host = urlsplit(settings.graph_url).netloc
    try:
        token = credential.get_token(token_scope(settings.graph_url)).token
    except AzureError as fault:
        told = str(fault).partition("\n")[0]
        remedy = "Check the app's managed identity, AZURE_CLIENT_ID and GRAPH_URL; at a terminal, run `az login`."
        yield Check("sign-in to Microsoft Graph", State.RED, f"There is no token for {host}: {told} {remedy}")
        return
    yield Check("sign-in to Microsoft Graph", State.GREEN, f"There is a token for {host}.")
    yield from check_permissions(Permissions.of(token), settings)
    yield _check_policy(settings, credential)


def check_permissions(held: Permissions | None, settings: Settings) -> Iterator[Check]:
    """Compare the permissions that a token holds with those that the app needs."""
    if held is None or held.is_of_person:
        whose = "This is your own sign-in" if held else "What this token allows cannot be read"
        yield Check(
            OF_ASKER,
            State.YELLOW,
            f"{whose}: what the app itself may do is not seen from here. "
            "Ask the app's page for it: photo-sync doctor --page ADDRESS.",
        )
        return
    for role in sorted({ROLES["users"], ROLES["contacts"]}):
        yield _check_role(role, held, settings)
    if settings.user_match is not UserMatch.ID:
        missing = (
            f"Without it nobody is found by {settings.user_match}. Grant it: `azd provision` does, with USER_MATCH."
        )
        granted = LOOKUP_ROLE in held.granted
        yield Check(
            f"Graph permission {LOOKUP_ROLE}", State.GREEN if granted else State.RED, "Granted." if granted else missing
        )


def _check_role(role: str, held: Permissions, settings: Settings) -> Check:
    """Which kinds are deployed the settings do not tell: one of two permissions may be missing by intent."""
    name, kinds = f"Graph permission {role}", ", ".join(kind for kind, least in ROLES.items() if least == role)
    if role in held.granted:
        return Check(name, State.GREEN, f"Granted: photos of {kinds} can be set.")
    missing = f"Photos of {kinds} cannot be set without it."
    if not held.granted & set(ROLES.values()):
        return Check(name, State.RED, f"{missing} Have a Privileged Role Administrator grant it: see docs/deploy.md.")
    if role == ROLES["contacts"] and not settings.contacts_mailbox:
        return Check(name, State.GREEN, f"Not granted. {missing} That is well unless PHOTO_KINDS names contacts.")
    return Check(name, State.YELLOW, f"{missing} Have it granted if PHOTO_KINDS names one of them.")


def _check_policy(settings: Settings, credential: TokenCredential) -> Check:
    name, root = "photo policy of the tenant", urlsplit(settings.graph_url)
    connection = Connection(f"{root.scheme}://{root.netloc}/beta", credential, Throttle(1))
    try:
        answer = connection.send("GET", _POLICY, {})
        policy = answer.json() if answer.status_code == 200 else None
    except TryLater as fault:
        return Check(name, State.RED, f"{fault.reason} Check GRAPH_URL, and whether the network lets this out.")
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        return Check(name, State.GREEN, "It may not be read from here, which is well: photos do not depend on that.")
    if policy.get("source") == "onPremises":
        return Check(
            name,
            State.RED,
            "Photos come from your own directory (photoUpdateSettings, source onPremises): Microsoft 365 lets nobody "
            "set them in the cloud. Have an administrator set the source to cloud; that can take a day to count.",
        )
    return Check(name, State.GREEN, "Photos may be set in the cloud.")
