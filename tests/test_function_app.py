import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.cloud import Cloud
from local.faults import Fault
from photo_sync.settings import PHOTOS, RECEIPTS, RETRIES
from pictures import plain
from waiting import eventually

ROOT = Path(__file__).parents[1]
ADA = "users/ada@contoso.com.jpg"

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 13) and os.environ.get("CI") != "true",
    reason="Microsoft's Python worker (azure-functions-runtime) needs Python 3.13",
)


def work(*runs: str, folder: Path = ROOT, environ: dict[str, str] | None = None) -> dict[str, Any]:
    """Run Microsoft's worker on the app, in a process of its own; returns what it tells the host."""
    command = [sys.executable, str(ROOT / "tests" / "worker.py"), str(folder), *runs]
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


def outcomes(machine: Cloud) -> dict[str, str]:
    """What the receipts say, by photo."""
    receipts = machine.blobs.get_container_client(RECEIPTS).list_blobs(include=["metadata"])
    return {receipt.name: receipt.metadata["outcome"] for receipt in receipts}


def test_the_worker_indexes_the_app_with_no_settings_and_no_network() -> None:
    """Nothing is in its environment, and an address that nobody can reach is in every proxy setting."""
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:1")
    assert work(environ=nowhere)["indexing"] == "success"


def queue(name: str) -> list[dict[str, Any]]:
    about = {"direction": "IN", "type": "queueTrigger", "name": "message", "connection": "PhotoStorage"}
    return [about | {"queueName": name}]


def page_binding(level: str) -> dict[str, Any]:
    about = {"direction": "IN", "type": "httpTrigger", "name": "request", "methods": ["GET"]}
    return about | {"route": "status/{view?}", "authLevel": level}


def test_the_bindings_are_those_that_the_host_must_see() -> None:
    blob = {
        "direction": "IN",
        "type": "blobTrigger",
        "name": "blob",
        "path": "photos/{name}",
        "connection": "PhotoStorage",
        "source": "EventGrid",
        "properties": {"SupportsDeferredBinding": True},
    }
    timer = {"direction": "IN", "type": "timerTrigger", "name": "timer", "schedule": "0 17 * * * *"}
    assert work()["functions"] == {
        "photo_uploaded": [blob],
        "photo_due": queue("photo-retries"),
        "upload_given_up": queue("webjobs-blobtrigger-poison"),
        "retry_given_up": queue("photo-retries-poison"),
        "hourly": [timer],
        "status_page": [page_binding("FUNCTION"), {"direction": "OUT", "type": "http", "name": "$return"}],
    }


SIGN_IN = {"STATUS_PAGE_SIGN_IN": "true", "WEBSITE_AUTH_ENABLED": "True"}


@pytest.mark.parametrize(
    ("environ", "level"),
    [({"STATUS_PAGE_SIGN_IN": "maybe"}, "FUNCTION"), (SIGN_IN, "ANONYMOUS")],
)
def test_the_page_asks_for_its_key_unless_people_sign_in(environ: dict[str, str], level: str) -> None:
    assert work(environ=environ)["functions"]["status_page"][0] == page_binding(level)


def test_whoever_is_not_signed_in_sees_nothing_where_people_sign_in(machine: Cloud) -> None:
    runs = ["status", "status/listing", "status/health", "status\nX-MS-CLIENT-PRINCIPAL-ID: ada"]
    replies = work(*(f"status_page={run}" for run in runs), environ=machine.settings | SIGN_IN)["replies"]
    assert [reply["status"] for reply in replies] == ["401", "401", "401", "200"]


def test_the_worker_answers_for_the_page(machine: Cloud) -> None:
    upload(machine, ADA)
    runs = [f"photo_uploaded={ADA}", "status_page=status", "status_page=status/listing?outcome=synced"]
    page, listing = work(*runs, environ=machine.settings)["replies"]
    assert (page["status"], page["headers"]["content-type"]) == ("200", "text/html; charset=utf-8")
    assert "script-src 'sha256-" in page["headers"]["Content-Security-Policy"]
    assert listing["headers"]["Cache-Control"] == "no-store"
    assert json.loads(listing["body"])["counts"] == {"synced": 1}


def test_the_page_tells_of_wrong_settings() -> None:
    (reply,) = work("status_page=status/listing", environ={"PHOTO_EDGE": "huge"})["replies"]
    assert (reply["status"], "PHOTO_EDGE" in reply["body"]) == ("503", True)


