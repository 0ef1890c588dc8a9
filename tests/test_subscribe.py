"""The step after the deployment: it waits for the app, shows no key, and says what to do when it cannot go on."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from bicep import Bicep
from infra.subscribe import DELETIONS, PATIENCE, Deployment, NotSubscribed, azure_cli, subscribe

ROOT = Path(__file__).parents[1]
ENVIRON = {
    "AZURE_SUBSCRIPTION_ID": "11111111-2222-3333-4444-555555555555",
    "AZURE_RESOURCE_GROUP": "rg-photo-sync-test",
    "FUNCTION_APP": "func-photo-sync-test",
    "EVENT_TOPIC": "evgt-photo-sync-test",
    "STORAGE_ACCOUNT": "stphotosynctest",
    "DELETIONS_SYNCED": "false",
}
SYNCED = ENVIRON | {"DELETIONS_SYNCED": "true"}
KEY = "the-key-that-nobody-may-see"
HANDSHAKE = f"The webhook https://x.azurewebsites.net/runtime/webhooks/blobs?code={KEY}&x=1 did not answer."

UP, DOWN, BROKEN = (0, "true\n", ""), (0, "false\n", ""), (1, "", "ERROR: ServiceUnavailable from host runtime")
DONE, REFUSED = (0, "", ""), (1, "", HANDSHAKE)
ABSENT = (1, "", "ERROR: (ResourceNotFound) The Resource 'photo-deleted' was not found.")


class FakeAz:
    """Stands for the Azure CLI: gives one answer after the other, and keeps what it was asked."""

    def __init__(self, answers: Iterable[tuple[int, str, str]]) -> None:
        self._answers = iter(answers)
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        self.asked.append(arguments)
        return subprocess.CompletedProcess(arguments, *next(self._answers))


def subscribed(*answers: tuple[int, str, str], environ: dict[str, str] = ENVIRON) -> tuple[FakeAz, list[float]]:
    """Subscribe with an Azure CLI that answers so, on a clock that jumps; returns what was asked, and the pauses."""
    az, pauses = FakeAz(answers), list[float]()
    subscribe(Deployment.from_env(environ), az, clock=lambda: sum(pauses), sleep=pauses.append)
    return az, pauses


def test_an_app_that_is_up_is_subscribed_at_once() -> None:
    az, pauses = subscribed(UP, DONE, environ=SYNCED)
    assert [asked[:3] for asked in az.asked] == [("functionapp", "keys", "list"), ("deployment", "group", "create")]
    assert pauses == []


@pytest.mark.parametrize("environ", [ENVIRON, SYNCED])
def test_the_template_is_told_all_that_it_asks_for(environ: dict[str, str]) -> None:
    az, _ = subscribed(UP, DONE, DONE, environ=environ)
    given = dict(argument.split("=") for argument in az.asked[1][az.asked[1].index("--parameters") + 1 :])
    assert given == {
        "functionAppName": "func-photo-sync-test",
        "topicName": "evgt-photo-sync-test",
        "accountName": "stphotosynctest",
        "syncDeletes": environ["DELETIONS_SYNCED"],
    }
    assert set(given) == set(Bicep("events.bicep").all("param"))
    assert az.asked[1][az.asked[1].index("--template-file") + 1] == str(ROOT / "infra" / "events.bicep")


@pytest.mark.parametrize("answer", [DONE, ABSENT])
def test_deletions_that_are_synced_no_more_are_told_of_no_more(answer: tuple[int, str, str]) -> None:
    az, pauses = subscribed(UP, DONE, answer)
    delete = az.asked[-1]
    assert delete[:4] == ("eventgrid", "system-topic", "event-subscription", "delete")
    named = dict(zip(delete[5::2], delete[6::2], strict=True))
    assert named == {
        "--name": DELETIONS,
        "--resource-group": "rg-photo-sync-test",
        "--system-topic-name": "evgt-photo-sync-test",
    }
    assert pauses == []
    assert Bicep("events.bicep").all("resource")["deletions"].value["name"] == DELETIONS


def test_a_subscription_that_cannot_be_taken_away_is_told_with_what_to_do() -> None:
    with pytest.raises(NotSubscribed) as told:
        subscribed(UP, DONE, (1, "", "(AuthorizationFailed) You may not."))
    assert str(told.value).startswith("Uploads call the app, but deleted files are still told of")
    assert str(told.value).endswith(
        "then run `azd hooks run postdeploy`. The Azure CLI said: (AuthorizationFailed) You may not."
    )


def test_the_key_is_asked_about_and_not_for() -> None:
    az, _ = subscribed(UP, DONE, DONE)
    assert az.asked[0][az.asked[0].index("--query") + 1] == "systemKeys.blobs_extension != null"


@pytest.mark.parametrize(
    "answers",
    [
        [DOWN, BROKEN, DOWN, UP, DONE, DONE],
        [UP, REFUSED, REFUSED, REFUSED, DONE, DONE],
        [UP, DONE, BROKEN, BROKEN, BROKEN, DONE],
    ],
)
def test_what_is_not_ready_yet_is_waited_for(answers: list[tuple[int, str, str]]) -> None:
    _, pauses = subscribed(*answers)
    assert pauses == [15.0] * 3


@pytest.mark.parametrize(
    ("answers", "advice"),
    [
        ([DOWN] * 99, "The app func-photo-sync-test is not up. See whether its functions are listed"),
        ([BROKEN] * 99, "The Azure CLI said: ERROR: ServiceUnavailable from host runtime"),
        ([UP, *[REFUSED] * 99], "Mend what Azure says, then run `azd hooks run postdeploy`."),
    ],
)
def test_patience_ends_with_what_to_do(answers: list[tuple[int, str, str]], advice: str) -> None:
    with pytest.raises(NotSubscribed) as told:
        subscribed(*answers)
    assert advice in str(told.value)


@pytest.mark.parametrize("said", ["(AuthorizationFailed) You may not.", "(InvalidTemplate) No.", "Error BCP033: No."])
def test_what_waiting_does_not_mend_is_told_at_once(said: str) -> None:
    with pytest.raises(NotSubscribed, match=re.escape(said)):
        subscribed(UP, (1, "", said))


def test_patience_lasts_ten_minutes() -> None:
    az, pauses = FakeAz([DOWN] * 99), list[float]()
    with pytest.raises(NotSubscribed):
        subscribe(Deployment.from_env(ENVIRON), az, clock=lambda: sum(pauses), sleep=pauses.append)
    assert PATIENCE <= sum(pauses) <= PATIENCE + 15


def test_no_message_shows_the_key() -> None:
    with pytest.raises(NotSubscribed) as told:
        subscribed(UP, *[REFUSED] * 99)
    assert "code=…&x=1" in str(told.value)
    assert KEY not in str(told.value)


@pytest.mark.parametrize("missing", [[name] for name in ENVIRON] + [["FUNCTION_APP", "EVENT_TOPIC"]])
def test_every_missing_name_is_told_at_once(missing: list[str]) -> None:
    environ = {name: value for name, value in ENVIRON.items() if name not in missing}
    with pytest.raises(NotSubscribed, match=f"^{', '.join(missing)} not set. Run `azd provision`"):
        Deployment.from_env(environ)


# As azd runs it


def run(
    folder: Path, answers: list[tuple[int, str, str]] | None, environ: dict[str, str] = ENVIRON
) -> subprocess.CompletedProcess[str]:
    """Run azure.yaml's own command, with a program called az that gives these answers, or with none."""
    (command,) = re.findall(r"run: python3 (.*)", (ROOT / "azure.yaml").read_text("utf-8"))
    if answers is not None:
        (folder / "answers.json").write_text(json.dumps(answers))
        az = folder / "az"
        az.write_text(
            f"#!{sys.executable}\nimport json, pathlib, sys\n"
            "file = pathlib.Path(sys.argv[0]).with_name('answers.json')\n"
            "(code, out, err), *rest = json.loads(file.read_text())\n"
            "file.write_text(json.dumps(rest))\n"
            "file.with_name('asked.txt').open('a').write(' '.join(sys.argv[1:]) + '\\n')\n"
            "sys.stdout.write(out), sys.stderr.write(err)\nsys.exit(code)\n"
        )
        az.chmod(0o755)
    return subprocess.run(  # noqa: S603 - the command is ours
        [sys.executable, *command.split()],
        cwd=ROOT,
        env=environ | {"PATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_hook_says_when_uploads_call_the_app(tmp_path: Path) -> None:
    done = run(tmp_path, [UP, DONE, DONE])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Uploads to stphotosynctest call func-photo-sync-test now.\n"


def test_the_hook_says_so_when_deletions_are_synced(tmp_path: Path) -> None:
    done = run(tmp_path, [UP, DONE], SYNCED)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:] == ["Deleted files are told of, too: SYNC_DELETES is on."]


def test_the_hook_works_in_the_subscription_that_azd_works_in(tmp_path: Path) -> None:
    run(tmp_path, [UP, DONE, DONE])
    asked = (tmp_path / "asked.txt").read_text().splitlines()
    assert len(asked) == 3
    assert all(f"--subscription {ENVIRON['AZURE_SUBSCRIPTION_ID']}" in line for line in asked)


@pytest.mark.parametrize(
    "said", ["ERROR: Please run 'az login' to setup account.", "AADSTS700082: expired", "No subscription found."]
)
def test_who_is_not_signed_in_is_told_so_at_once_and_without_a_traceback(tmp_path: Path, said: str) -> None:
    failed = run(tmp_path, [(1, "", said)])
    assert failed.returncode == 1
    assert failed.stderr == (
        f"Event Grid is not set up yet. Run `az login` for subscription {ENVIRON['AZURE_SUBSCRIPTION_ID']}, "
        f"then run `azd hooks run postdeploy`. The Azure CLI said: {said}\n"
    )


def test_without_the_azure_cli_the_hook_says_what_to_install(tmp_path: Path) -> None:
    failed = run(tmp_path, None)
    assert failed.returncode == 1
    assert failed.stderr == (
        "Event Grid is not set up yet. Install the Azure CLI, run `az login`, then run `azd hooks run postdeploy`.\n"
    )


def test_an_azure_cli_of_this_machine_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    az = tmp_path / "az"
    az.write_text('#!/bin/sh\necho "$@"\n')
    az.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert azure_cli("sub")("group", "list").stdout == "group list --subscription sub --only-show-errors\n"
