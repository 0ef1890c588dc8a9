import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import jwt
import pytest
import requests
from azure.storage.blob import BlobServiceClient

from local.cloud import Cloud
from local.identity import STORAGE, TENANT
from local.storage import storage
from photo_sync.settings import PHOTOS
from waiting import eventually

PROJECT = Path(__file__).parents[1]


def listens(uri: str) -> bool:
    address = urlsplit(uri)
    try:
        with socket.create_connection((address.hostname, address.port), timeout=1):
            return True
    except ConnectionError:
        return False


@pytest.fixture
def session(machine: Cloud) -> Iterator[requests.Session]:
    """A client of storage's REST interface that trusts its certificate."""
    with requests.Session() as opened:
        opened.trust_env = False
        opened.verify = str(machine.storage.certificate)
        opened.headers["x-ms-version"] = "2023-11-03"
        yield opened


def claims(**changes: object) -> dict[str, object]:
    usual = {"aud": STORAGE, "iss": f"https://sts.windows.net/{TENANT}/", "exp": int(time.time()) + 60}
    return usual | {"iat": int(time.time()), "nbf": int(time.time())} | changes


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({}, True),
        ({"aud": "https://graph.microsoft.com"}, False),
        ({"exp": int(time.time()) - 60}, False),
        ({"nbf": int(time.time()) + 3600}, False),
        ({"iss": "https://login.example.com/"}, False),
    ],
    ids=["good", "for Graph", "expired", "not valid yet", "of another issuer"],
)
@pytest.mark.parametrize("service", ["blob", "queue"])
def test_storage_checks_whom_a_token_is_for_by_whom_and_when(
    machine: Cloud, session: requests.Session, service: str, changes: dict[str, object], *, allowed: bool
) -> None:
    uri = machine.storage.blob_uri if service == "blob" else machine.storage.queue_uri
    token = jwt.encode(claims(**changes), machine.identity.key, algorithm="HS256")
    answer = session.get(f"{uri}?comp=list", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    assert answer.status_code in ({200} if allowed else {401, 403})


def test_the_apps_own_token_for_graph_does_not_open_storage(machine: Cloud, session: requests.Session) -> None:
    token = machine.identity.app_token(machine.graph.root)
    answer = session.get(
        f"{machine.storage.blob_uri}?comp=list", headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    assert answer.status_code in {401, 403}


def test_nobody_gets_in_without_a_token(machine: Cloud, session: requests.Session) -> None:
    answer = session.get(f"{machine.storage.blob_uri}/photos?restype=container&comp=list", timeout=10)
    assert answer.status_code in {401, 403, 404}


def test_plain_http_is_refused(machine: Cloud, session: requests.Session) -> None:
    with pytest.raises(requests.ConnectionError):
        session.get(machine.storage.blob_uri.replace("https://", "http://") + "?comp=list", timeout=10)


def test_only_who_is_told_to_trust_its_certificate_does(machine: Cloud, session: requests.Session) -> None:
    session.verify = True
    with pytest.raises(requests.exceptions.SSLError):
        session.get(f"{machine.storage.blob_uri}?comp=list", timeout=10)


def test_the_containers_are_there(machine: Cloud) -> None:
    containers = {container.name for container in machine.blobs.list_containers()}
    assert containers == {"photos", "photo-receipts", "photo-removals"}


def test_storage_keeps_what_it_is_given(machine: Cloud) -> None:
    with machine.blobs.get_blob_client("photos", f"users/{uuid.uuid4()}.jpg") as blob:
        blob.upload_blob(b"picture")
        assert blob.download_blob().readall() == b"picture"


@pytest.mark.usefixtures("machine")  # where Azurite is missing, this skips
def test_nothing_is_left_after_the_block() -> None:
    with storage() as ours:
        addresses = [ours.blob_uri, ours.queue_uri]
        assert [listens(uri) for uri in addresses] == [True, True]
    assert [listens(uri) for uri in addresses] == [False, False]
    assert not ours.certificate.parent.exists()


STARTS_STORAGE = """
import sys
from local.storage import storage
from photo_sync.settings import PHOTOS
with storage() as ours:
    print(ours.blob_uri, flush=True)
    sys.stdin.read()
"""


@pytest.mark.usefixtures("machine")
def test_storage_ends_with_whoever_started_it_however_they_end(tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - the command is ours
        [sys.executable, "-c", STARTS_STORAGE],
        cwd=PROJECT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as starter:
        assert starter.stdout is not None
        uri = starter.stdout.readline().strip()
        assert listens(uri)
        starter.send_signal(signal.SIGKILL)
    assert eventually(lambda: not listens(uri), seconds=5)


def test_any_client_with_the_connection_string_can_upload(machine: Cloud) -> None:
    """As the Azure CLI and storage explorers do; the demo prints the string."""
    with BlobServiceClient.from_connection_string(machine.storage.connection_string) as client:
        client.get_blob_client(PHOTOS, "users/hedy@contoso.com.jpg").upload_blob(b"picture")
    assert list(machine.blobs.get_container_client(PHOTOS).list_blob_names()) == ["users/hedy@contoso.com.jpg"]
