"""Subscribes the app to uploads once its code is deployed: azd runs it (azure.yaml), and so can a person.

`python3 -m infra.subscribe` deploys events.bicep as soon as the app is up. Until then there is nothing to subscribe:
the Functions host makes the webhook's key when it first runs a function with a blob trigger. Where deletions are not
synced any more, it takes that subscription away: a template that leaves a resource out deletes nothing.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PATIENCE: Final = 600.0
"""Seconds that the app has to come up, and Azure to let the topic write its dead letters."""

DELETIONS: Final = "photo-deleted"
"""The subscription to deletions, as events.bicep calls it."""

_TEMPLATE: Final = Path(__file__).with_name("events.bicep")
_PAUSE: Final = 15.0
_AGAIN: Final = "then run `azd hooks run postdeploy`."
_SIGNED_OUT: Final = re.compile(r"az login|AADSTS\d+|No subscription found", re.IGNORECASE)
_FOR_GOOD: Final = re.compile(r"AuthorizationFailed|InvalidTemplate|ResourceNotFound|ResourceGroupNotFound|BCP\d+")

AzureCli = Callable[..., subprocess.CompletedProcess[str]]


class NotSubscribed(Exception):
    """The subscriptions are not as they should be; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What main.bicep has made, by the names of its outputs, and the Azure subscription that it is in."""

    azure_subscription: str
    resource_group: str
    function_app: str
    topic: str
    account: str
    deletions_synced: str

    @property
    def syncs_deletions(self) -> bool:
        """Whether deleted files are told of, too."""
        return self.deletions_synced == "true"

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Deployment":
        """Read the names as azd hands them over; raises `NotSubscribed` where one is missing."""
        names = (
            "AZURE_SUBSCRIPTION_ID",
            "AZURE_RESOURCE_GROUP",
            "FUNCTION_APP",
            "EVENT_TOPIC",
            "STORAGE_ACCOUNT",
            "DELETIONS_SYNCED",
        )
        if missing := [name for name in names if not environ.get(name)]:
            raise NotSubscribed(
                f"{', '.join(missing)} not set. Run `azd provision`, then `azd deploy`: azd hands over what it made. "
                "By hand, export each as `azd env get-values` prints it."
            )
        return cls(*(environ[name] for name in names))


def main() -> None:
    """Subscribe, and say so; the status is 1 where that did not work."""
    try:
        deployment = Deployment.from_env(os.environ)
        subscribe(deployment, azure_cli(deployment.azure_subscription))
    except NotSubscribed as reason:
        sys.exit(f"Event Grid is not set up yet. {reason}")
    print(f"Uploads to {deployment.account} call {deployment.function_app} now.")
    if deployment.syncs_deletions:
        print("Deleted files are told of, too: SYNC_DELETES is on.")


def azure_cli(azure_subscription: str) -> AzureCli:
    """Return what runs the Azure CLI in a subscription; raises `NotSubscribed` where it is missing or not signed in."""
    program = shutil.which("az")
    if program is None:
        raise NotSubscribed(f"Install the Azure CLI, run `az login`, {_AGAIN}")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [program, *arguments, "--subscription", azure_subscription, "--only-show-errors"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the arguments are ours
        if done.returncode and _SIGNED_OUT.search(done.stderr):
            raise NotSubscribed(f"Run `az login` for subscription {azure_subscription}, {_AGAIN} {_told(done)}")
        return done

    return run


def subscribe(
    deployment: Deployment,
    az: AzureCli,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Wait for the app, deploy the subscriptions, and take away the one that is not wanted any more.

    Raises `NotSubscribed` when patience is over, and at once for what waiting does not mend.
    """
    until = clock() + PATIENCE
    for hindrance in (_not_up, _not_deployed, _not_taken_away):
        while reason := hindrance(deployment, az):
            if clock() > until or _FOR_GOOD.search(reason):
                raise NotSubscribed(reason)
            print("Waiting until the app answers Event Grid …", flush=True)
            sleep(_PAUSE)


def _not_up(deployment: Deployment, az: AzureCli) -> str:
    """Why the app does not take events yet; empty when it does. Its key is asked about, never shown."""
    where = ("--resource-group", deployment.resource_group, "--name", deployment.function_app)
    asked = az(
        "functionapp", "keys", "list", *where, "--query", "systemKeys.blobs_extension != null", "--output", "json"
    )
    if asked.returncode == 0 and json.loads(asked.stdout or "false") is True:
        return ""
    return (
        f"The app {deployment.function_app} is not up. See whether its functions are listed in the portal and what its "
        f"log says, deploy it again with `azd deploy`, {_AGAIN} {_told(asked)}"
    )


def _not_deployed(deployment: Deployment, az: AzureCli) -> str:
    """Deploy the subscriptions, as often as one likes; returns why that did not work, empty when it did."""
    values = {
        "functionAppName": deployment.function_app,
        "topicName": deployment.topic,
        "accountName": deployment.account,
        "syncDeletes": deployment.deletions_synced,
    }
    done = az(
        *("deployment", "group", "create", "--resource-group", deployment.resource_group, "--name", "events"),
        *("--template-file", str(_TEMPLATE), "--output", "none", "--parameters"),
        *(f"{name}={value}" for name, value in values.items()),
    )
    return f"Event Grid was not subscribed. Mend what Azure says, {_AGAIN} {_told(done)}" if done.returncode else ""


def _not_taken_away(deployment: Deployment, az: AzureCli) -> str:
    """Take the subscription to deletions away where it is not wanted; returns why it is still there, empty if not."""
    if deployment.syncs_deletions:
        return ""
    done = az(
        *("eventgrid", "system-topic", "event-subscription", "delete", "--yes", "--name", DELETIONS),
        *("--resource-group", deployment.resource_group, "--system-topic-name", deployment.topic),
    )
    if done.returncode == 0 or "ResourceNotFound" in done.stderr:
        return ""
    return (
        f"Uploads call the app, but deleted files are still told of, and the app leaves them alone. Mend what Azure "
        f"says, {_AGAIN} {_told(done)}"
    )


def _told(process: subprocess.CompletedProcess[str]) -> str:
    """What the Azure CLI said, without the webhook's key."""
    said = re.sub(r"code=[^&\s\"']+", "code=…", process.stderr.strip())
    return f"The Azure CLI said: {said}" if said else ""


if __name__ == "__main__":
    main()
