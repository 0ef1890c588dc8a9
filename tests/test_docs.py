"""What the documents say is what the code does; every command that can be run here is, by a test or by .ci/run."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
import requests

from docs import command_line, settings
from documents import DOCUMENTS, HOW_IT_WORKS, NAMING, README, ROOT, Document, anchor
from local.demo import host
from local.graph import GraphEmulator
from photo_sync.errors import Rejected
from photo_sync.imaging.formats import FORMATS
from photo_sync.receipts import Outcome, Receipt
from photo_sync.settings import PHOTOS, SETTINGS
from photo_sync.target import EXTENSIONS, SHAPES, Target
from pictures import plain

CHANGELOG = Document(ROOT / "CHANGELOG.md")


def own_commands(document: Document) -> list[str]:
    """The commands of ours, without the program's name."""
    return [line.removeprefix("photo-sync ") for line in document.commands() if line.startswith("photo-sync ")]


def test_the_names_are_the_codes() -> None:
    told = NAMING.tables("Name a file")[0]
    assert [row[0] for row in told] == [f"`{shape.name}.jpg`" for shape in SHAPES]


def test_what_a_name_means_is_the_codes() -> None:
    (told,) = HOW_IT_WORKS.tables("Whose photo a name means")
    assert told == [[f"`{shape.name}.jpg`", f"`{shape.graph}`"] for shape in SHAPES]


@pytest.mark.parametrize("row", README.tables("Name a file")[0], ids=lambda row: row[1])
def test_a_name_that_the_readme_shows_is_one(row: list[str]) -> None:
    for name in re.findall("`([^`]+)`", row[0]):
        assert Target.parse(name, contacts_mailbox="ada@contoso.com").for_managed_identity().kind in name


def test_every_setting_is_on_its_page_as_the_code_has_it() -> None:
    text = settings.PAGE.read_text("utf-8")
    assert sorted(settings.settings(text)) == sorted(setting.name for setting in SETTINGS)
    assert text == settings.renewed(text), "Run `make docs`, and commit the page."


def test_every_command_has_its_section_with_all_that_can_be_said_to_it() -> None:
    text = command_line.PAGE.read_text("utf-8")
    assert command_line.sections(text) == dict.fromkeys(command_line.commands(), 1)
    assert text == command_line.renewed(text), "Run `make docs`, and commit the page."


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path.stem)
def test_every_command_and_option_of_ours_that_is_named_is_one(document: Document) -> None:
    known = {name: command_line.options(command) for name, command in command_line.commands().items()}
    known |= {option: set[str]() for option in ("--help", "--version", "--install-completion")}
    for named in [*re.findall(r"`photo-sync\s+([^`]+)`", document.text), *own_commands(document)]:
        command, *words = named.split()
        assert {word for word in words if word.startswith("--")} <= known[command], named


def test_every_outcome_that_a_receipt_can_have_is_explained() -> None:
    (told,) = HOW_IT_WORKS.tables("What can become of a file")
    assert {row[0].strip("`") for row in told} == set(Outcome)


def test_every_outcome_is_in_the_diagram() -> None:
    drawn = (ROOT / "docs" / "outcomes.svg").read_text("utf-8")
    assert set(re.findall(r'<text class="bold"[^>]*>(\w+)</text>', drawn)) == set(Outcome)


def test_every_extension_is_named() -> None:
    assert [name for name in EXTENSIONS if not re.search(rf"{re.escape(name)}\b", NAMING.text)] == []


def test_every_format_is_named_on_the_front_page() -> None:
    assert [format_.name for format_ in FORMATS if not re.search(rf"\b{format_.name}\b", README.text)] == []


def test_the_receipt_that_is_shown_is_one_that_is_written() -> None:
    (shown,) = HOW_IT_WORKS.blocks("json")
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
    assert programs == {"make", "photo-sync", "pip", "az", "azd", "git", "curl"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with all the files that the documents' commands name."""
    (names,) = NAMING.blocks("csv")
    listed = [f"scans/{line.partition(',')[0]}" for line in names.splitlines()[1:]]
    (tmp_path / "names.csv").write_text(names, "utf-8")
    people = ["users/ada@contoso.com.png", "people/users/ada@contoso.com.png", "portraits/ada.lovelace.png"]
    for name in (*people, *listed, "portrait.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(plain(format_="PNG"))
    return tmp_path


@pytest.fixture
def cloud_for(request: pytest.FixtureRequest) -> Callable[[str], AbstractContextManager[object]]:
    """What gives a command all that it works on: a tenant, or a deployment, at work where the command waits for it."""

    def prepare(command: str) -> AbstractContextManager[object]:
        if command.split(maxsplit=1)[0] in {"--help", "--version", "check", "put"}:
            request.getfixturevalue("signed_in")
            return nullcontext()
        machine = request.getfixturevalue("machine")
        machine.blobs.get_blob_client(PHOTOS, "users/ada@contoso.com.jpg").upload_blob(plain())
        return host(machine) if command == "doctor" or "--wait" in command else nullcontext()

    return prepare


@pytest.mark.parametrize("command", sorted({command for document in DOCUMENTS for command in own_commands(document)}))
def test_every_command_of_ours_runs_as_it_stands(
    command: str, folder: Path, cloud_for: Callable[[str], AbstractContextManager[object]]
) -> None:
    program = Path(sys.executable).with_name("photo-sync")
    with cloud_for(command):
        run = subprocess.run(  # noqa: S603 - it is our own
            [str(program), *shlex.split(command)], cwd=folder, capture_output=True, text=True, timeout=60, check=False
        )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path.stem)
def test_every_file_and_place_that_is_linked_is_there(document: Document) -> None:
    for link in document.links:
        name, _, place = link.partition("#")
        linked = (document.path.parent / name).resolve() if name else document.path
        assert linked.exists(), link
        assert not place or place in map(anchor, Document(linked).headings), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path.stem)
def test_every_file_of_the_code_that_is_named_is_there(document: Document) -> None:
    places = "photo_sync|tests|local|infra|docs|chaos|fuzz|simulation|bench|.github"
    named = re.findall(rf"`((?:{places})/[\w./-]*)`", document.text)
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("document", [*DOCUMENTS, CHANGELOG], ids=lambda document: document.path.stem)
def test_prose_is_no_wider_than_120_columns(document: Document) -> None:
    prose = re.sub(r"```.*?```", "", document.text, flags=re.DOTALL)
    assert [line for line in prose.splitlines() if len(line) > 120 and not line.startswith(("|", "    "))] == []


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
