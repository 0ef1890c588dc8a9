"""Mirrors a folder on disk into the container `photos`: a file saved there is a blob a moment later."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient

_LOOK_SECONDS = 0.25
_UNLISTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML can hold these (1.0, 2.2)

Look = dict[str, tuple[int, int]]  # blob name -> (time of change in nanoseconds, size in bytes)


@contextmanager
def mirroring(folder: Path, container: ContainerClient) -> Iterator[None]:
    """Mirror the folder into the container inside the block."""
    stop = threading.Event()
    thread = threading.Thread(target=mirror, args=(folder, container, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def mirror(folder: Path, container: ContainerClient, stop: threading.Event) -> None:
    """Upload what is new or changed in the folder and delete what has gone from it, until told to stop.

    A file is uploaded once two looks find it the same, so that a half-written one is left alone. What is hidden, or in
    a hidden folder, is ignored, and so is a name that no listing of blobs can hold.
    """
    before: Look = {}
    mirrored: Look = {}
    while not stop.wait(_LOOK_SECONDS):
        now = _look(folder)
        for name in mirrored.keys() - now.keys():
            with suppress(ResourceNotFoundError):  # somebody else was faster
                container.delete_blob(name)
            del mirrored[name]
        settled = [name for name, state in now.items() if before.get(name) == state != mirrored.get(name)]
        for name in settled:
            with suppress(OSError):  # it has gone since the look: the next one will tell
                container.upload_blob(name, (folder / name).read_bytes(), overwrite=True)
                mirrored[name] = now[name]
        before = now


def _look(folder: Path) -> Look:
    look: Look = {}
    for path in folder.rglob("[!.]*"):
        name = path.relative_to(folder).as_posix()
        if "/." in f"/{name}" or _UNLISTABLE.search(name):
            continue
        with suppress(OSError):
            if path.is_file():
                stat = path.stat()
                look[name] = (stat.st_mtime_ns, stat.st_size)
    return look
