import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ServiceRequestError
from azure.core.pipeline import PipelineRequest
from azure.storage.blob import BlobServiceClient

from local.cloud import Cloud
from photo_sync.drop import Drop
from photo_sync.folder.plan import Action, Plan, Rename, Step
from photo_sync.folder.upload import Sent, clear, upload
from photo_sync.folder.verdict import Verdict
from photo_sync.settings import PHOTOS, Settings
from photo_sync.wiring import connect


def step(folder: Path, name: str, etag: str = "") -> Step:
    """A step to upload this file, which is made, over what has that ETag."""
    (folder / name).write_bytes(name.encode())
    md5 = base64.b64encode(hashlib.md5(name.encode(), usedforsecurity=False).digest()).decode()
    verdict = Verdict(file=str(folder / name), name=f"users/{name}", size=len(name), md5=md5)
    return Step(verdict, Action.REPLACE if etag else Action.UPLOAD, etag)


def planned(folder: Path, *names: str) -> Plan:
    """A plan to upload these files, which are made."""
    return Plan([step(folder, name) for name in names], [])


def drop(machine: Cloud, disturb: Callable[[str], None] = lambda _: None) -> Drop:
    """The container, by a client that tries once, and before that does something by the address it goes to."""

    def hook(request: PipelineRequest[Any]) -> None:
        disturb(request.http_request.url)

    trusted = str(machine.storage.certificate)
    service = BlobServiceClient(
        machine.storage.blob_uri,
        machine.blobs.credential,
        connection_verify=trusted,
        retry_total=0,
        raw_request_hook=hook,
    )
    return Drop(service.get_container_client(PHOTOS))


def test_what_is_to_go_up_is_there_under_its_name(machine: Cloud, tmp_path: Path) -> None:
    plan = planned(tmp_path, "ada.jpg", "tim.jpg")
    kept = Plan([*plan.steps, Step(Verdict(file="gone.jpg", name="users/gone.jpg"), Action.KEEP, "1")], [])
    sent = list(upload(kept, drop(machine)))
    blobs = {blob.name: blob.etag for blob in machine.blobs.get_container_client(PHOTOS).list_blobs()}
    assert {one.step.verdict.name: one.etag for one in sent} == blobs
    assert set(blobs) == {"users/ada.jpg", "users/tim.jpg"}


def test_a_passing_fault_is_told_and_the_rest_goes_up(machine: Cloud, tmp_path: Path) -> None:
    def fail(address: str) -> None:
        if "ada.jpg" in address:
            raise ServiceRequestError("The line is dead.")

    ada, tim = upload(planned(tmp_path, "ada.jpg", "tim.jpg"), drop(machine, fail))
    assert (ada.etag, ada.fault) == ("", "Azure Storage failed for now. Run the command again to go on.")
    assert (tim.etag != "", tim.fault) == (True, "")


def test_a_file_that_has_gone_meanwhile_is_told(machine: Cloud, tmp_path: Path) -> None:
    plan = planned(tmp_path, "ada.jpg")
    (tmp_path / "ada.jpg").unlink()
    (ada,) = upload(plan, drop(machine))
    assert ada.fault == "This file cannot be read any more: No such file or directory."


@pytest.mark.parametrize("changed", [b"ADA.JPG", b"ada.jpg and more", b"ada", b""])
def test_a_file_that_has_changed_meanwhile_is_not_sent(machine: Cloud, tmp_path: Path, changed: bytes) -> None:
    plan = planned(tmp_path, "ada.jpg")
    (tmp_path / "ada.jpg").write_bytes(changed)
    (ada,) = upload(plan, drop(machine))
    assert ada.fault == "This file has changed since it was looked at. Run the command again."
    assert list(machine.blobs.get_container_client(PHOTOS).list_blob_names()) == []


