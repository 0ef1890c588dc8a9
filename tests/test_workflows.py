"""The workflows run what people run, store no secret, and deploy what is tested."""

import re
import tomllib
from typing import Final

import pytest

from bicep import Bicep
from documents import ROOT

FILES: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TEXTS: Final = {path.stem: path.read_text("utf-8") for path in FILES}


@pytest.mark.parametrize("name", TEXTS)
def test_no_secret_is_stored(name: str) -> None:
    assert "secrets." not in TEXTS[name]


@pytest.mark.parametrize("name", TEXTS)
def test_an_action_is_pinned_to_a_commit_whose_version_is_told(name: str) -> None:
    used = re.findall(r"uses: ([^$].*)", TEXTS[name])
    assert used
    assert [line for line in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


def test_the_same_action_has_the_same_version_everywhere() -> None:
    pins = {tuple(pin.split("@")) for text in TEXTS.values() for pin in re.findall(r"uses: ([^$]\S+)", text)}
    assert len(pins) == len({action for action, _ in pins})


def test_ci_runs_what_the_gate_runs() -> None:
    made = re.findall(r"^make (\w+)", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)
    assert set(made) <= set(" ".join(re.findall(r"run: make (.*)", TEXTS["ci"])).split())


def test_ci_runs_on_every_python_that_the_project_takes() -> None:
    (listed,) = re.findall(r"python: (\[.*\])", TEXTS["ci"])
    minors = sorted(int(minor) for minor in re.findall(r'"3\.(\d+)"', listed))
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    lowest, above = map(int, re.findall(r"3\.(\d+)", requires))
    assert minors == list(range(lowest, above))
    deployed = Bicep("function.bicep").all("resource")["app"].said("runtime")["version"]
    assert f'"{deployed}"' in listed


def test_a_deployment_signs_in_with_openid_connect() -> None:
    assert "id-token: write" in TEXTS["azure-dev"]
    assert "--federated-credential-provider github" in TEXTS["azure-dev"]


@pytest.mark.parametrize(
    ("name", "variables", "switch"),
    [
        ("azure-dev", "azd env set --file", "azd env set GRANT_GRAPH_ROLES false"),
        ("what-if", "done <", "export GRANT_GRAPH_ROLES=false"),
    ],
)
def test_a_pipeline_grants_nothing_in_graph_whatever_its_variables_say(name: str, variables: str, switch: str) -> None:
    before, after = TEXTS[name].split(variables)
    assert switch not in before
    assert switch in after


def test_what_is_deployed_was_tested() -> None:
    assert "uses: $/.github/workflows/ci.yml" in TEXTS["azure-dev"]
    assert "needs: ci\n" in TEXTS["azure-dev"]
    assert "workflow_call:" in TEXTS["ci"]
