"""What the README says is what the code does; every command in it is run, here or by .ci/run."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from local.graph import GraphEmulator
from photo_sync.errors import Rejected
from photo_sync.formats import FORMATS
from photo_sync.receipts import Outcome, Receipt
from photo_sync.settings import SETTINGS
from photo_sync.target import EXTENSIONS, SHAPES, Target
from pictures import plain

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without the table's own two header lines."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    return [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]


def test_the_names_table_is_the_codes() -> None:
    assert [(row[0], row[2]) for row in rows("Name a file")] == [
        (f"`{shape.name}.jpg`", f"`{shape.graph}`") for shape in SHAPES
    ]


def test_the_settings_table_is_the_codes() -> None:
    assert rows("Settings") == [
        [f"`{setting.name}`", setting.meaning, f"`{setting.default}`" if setting.default else ""]
        for setting in SETTINGS
    ]


def test_every_outcome_that_a_receipt_can_have_is_explained() -> None:
    assert {row[0].strip("`") for row in rows("What became of a file")} == set(Outcome)


def test_every_extension_and_format_is_named() -> None:
    for name in (*EXTENSIONS, *(format_.name for format_ in FORMATS)):
        assert re.search(rf"{re.escape(name)}\b", README)


def test_the_receipt_that_is_shown_is_one_that_is_written() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    with pytest.raises(Rejected) as refusal:
        Target.parse("people/hedy@contoso.com.jpg")
    assert f'"code": "{refusal.value.code}"' in shown
    assert f'"reason": "{refusal.value.reason}"' in shown
    assert set(re.findall(r'^  "(\w+)"', shown, re.MULTILINE)) <= set(Receipt.__dataclass_fields__)


@pytest.mark.parametrize("command", [command for command in commands() if command.startswith("make ")])
def test_what_the_readme_makes_is_what_the_gate_makes(command: str) -> None:
    assert re.search(rf"^{command}\b", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("command", [command for command in commands() if not command.startswith("make ")])
def test_every_other_command_runs_as_it_stands(command: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("signed_in" if command.split()[1] in {"check", "put"} else "machine")
    (tmp_path / "portrait.png").write_bytes(plain(format_="PNG"))
    (tmp_path / "users").mkdir()
    (tmp_path / "users" / "ada@contoso.com.png").write_bytes(plain(format_="PNG"))
    program, *arguments = shlex.split(command)
    assert program == "photo-sync"
    path = Path(sys.executable).with_name(program)
    run = subprocess.run([str(path), *arguments], cwd=tmp_path, capture_output=True, timeout=60, check=False)  # noqa: S603
    assert run.returncode == 0


def test_every_file_that_is_linked_is_there() -> None:
    links = re.findall(r"\]\(([^):]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_make_help_lists_every_target() -> None:
    make = shutil.which("make")
    assert make is not None
    told = subprocess.run([make, "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert re.findall(r"make ([a-z]+) ", told) == targets


def test_the_faults_that_are_shown_are_taken_the_way_that_is_shown(emulator: GraphEmulator, tmp_path: Path) -> None:
    told = (ROOT / "local" / "README.md").read_text("utf-8")
    (shown,) = re.findall(r"```json\n(.*?)```", told, re.DOTALL)
    (command,) = re.findall(r"^curl .*$", told, re.MULTILINE)
    (tmp_path / "faults.json").write_text(shown)
    at = shlex.split(command.replace("http://127.0.0.1:PORT", emulator.root))
    run = subprocess.run([*at, "--fail"], cwd=tmp_path, capture_output=True, timeout=10, check=False)  # noqa: S603
    assert run.returncode == 0
    answer = requests.put(f"{emulator.url}/users/grace@contoso.com/photo/$value", timeout=5)
    assert answer.status_code in {404, 429}


def test_every_local_part_is_explained() -> None:
    told = (ROOT / "local" / "README.md").read_text("utf-8")
    inner = {"__init__.py", "node.py", "server.py"}
    assert {path.name for path in (ROOT / "local").glob("*.py") if f"`{path.name}`" not in told} == inner
