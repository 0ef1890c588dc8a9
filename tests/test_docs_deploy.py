"""What docs/deploy.md says is what the templates do."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient

from bicep import Bicep
from documents import DEPLOY, README, ROOT
from local.cloud import Cloud
from photo_sync.settings import CONNECTION, PHOTOS, RECEIPTS, RETRIES, SETTINGS
from pictures import plain

SET = re.findall(r"readEnvironmentVariable\('(\w+)', '([^']*)'\)", Bicep("main.bicepparam").text)
OWN = {setting.name for setting in SETTINGS if not setting.name.startswith(CONNECTION)} - {"AZURE_CLIENT_ID"}


def test_what_can_be_chosen_is_what_the_templates_take() -> None:
    (table,) = DEPLOY.tables("What can be chosen")
    told = {row[0].strip("`"): row[2].strip("`") for row in table}
    asked_by_azd = {"AZURE_ENV_NAME", "AZURE_LOCATION"}
    assert told == {name: default for name, default in SET if name not in OWN | asked_by_azd}


def test_what_azd_is_told_is_something_that_is_read() -> None:
    told = re.findall(r"azd env set (\w+)", DEPLOY.text)
    assert set(told) - {"NAME"} <= {name for name, _ in SET}


def test_a_template_that_is_deployed_by_hand_is_given_what_it_asks_for() -> None:
    commands = [shlex.split(command) for command in DEPLOY.commands() if "--template-file" in command]
    assert commands
    for command in commands:
        template = Path(command[command.index("--template-file") + 1])
        given = {argument.partition("=")[0] for argument in command[command.index("--parameters") + 1 :]}
        assert given == set(Bicep(template.name).all("param"))


def test_the_permissions_are_granted_by_powershell_as_they_are_by_the_template() -> None:
    (script,) = DEPLOY.blocks("powershell")
    roles = Bicep("graph.bicep").all("var")["roles"].value
    assert set(re.findall(r"'(\w+\.\w+(?:\.\w+)?)'", script)) == {role["name"] for role in roles}
    assert "00000003-0000-0000-c000-000000000000" in script


def test_what_is_created_is_named() -> None:
    containers = Bicep("storage.bicep").all("var")["containers"].value
    section = DEPLOY.section("What is created")
    assert [name for name in [*containers.values(), RETRIES] if f"`{name}`" not in section] == []
    address = Bicep("network.bicep").all("resource")["network"].said("addressPrefixes")
    assert address == re.findall(r"It is ([\d./]+)\.", section)


def test_what_the_costs_come_to_is_their_sum() -> None:
    (table,) = DEPLOY.tables("What it costs")
    *items, total = table
    for column in (1, 2):
        cost = sum(float(row[column]) for row in items)
        assert total[column] == f"**about {cost:.0f}**"


def test_the_simulated_costs_are_those_of_scale_md() -> None:
    (table,) = DEPLOY.tables("What it costs")
    scale = (ROOT / "docs" / "scale.md").read_text("utf-8")
    for people, cost in zip(("1,000", "100,000"), table[0][1:3], strict=True):
        (row,) = re.findall(rf"^\| {people} +\| outlook .*\| 1 x 2 \| .*$", scale.split("## Other")[0], re.MULTILINE)
        assert row.strip("| ").split("|")[-1].strip() == cost


def test_the_containers_in_commands_are_those_that_there_are() -> None:
    named = re.findall(
        r"--container-name (\S+)|--destination (\S+)|blobServices/default/containers/([\w-]+)", DEPLOY.text
    )
    assert {name for names in named for name in names if name} == {PHOTOS, RECEIPTS}


def test_a_program_uploads_a_photo_as_is_shown(machine: Cloud, tmp_path: Path) -> None:
    """As it stands, but for the account's address."""
    (program,) = DEPLOY.blocks("python")
    shown = "https://<account>.blob.core.windows.net"
    assert shown in program
    (tmp_path / "ada.jpg").write_bytes(plain())
    command = [sys.executable, "-c", program.replace(shown, machine.storage.blob_uri)]
    subprocess.run(command, cwd=tmp_path, env=machine.settings, timeout=60, check=True)  # noqa: S603 - it is our own
    assert uploaded(machine.blobs) == ["users/ada@contoso.com.jpg"]


def uploaded(blobs: BlobServiceClient) -> list[str]:
    return list(blobs.get_container_client(PHOTOS).list_blob_names())


@pytest.mark.parametrize("name", ["deploy.md", "operations.md"])
def test_the_readme_leads_there(name: str) -> None:
    assert f"docs/{name}" in README.links
