"""The cloud that the tests run in: Azurite, the identity endpoint and the Graph emulator, all real servers."""

import os
from collections.abc import Iterator

import pytest

from local.cloud import Cloud, cloud
from local.directory import Directory, contoso
from local.graph import GraphEmulator
from local.identity import Identity
from local.node import azurite, node


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


@pytest.fixture(scope="session")
def shared_machine() -> Iterator[Cloud]:
    try:
        node(), azurite()
    except RuntimeError as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
    with cloud(contoso()) as machine:
        yield machine


@pytest.fixture
def machine(shared_machine: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Everything together; the containers are empty, Graph behaves, nobody has a photo."""
    for name, value in shared_machine.settings.items():
        monkeypatch.setenv(name, value)
    for name in ("photos", "photo-receipts"):
        container = shared_machine.blobs.get_container_client(name)
        for blob in container.list_blob_names():
            container.delete_blob(blob)
    shared_machine.graph.faults.set([])
    for entry in shared_machine.graph.directory:
        entry.photo = None
    yield shared_machine
    shared_machine.identity.roles.update(Identity().roles)