def test_only_the_picture_that_was_seen_is_replaced(machine: Cloud, tmp_path: Path) -> None:
    for name in ("ada.jpg", "tim.jpg", "eve.jpg"):
        machine.blobs.get_blob_client(PHOTOS, f"users/{name}").upload_blob(b"old")
    seen = machine.blobs.get_blob_client(PHOTOS, "users/ada.jpg").get_blob_properties().etag.strip('"')
    steps = [step(tmp_path, "ada.jpg", seen), step(tmp_path, "tim.jpg", "0x1"), step(tmp_path, "eve.jpg")]
    ada, tim, eve = upload(Plan(steps, []), drop(machine))
    told = "Somebody has uploaded another picture under this name meanwhile. Run the command again to see it."
    assert [ada.fault, tim.fault, eve.fault] == ["", told, told]
    assert machine.blobs.get_blob_client(PHOTOS, "users/ada.jpg").download_blob().readall() == b"ada.jpg"
    assert machine.blobs.get_blob_client(PHOTOS, "users/tim.jpg").download_blob().readall() == b"old"


def test_a_file_that_storage_does_not_take_is_told_and_the_rest_goes_up(machine: Cloud, tmp_path: Path) -> None:
    def fail(address: str) -> None:
        if "ada.jpg" in address:
            fault = HttpResponseError("The blob is under a legal hold.\nRequestId: 1")
            fault.status_code = 400
            raise fault

    ada, tim = upload(planned(tmp_path, "ada.jpg", "tim.jpg"), drop(machine, fail))
    assert ada.fault == "Azure Storage did not take this file: The blob is under a legal hold."
    assert (tim.etag != "", tim.fault) == (True, "")


def test_many_faults_that_are_not_in_a_row_end_nothing(machine: Cloud, tmp_path: Path) -> None:
    def fail(address: str) -> None:
        if int(address.rpartition("/")[2].partition(".")[0]) % 2:
            raise ServiceRequestError("The line is dead.")

    sent = list(upload(planned(tmp_path, *(f"{number}.jpg" for number in range(100))), drop(machine, fail)))
    assert sum(bool(one.etag) for one in sent) == 50


def test_many_faults_end_it(machine: Cloud, tmp_path: Path) -> None:
    tried = list[str]()

    def fail(address: str) -> None:
        tried.append(address)
        raise ServiceRequestError("The line is dead.")

    with pytest.raises(AzureError):
        list(upload(planned(tmp_path, *(f"{number}.jpg" for number in range(100))), drop(machine, fail)))
    assert len(tried) < 50


def test_a_fault_of_the_account_ends_it_after_all_that_was_sent_is_told(machine: Cloud, tmp_path: Path) -> None:
    def fail(address: str) -> None:
        if "/3.jpg" in address:
            raise ClientAuthenticationError("Nobody is signed in.")

    sent, sending = list[Sent](), upload(planned(tmp_path, *(f"{n}.jpg" for n in range(100))), drop(machine, fail))
    with pytest.raises(ClientAuthenticationError):
        sent.extend(sending)
    up = {one.step.verdict.name for one in sent if one.etag}
    assert up == set(machine.blobs.get_container_client(PHOTOS).list_blob_names())
    assert "The upload was stopped" in sent[-1].fault
    assert (len(sent), 0 < len(up) < 50) == (100, True)


def test_a_container_that_is_not_there_ends_it_at_once(machine: Cloud, tmp_path: Path) -> None:
    nowhere = Drop(machine.blobs.get_container_client("nowhere"))
    with pytest.raises(AzureError, match="ContainerNotFound"):
        list(upload(planned(tmp_path, "ada.jpg"), nowhere))


def test_a_blob_of_an_old_name_is_cleared_unless_it_is_another_one_by_now(machine: Cloud) -> None:
    retries = connect(Settings.from_env(machine.settings)).retries
    blob = machine.blobs.get_blob_client(PHOTOS, "people/ada.jpg")
    etag = blob.upload_blob(b"old")["etag"].strip('"')
    blob.upload_blob(b"another", overwrite=True)
    old = Rename("people/ada.jpg", "users/ada.jpg", etag)
    assert list(clear([old], drop(machine), retries)) == []
    assert blob.exists()
    now = replace(old, etag=blob.get_blob_properties().etag.strip('"'))
    assert list(clear([now], drop(machine), retries)) == [now]
    assert not blob.exists()
    assert retries.waiting() == 1