def test_the_functions_id_is_stable_for_messages_in_flight_name_it() -> None:
    assert work()["ids"]["photo_uploaded"] == "5ce7a520-dae3-5951-9541-64a010bcceae"


def test_the_worker_turns_a_blob_into_a_photo(machine: Cloud) -> None:
    names = ["users/adele_fabrikam.com#EXT#@contoso.onmicrosoft.com.png", "users/ada@contoso.com.jpg"]
    for name in names:
        upload(machine, name)
    runs = [f"photo_uploaded={name}" for name in names]
    assert work(*runs, environ=machine.settings)["runs"] == ["success", "success"]
    assert {entry.name for entry in machine.graph.directory if entry.photo} == {"Ada Lovelace", "Adele Vance"}


def test_each_photo_and_each_hour_is_one_event_in_the_log(machine: Cloud) -> None:
    upload(machine, ADA)
    told = work(f"photo_uploaded={ADA}", "hourly=", environ=machine.settings)["log"]
    photo, hourly = map(json.loads, told)
    assert (photo["event"], photo["photo"], photo["outcome"]) == ("photo", ADA, "synced")
    assert (hourly["event"], hourly["compared"]) == ("hourly", 1)


def test_a_refusal_is_a_success_to_the_host_with_a_receipt(machine: Cloud) -> None:
    upload(machine, "people/ada.jpg")
    assert work("photo_uploaded=people/ada.jpg", environ=machine.settings)["runs"] == ["success"]
    assert outcomes(machine) == {"people/ada.jpg": "rejected"}


def test_a_passing_fault_is_a_success_to_the_host_and_its_message_brings_the_photo_later(machine: Cloud) -> None:
    upload(machine, ADA)
    machine.graph.faults.set([Fault(status=429, retry_after=1, times=1)])
    assert work(f"photo_uploaded={ADA}", environ=machine.settings)["runs"] == ["success"]
    assert outcomes(machine) == {ADA: "retrying"}
    retries = machine.queues.get_queue_client(RETRIES)
    assert eventually(lambda: retries.peek_messages() != [])
    (message,) = retries.receive_messages()
    text = base64.b64decode(message.content).decode()
    assert work(f"photo_due={text}", environ=machine.settings)["runs"] == ["success"]
    assert outcomes(machine) == {ADA: "synced"}


@pytest.mark.parametrize("function", ["upload_given_up", "retry_given_up"])
def test_what_the_host_has_given_up_has_failed(machine: Cloud, function: str) -> None:
    upload(machine, ADA)
    etag = machine.blobs.get_blob_client(PHOTOS, ADA).get_blob_properties().etag.strip('"')
    told = {"ContainerName": PHOTOS, "BlobName": ADA, "ETag": etag, "photo": ADA, "etag": etag}
    assert work(f"{function}={json.dumps(told)}", environ=machine.settings)["runs"] == ["success"]
    assert outcomes(machine) == {ADA: "failed"}


def test_each_hour_what_has_no_receipt_is_found(machine: Cloud) -> None:
    upload(machine, ADA)
    assert work("hourly=", environ=machine.settings)["runs"] == ["success"]


def test_a_message_that_is_not_ours_fails_and_stays_with_the_host(machine: Cloud) -> None:
    runs = work("photo_due=hello", "upload_given_up={}", environ=machine.settings)["runs"]
    assert runs[0].startswith("ValueError: This is no message of photo-retries")
    assert runs[1].startswith("ValueError: This is no message of a blob trigger")


def test_wrong_settings_fail_the_run_with_every_mistake(machine: Cloud) -> None:
    environ = machine.settings | {"PHOTO_EDGE": "huge", "GRAPH_URL": "http://graph.microsoft.com/v1.0"}
    (told,) = work(f"photo_uploaded={ADA}", environ=environ)["runs"]
    assert told.startswith("SettingsError: ")
    assert "PHOTO_EDGE" in told
    assert "GRAPH_URL" in told


def test_the_worker_says_so_when_an_app_is_broken(tmp_path: Path) -> None:
    """The stand-in for the host would show it: a success above is a success."""
    (tmp_path / "function_app.py").write_text("import azure.functions\nimport nothing_like_this\n")
    assert "nothing_like_this" in work(folder=tmp_path)["indexing"]
