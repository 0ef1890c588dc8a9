"""Workers started one after the other, and watched: what ends one before its time is a finding."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from itertools import count
from typing import Final

from fuzz.folder import Folder
from fuzz.tally import Tally

_LIFE_SECONDS: Final = 600  # after which a worker is followed by a fresh one: what it remembers takes memory
_STILL_SECONDS: Final = 120  # at one input, without the CPU that would have had it killed
_LEAST_SECONDS: Final = 1
_SAID: Final = 4_000  # characters, at the end of a worker's log


def hunt(folder: Folder, engine: str, number: int, seconds: float) -> Tally:
    """Try inputs of an engine, named by its module, for so many seconds; Ctrl-C ends it before."""
    until, total = time.monotonic() + seconds, Tally()
    for life in count():
        rest = until - time.monotonic()
        if life and rest < _LEAST_SECONDS:
            break
        folder.forget()
        try:
            death = _live(folder, engine, str(number + life), str(min(rest, _LIFE_SECONDS)))
        except KeyboardInterrupt:
            until, death = 0, ""
        total.add(_counted(folder, death))
    return total


def start(folder: Folder, module: str, *asked: str) -> "subprocess.Popen[bytes]":
    """Start a process that may die of its inputs; what it prints goes to its log."""
    # One arena of memory, not one more of 64 MB of addresses for each thread: what is held is addresses.
    environ = os.environ | {"MALLOC_ARENA_MAX": "1"}
    with folder.log.open("wb") as log:
        command = [sys.executable, "-m", module, str(folder.path), *asked]
        return subprocess.Popen(command, env=environ, stdout=log, stderr=log)  # noqa: S603 - the command is ours


def cause_of(status: int) -> str:
    """Say what a process with that status ended of."""
    return f"death by {signal.Signals(-status).name}" if status < 0 else f"an end with status {status}"


def _live(folder: Folder, *asked: str) -> str:
    """What a worker ended of before its time; empty when it did not."""
    with start(folder, "fuzz.worker", *asked) as process:
        try:
            while True:
                try:
                    status = process.wait(timeout=1)
                except subprocess.TimeoutExpired:
                    if _stands_still(folder):
                        process.kill()
                else:
                    return cause_of(status) if status else ""
        except KeyboardInterrupt:
            process.kill()
            raise


def _stands_still(folder: Folder) -> bool:
    return folder.current.exists() and time.time() - folder.current.stat().st_mtime > _STILL_SECONDS


def _counted(folder: Folder, death: str) -> Tally:
    """What a worker counted, with the input that it died of."""
    tally = Tally.read(folder.tally)
    if death:
        said = "".join(
            file.read_text("utf-8", "replace")[-_SAID:] for file in (folder.log, folder.printed) if file.exists()
        )
        if not folder.current.exists():
            raise RuntimeError(f"The worker came to {death} before its first input:\n{said}")
        data = folder.current.read_bytes()
        kind = f"{death}, with {hashlib.sha256(data).hexdigest()[:8]}"
        tally.findings[kind] = str(folder.keep(kind, said, data))
    return tally
