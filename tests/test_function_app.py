import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.cloud import Cloud
from local.faults import Fault
from photo_sync.settings import PHOTOS, RECEIPTS
from pictures import plain

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 13) and os.environ.get("CI") != "true",
    reason="Microsoft's Python worker (azure-functions-runtime) needs Python 3.13",
)


def work(*names: str, folder: Path = ROOT, environ: dict[str, str] | None = None) -> dict[str, Any]:
    """Run Microsoft's worker on the app, in a process of its own; returns what it tells the host."""
    command = [sys.executable, str(ROOT / "tests" / "worker.py"), str(folder), *names]
    run = subprocess.run(  # noqa: S603 - the command is ours
        command,
        env={"PATH": os.environ["PATH"], **(environ or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    answer: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return answer


def upload(machine: Cloud, name: str) -> None:
    machine.blobs.get_blob_client(PHOTOS, name).upload_blob(plain())


def test_the_worker_indexes_the_app_with_no_settings_and_no_network() -> None:
    """Nothing is in its environment, and an address that nobody can reach is in every proxy setting."""
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:1")
    assert work(environ=nowhere)["indexing"] == "success"


def test_the_binding_is_the_one_that_the_host_must_see() -> None:
    binding = {
        "direction": "IN",
        "type": "blobTrigger",
        "name": "blob",
        "path": "photos/{name}",
        "connection": "PhotoStorage",
        "source": "EventGrid",
        "properties": {"SupportsDeferredBinding": True},
    }
    assert work()["functions"] == {"photo_uploaded": [binding]}


def test_the_functions_id_is_stable_for_messages_in_flight_name_it() -> None:
    assert work()["ids"] == {"photo_uploaded": "5ce7a520-dae3-5951-9541-64a010bcceae"}


def test_the_worker_turns_a_blob_into_a_photo(machine: Cloud) -> None:
    upload(machine, "users/adele_fabrikam.com#EXT#@contoso.onmicrosoft.com.png")
    upload(machine, "users/ada@contoso.com.jpg")
    names = [blob.name for blob in machine.blobs.get_container_client(PHOTOS).list_blobs()]
    assert work(*names, environ=machine.settings)["runs"] == dict.fromkeys(names, "success")
    assert {entry.name for entry in machine.graph.directory if entry.photo} == {"Ada Lovelace", "Adele Vance"}


def test_a_refusal_is_a_success_to_the_host_with_a_receipt(machine: Cloud) -> None:
    upload(machine, "people/ada.jpg")
    assert work("people/ada.jpg", environ=machine.settings)["runs"] == {"people/ada.jpg": "success"}
    assert list(machine.blobs.get_container_client(RECEIPTS).list_blob_names()) == ["people/ada.jpg"]


def test_a_passing_fault_fails_the_run_so_that_the_host_tries_again(machine: Cloud) -> None:
    upload(machine, "users/ada@contoso.com.jpg")
    machine.graph.faults.set([Fault(status=503)])
    runs = work("users/ada@contoso.com.jpg", environ=machine.settings)["runs"]
    told = runs["users/ada@contoso.com.jpg"]
    assert told.startswith("TryLater: Microsoft Graph had a fault of its own (503). [503, request-id ")
    assert machine.graph.seen()[-1].client_request_id in told


def test_wrong_settings_fail_the_run_with_every_mistake(machine: Cloud) -> None:
    environ = machine.settings | {"PHOTO_EDGE": "huge", "GRAPH_URL": "http://graph.microsoft.com/v1.0"}
    told = work("users/ada@contoso.com.jpg", environ=environ)["runs"]["users/ada@contoso.com.jpg"]
    assert told.startswith("SettingsError: ")
    assert "PHOTO_EDGE" in told
    assert "GRAPH_URL" in told


def test_the_worker_says_so_when_an_app_is_broken(tmp_path: Path) -> None:
    """The stand-in for the host would show it: a success above is a success."""
    (tmp_path / "function_app.py").write_text("import azure.functions\nimport nothing_like_this\n")
    assert "nothing_like_this" in work(folder=tmp_path)["indexing"]
