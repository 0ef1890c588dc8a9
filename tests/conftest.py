"""The cloud that the tests run in: Azurite, the identity endpoint and the Graph emulator, all real servers."""

import json
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path
from typing import NoReturn

import pytest
from azure.identity import ManagedIdentityCredential
from playwright.sync_api import Browser, sync_playwright

from local.cloud import Cloud, cloud
from local.directory import CONTACT, Directory, contoso
from local.graph import GraphEmulator
from local.identity import CLIENT_ID, Identity
from local.node import azurite, node
from local.photo_policy import PhotoPolicy
from photo_sync.cli import main
from photo_sync.connection import Connection
from photo_sync.graph import Graph
from photo_sync.reconcile import reconcile_hourly
from photo_sync.settings import PHOTOS, RECEIPTS, REMOVALS, RETRIES, RETRIES_POISON, UPLOADS_POISON, Settings
from photo_sync.throttle import Throttle
from photo_sync.wiring import connect
from pictures import plain
from terminal import Run


@pytest.fixture
def directory() -> Directory:
    return contoso()


@pytest.fixture
def identity(monkeypatch: pytest.MonkeyPatch) -> Iterator[Identity]:
    """The managed identity endpoint, where azure-identity looks for it: in the environment."""
    with Identity().serving() as serving:
        monkeypatch.setenv("IDENTITY_ENDPOINT", serving.endpoint)
        monkeypatch.setenv("IDENTITY_HEADER", serving.header)
        yield serving


@pytest.fixture
def emulator(directory: Directory, identity: Identity) -> Iterator[GraphEmulator]:
    """Graph, for whoever has a token of the identity's."""
    with GraphEmulator(directory, identity.key).serving() as serving:
        identity.audiences.add(serving.root)
        yield serving


@pytest.fixture
def graph(emulator: GraphEmulator) -> Graph:
    """The app's own client, before the emulator."""
    return Graph(Connection(emulator.url, ManagedIdentityCredential(client_id=CLIENT_ID), Throttle(4)))


@pytest.fixture
def signed_in(tmp_path: Path, emulator: GraphEmulator, identity: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ada, signed in with the Azure CLI: in its place stands a program that prints her token as `az` does."""
    token = identity.person_token(emulator.root, emulator.directory.known_user("ada@contoso.com").id)
    (tmp_path / "bin").mkdir()
    az = tmp_path / "bin" / "az"
    az.write_text(f"""#!/bin/sh\necho '{{"accessToken": "{token}", "expires_on": 4102444800}}'\n""")
    az.chmod(0o755)
    for name, value in {
        "PATH": f"{az.parent}{os.pathsep}{os.environ['PATH']}",
        "GRAPH_URL": emulator.url,
        "AZURE_TOKEN_CREDENTIALS": "AzureCliCredential",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def shared_machine() -> Iterator[Cloud]:
    try:
        node(), azurite()
    except RuntimeError as missing:
        _do_without(str(missing))
    with cloud(contoso()) as machine:
        yield machine


@pytest.fixture
def machine(shared_machine: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Everything together; containers and queues are empty, Graph behaves, nobody has a photo."""
    for name, value in shared_machine.settings.items():
        monkeypatch.setenv(name, value)
    for name in (PHOTOS, RECEIPTS, REMOVALS):
        container = shared_machine.blobs.get_container_client(name)
        for blob in container.list_blob_names():
            container.delete_blob(blob)
        container.set_container_metadata({})
    for name in (RETRIES, RETRIES_POISON, UPLOADS_POISON):
        shared_machine.queues.get_queue_client(name).clear_messages()
    shared_machine.graph.faults.set([])
    for entry in shared_machine.graph.directory:
        entry.photo = None
    shared_machine.graph.policy = PhotoPolicy()
    yield shared_machine
    shared_machine.identity.roles = Identity().roles


@pytest.fixture
def events(machine: Cloud, caplog: pytest.LogCaptureFixture) -> dict[str, set[str]]:
    """What each event in the log holds, by its name, as the app tells it when it is run."""
    caplog.set_level("INFO", "photo_sync")
    job = connect(Settings.from_env(machine.settings))
    for name in ("users/ada@contoso.com.jpg", f"contacts/{CONTACT}.png", "people/ada.jpg"):
        machine.blobs.get_blob_client(PHOTOS, name).upload_blob(plain())
        job.sync(name)
    reconcile_hourly(job)
    told = [json.loads(record.getMessage()) for record in caplog.records if record.name.startswith("photo_sync.")]
    fields = {event["event"]: set(event) for event in told}
    assert all(set(event) == fields[event["event"]] for event in told)
    return fields


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Run]]:
    """The command line in this very process, which saves the second that a new one takes to begin."""
    azure = logging.getLogger("azure")
    level = azure.level

    def run(*arguments: str | Path, folder: Path) -> Run:
        monkeypatch.setattr(sys, "argv", ["photo-sync", *map(str, arguments)])
        capsys.readouterr()
        with chdir(folder), pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        return Run(told.out, told.err, int(end.value.code or 0))

    yield run
    azure.setLevel(level)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser without a window: the Chromium or Chrome of this machine."""
    found = [path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))]
    if not found:
        _do_without("There is no Chromium or Chrome on this machine.")
    quiet = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync")
    offline = ("--disable-background-networking", "--disable-component-update")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=found[0], args=[*quiet, *offline]) as launched,
    ):
        yield launched


def _do_without(reason: str) -> NoReturn:
    """Skip what needs something that this machine does not have; where everything must be tested, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
