from pathlib import Path

import pytest

from local.cloud import Cloud
from local.demo import host, page_address
from photo_sync.settings import PHOTOS, RECEIPTS
from terminal import Command, photo_sync
from waiting import eventually


def test_a_deployment_that_works_is_green_and_nothing_of_the_probe_is_left(
    machine: Cloud, command: Command, tmp_path: Path
) -> None:
    with host(machine) as log:
        address = page_address(log)
        run = command("doctor", "--page", address, "--timeout", "30", folder=tmp_path)
        assert {line.split()[0] for line in run.stdout.splitlines()} == {"✓"}
        assert "✓ from upload to receipt: A probe had its receipt after " in run.stdout
        assert "✓ app: container photos: " in run.stdout
        assert "code=" not in run.stdout
        assert run.returncode == 0
        containers = [machine.blobs.get_container_client(name) for name in (PHOTOS, RECEIPTS)]
        assert eventually(lambda: not any(list(container.list_blob_names()) for container in containers))


def test_an_app_that_does_not_answer_is_red_with_what_to_do(machine: Cloud, tmp_path: Path) -> None:
    run = photo_sync("doctor", "--timeout", "0", folder=tmp_path)
    assert "✗ from upload to receipt: A probe had no receipt within 0 seconds." in run.stdout
    assert list(machine.blobs.get_container_client(PHOTOS).list_blob_names()) == []
    assert run.returncode == 1


def test_checks_are_told_to_programs(machine: Cloud, command: Command, tmp_path: Path) -> None:
    machine.identity.roles.remove("Contacts.ReadWrite")
    (checks,) = command("doctor", "--no-round-trip", "--json", folder=tmp_path).lines
    states = {check["name"]: check["state"] for check in checks}
    assert states["settings"] == states["container photos"] == "green"
    assert states["Graph permission Contacts.ReadWrite"] == "yellow"
    assert "from upload to receipt" not in states


def test_wrong_settings_are_red(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROP", "everything")
    run = command("doctor", folder=tmp_path)
    assert "✗ settings: CROP is “everything”" in run.stdout
    assert "✗ settings: PhotoStorage__blobServiceUri is not set" in run.stdout
    assert run.returncode == 1


def test_nobody_signed_in_is_red_at_once(
    machine: Cloud, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine.settings
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")
    monkeypatch.setenv("PATH", str(tmp_path))
    run = command("doctor", folder=tmp_path)
    assert "✗ sign-in to Azure Storage: " in run.stdout
    assert "run `az login`" in run.stdout
    assert run.returncode == 1
