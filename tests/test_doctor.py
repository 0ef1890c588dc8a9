from dataclasses import replace
from datetime import timedelta

import pytest
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
)

from azure_memory import refusal
from local.cloud import Cloud
from local.photo_policy import PhotoPolicy
from photo_sync.doctor import Check, State, check_arrivals, check_permissions, examine, explain
from photo_sync.permissions import Permissions
from photo_sync.settings import PHOTOS, Settings
from photo_sync.wiring import connect, storage_credential

PHOTO, CONTACTS, LOOKUP = "ProfilePhoto.ReadWrite.All", "Contacts.ReadWrite", "User.Read.All"


def examined(machine: Cloud, **environ: str) -> dict[str, Check]:
    """What is found of this machine's cloud, by name."""
    return {check.name: check for check in examine(Settings.from_env(machine.settings | environ))}


def test_a_deployment_that_is_well_is_green_all_over(machine: Cloud) -> None:
    machine.identity.roles.add("PeopleSettings.Read.All")
    checks = examined(machine)
    assert {check.state for check in checks.values()} == {State.GREEN}
    assert list(checks) == [
        "settings",
        "container photos",
        "container photo-receipts",
        "queue photo-retries",
        "files without a receipt",
        "sign-in to Microsoft Graph",
        f"Graph permission {CONTACTS}",
        f"Graph permission {PHOTO}",
        "photo policy of the tenant",
    ]


def test_photos_that_come_from_the_own_directory_are_red(machine: Cloud) -> None:
    machine.identity.roles.add("PeopleSettings.Read.All")
    machine.graph.policy = PhotoPolicy("onPremises")
    policy = examined(machine)["photo policy of the tenant"]
    assert policy.state == State.RED
    assert "Have an administrator set the source to cloud" in policy.told


def test_a_policy_that_may_not_be_read_is_well(machine: Cloud) -> None:
    assert examined(machine)["photo policy of the tenant"].state == State.GREEN


def test_a_graph_that_cannot_be_reached_is_red(machine: Cloud) -> None:
    machine.identity.audiences.add("http://127.0.0.1:1")
    policy = examined(machine, GRAPH_URL="http://127.0.0.1:1/v1.0")["photo policy of the tenant"]
    assert policy.state == State.RED
    assert "Check GRAPH_URL" in policy.told


def test_no_token_for_graph_is_red_and_ends_it(machine: Cloud) -> None:
    checks = examined(machine, GRAPH_URL="https://graph.microsoft.us/v1.0")
    assert list(checks)[-1] == "sign-in to Microsoft Graph"
    assert checks["sign-in to Microsoft Graph"].state == State.RED
    assert "There is no token for graph.microsoft.us" in checks["sign-in to Microsoft Graph"].told


def test_a_container_that_is_not_there_is_red(machine: Cloud) -> None:
    machine.blobs.delete_container("photo-receipts")
    try:
        checks = examined(machine)
    finally:
        machine.blobs.create_container("photo-receipts")
    for check in (checks["container photo-receipts"], checks["files without a receipt"]):
        assert (check.state, check.told) == (State.RED, "It is not there. `azd provision` makes it.")


# Files that nobody has looked at


def check_later(machine: Cloud, files: int, minutes: float, most: int = 9) -> Check:
    """What is found of so many new files, so much later."""
    for number in range(files):
        machine.blobs.get_blob_client(PHOTOS, f"users/{number}.jpg").upload_blob(b"")
    job = connect(Settings.from_env(machine.settings))
    then = job.now() + timedelta(minutes=minutes)
    return check_arrivals(replace(job, now=lambda: then), "nobody anything", most)


@pytest.mark.parametrize(
    ("files", "minutes", "state", "told"),
    [
        (0, 60, State.GREEN, "None has waited for more than 15 minutes."),
        (2, 14, State.GREEN, "None has waited for more than 15 minutes."),
        (1, 16, State.YELLOW, "1 file has waited for more than 15 minutes: the event subscription may be missing. "),
        (2, 16, State.YELLOW, "2 files have waited for more than 15 minutes: the event subscription may be missing. "),
    ],
)
def test_files_that_wait_for_long_are_yellow_and_say_what_to_do(
    machine: Cloud, files: int, minutes: float, state: State, told: str
) -> None:
    check = check_later(machine, files, minutes=minutes)
    assert (check.state, check.told.startswith(told)) == (state, True)
    assert ("Run `azd hooks run postdeploy`" in check.told) is (state == State.YELLOW)


def test_only_so_many_photos_are_looked_at_and_that_is_said(machine: Cloud) -> None:
    check = check_later(machine, 3, minutes=16, most=2)
    assert check.told.startswith("2 files have waited")
    assert check.told.endswith(" Only the first 2 photos were looked at.")


def test_an_operator_is_not_told_of_them(machine: Cloud) -> None:
    """What takes long, the app itself does, once a minute at most."""
    settings = Settings.from_env(machine.settings)
    assert "files without a receipt" not in {check.name for check in examine(settings, storage_credential(settings))}


# Permissions


def states(*granted: str, **environ: str) -> dict[str, str]:
    """The states of the permissions that a token with these has."""
    held = Permissions(frozenset(granted), is_of_person=False)
    checks = check_permissions(held, Settings.from_env(environ, needs_storage=False))
    return {check.name.removeprefix("Graph permission "): check.state for check in checks}


def test_permissions_are_held_against_what_the_kinds_need() -> None:
    assert states(PHOTO, CONTACTS) == {PHOTO: "green", CONTACTS: "green"}
    assert states(PHOTO) == {PHOTO: "green", CONTACTS: "green"}
    assert states(PHOTO, CONTACTS_MAILBOX="ada@contoso.com") == {PHOTO: "green", CONTACTS: "yellow"}
    assert states(CONTACTS) == {PHOTO: "yellow", CONTACTS: "green"}
    assert states() == {PHOTO: "red", CONTACTS: "red"}


def test_looking_people_up_needs_a_permission_of_its_own() -> None:
    assert states(PHOTO, USER_MATCH="employeeId")[LOOKUP] == "red"
    assert states(PHOTO, LOOKUP, USER_MATCH="employeeId")[LOOKUP] == "green"


@pytest.mark.parametrize("held", [None, Permissions(frozenset({"User.Read"}), is_of_person=True)])
def test_what_the_app_may_do_is_not_seen_in_a_person_s_token(held: Permissions | None) -> None:
    (check,) = check_permissions(held, Settings.from_env({}, needs_storage=False))
    assert check.state == State.YELLOW
    assert "photo-sync doctor --page" in check.told


# Storage


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (refusal(ResourceNotFoundError, 404, "ContainerNotFound"), "`azd provision` makes it"),
        (refusal(HttpResponseError, 403, "AuthorizationPermissionMismatch"), "Grant yourself the role “Reader”"),
        (refusal(ClientAuthenticationError, 401, "no token"), "run `az login`"),
        (ServiceRequestError("The line is dead.\nAnd more."), "as it should: The line is dead. Check the PhotoStorage"),
    ],
)
def test_a_fault_of_storage_s_says_what_to_do(fault: AzureError, told: str) -> None:
    assert told in explain(fault, "yourself the role “Reader”")
