"""What a run was measured on, and with which versions: without them the figures say nothing."""

import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import pyvips

from bench.peers import MAGICK, NAIVE, OURS, SHARP, TOOLS, VIPS, find_magick, sharp_command
from photo_sync import __version__


def describe() -> dict[str, str]:
    """Return the processor, the system and Python."""
    return {"processor": _processor(), "system": platform.system(), "python": platform.python_version()}


def versions() -> dict[str, str | None]:
    """Return the version of each tool, None where it is not installed."""
    found = {OURS: __version__, NAIVE: _pillow(), VIPS: _vips(), SHARP: _sharp(), MAGICK: _magick()}
    return {tool: found[tool] for tool in TOOLS}


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text("utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _pillow() -> str:
    from PIL import features

    return f"{version('pillow')} (libjpeg-turbo {features.version('libjpeg_turbo')})"


def _vips() -> str:
    return f"{version('pyvips')} (libvips {'.'.join(str(pyvips.version(part)) for part in range(3))})"


def _sharp() -> str | None:
    try:
        run = subprocess.run(sharp_command(), capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    except RuntimeError:  # there is no Node.js
        return None
    return run.stdout.strip() if run.returncode == 0 else None


def _magick() -> str | None:
    found = find_magick()
    return found[1] if found else None
