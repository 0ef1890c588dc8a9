"""What holds for every command: help, completion, settings, and that no mistake ends in a traceback."""

import os
import subprocess
from pathlib import Path

import pytest

from local.cloud import Cloud
from photo_sync import __version__
from pictures import plain
from terminal import PHOTO_SYNC, Command, photo_sync

COMMANDS = ["check", "upload", "status", "show", "retry", "remove", "resync", "reconcile", "put", "doctor"]
ADA = "users/ada@contoso.com.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "users").mkdir()
    (tmp_path / ADA).write_bytes(plain(width=300, height=300, format_="PNG"))
    return tmp_path


def test_the_version_is_told(folder: Path) -> None:
    assert photo_sync("--version", folder=folder).stdout == f"photo-sync {__version__}\n"


def test_help_names_every_command_that_there_is(command: Command, folder: Path) -> None:
    told = command("--help", folder=folder).stdout.partition("Commands:")[2]
    assert [line.split()[0] for line in told.splitlines() if line.strip()] == COMMANDS
    assert "..." not in told


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_and_json(command: Command, folder: Path, name: str) -> None:
    run = command(name, "--help", folder=folder)
    assert f"Example: photo-sync {name}" in run.stdout
    assert "--json" in run.stdout
    assert run.returncode == 0


def test_a_shell_completes_commands_and_outcomes(folder: Path) -> None:
    def completed(words: str) -> str:
        asked = {"_PHOTO_SYNC_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        run = subprocess.run(  # noqa: S603 - the command is ours
            [str(PHOTO_SYNC)], env=os.environ | asked, cwd=folder, capture_output=True, text=True, check=False
        )
        return run.stdout

    assert completed("photo-sync re").split() == ["retry", "remove", "resync", "reconcile"]
    assert completed("photo-sync status --outcome re").split() == ["rejected", "retrying", "removed"]


def test_a_command_starts_without_what_only_others_need(folder: Path) -> None:
    """A person waits for it: help comes without the clients of Azure and without what opens pictures."""
    code = (
        "import sys, photo_sync.cli; print({'azure', 'PIL', 'requests'} & {name.split('.')[0] for name in sys.modules})"
    )
    python = PHOTO_SYNC.with_name("python")
    run = subprocess.run([str(python), "-c", code], cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603
    assert run.stdout == "set()\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check"], "Missing argument"),
        (["chek"], "No such command 'chek'"),
        (["upload", "nowhere"], "'nowhere' does not exist"),
        (["upload", ADA], "is a file"),
        (["upload", ".", "--rename", "{stem}", "--map", "people.csv"], "use one of them"),
        (["upload", ".", "--rename", "users/{first}.jpg"], "“{first}” is no field"),
        (["upload", ".", "--map", "people.csv"], "people.csv cannot be read: No such file or directory"),
        (["status", "--outcome", "lost"], "'lost' is not one of"),
        (["retry"], "Name photos, or say --failed"),
        (["retry", "--failed", ADA], "Name photos, or say --failed or"),
        (["retry", "--too-many-deletes", ADA], "Name photos, or say --failed or"),
    ],
)
@pytest.mark.usefixtures("machine")
def test_wrong_use_is_told_with_status_2(command: Command, folder: Path, arguments: list[str], told: str) -> None:
    run = command(*arguments, folder=folder)
    assert told in run.stderr
    assert run.returncode == 2


def test_a_wrong_setting_is_named_without_a_traceback(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_EDGE", "huge")
    run = photo_sync("check", ADA, folder=folder)
    assert run.stderr.startswith("PHOTO_EDGE is “huge”")
    assert "Traceback" not in run.stderr
    assert run.returncode == 2


@pytest.mark.parametrize(
    "arguments", [["status"], ["upload", ".", "--yes"], ["show", ADA], ["reconcile"], ["retry", ADA]]
)
def test_a_storage_account_that_is_not_named_is_asked_for(command: Command, folder: Path, arguments: list[str]) -> None:
    run = command(*arguments, folder=folder)
    assert run.stderr.startswith("PhotoStorage__blobServiceUri is not set")
    assert run.returncode == 2


def test_what_storage_does_not_do_is_told_without_a_traceback(
    machine: Cloud, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PhotoStorage__blobServiceUri", machine.storage.blob_uri.rpartition("/")[0] + "/nobody")
    run = photo_sync("status", folder=folder)
    assert run.stderr.startswith("Azure Storage did not do this: ")
    assert "`photo-sync doctor` tells more" in run.stderr
    assert "Traceback" not in run.stderr
    assert run.returncode == 1


def test_whoever_is_not_signed_in_is_told_how(
    machine: Cloud, command: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine.settings
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")
    monkeypatch.setenv("PATH", str(folder))  # no `az` there
    run = command("status", folder=folder)
    assert "Sign in with `az login`" in run.stderr
    assert run.returncode == 1


def test_a_report_in_a_code_page_without_check_marks_is_a_report(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    (folder / "users" / "tim@contoso.com.jpg").write_bytes(b"%PDF-1.7")
    run = photo_sync("check", ".", folder=folder)
    assert "is a PDF document" in run.stdout
    assert run.returncode == 1
