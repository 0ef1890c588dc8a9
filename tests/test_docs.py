"""What the documents say is what the code does; every command that can be run here is, by a test or by .ci/run."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from documents import DOCUMENTS, README, ROOT, Document, anchor
from local.graph import GraphEmulator
from photo_sync.errors import Rejected
from photo_sync.imaging.formats import FORMATS
from photo_sync.receipts import Outcome, Receipt
from photo_sync.settings import SETTINGS
from photo_sync.target import EXTENSIONS, SHAPES, Target
from pictures import plain


def rows(heading: str) -> list[list[str]]:
    """The cells of the README's first table below a heading."""
    return README.tables(heading)[0]


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
        assert re.search(rf"{re.escape(name)}\b", README.text)


def test_the_receipt_that_is_shown_is_one_that_is_written() -> None:
    (shown,) = README.blocks("json")
    with pytest.raises(Rejected) as refusal:
        Target.parse("people/hedy@contoso.com.jpg")
    assert f'"code": "{refusal.value.code}"' in shown
    assert f'"reason": "{refusal.value.reason}"' in shown
    assert set(re.findall(r'^  "(\w+)"', shown, re.MULTILINE)) <= set(Receipt.__dataclass_fields__)


@pytest.mark.parametrize("command", [command for command in README.commands() if command.startswith("make ")])
def test_what_the_readme_makes_is_what_the_gate_makes(command: str) -> None:
    assert re.search(rf"^{command}\b", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)


def test_every_command_is_of_a_program_that_is_named() -> None:
    commands = [command for document in DOCUMENTS for command in document.commands()]
    programs = {command.split()[0] for command in commands if not re.match(r"\w+=|set -a; eval", command)}
    assert programs == {"make", "photo-sync", "az", "azd", "git", "curl"}


@pytest.mark.parametrize(
    "command",
    sorted({command for each in DOCUMENTS for command in each.commands() if command.startswith("photo-sync ")}),
)
def test_every_command_of_ours_runs_as_it_stands(command: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("signed_in" if command.split()[1] in {"check", "put"} else "machine")
    (tmp_path / "portrait.png").write_bytes(plain(format_="PNG"))
    (tmp_path / "users").mkdir()
    (tmp_path / "users" / "ada@contoso.com.png").write_bytes(plain(format_="PNG"))
    program, *arguments = shlex.split(command)
    path = Path(sys.executable).with_name(program)
    run = subprocess.run([str(path), *arguments], cwd=tmp_path, capture_output=True, timeout=60, check=False)  # noqa: S603
    assert run.returncode == 0


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path.stem)
def test_every_file_and_place_that_is_linked_is_there(document: Document) -> None:
    for link in document.links:
        name, _, place = link.partition("#")
        linked = (document.path.parent / name).resolve() if name else document.path
        assert linked.exists(), link
        assert not place or place in map(anchor, Document(linked).headings), link


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
