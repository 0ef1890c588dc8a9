"""Runs the functions that function_app.py registers, as the Functions host does in Azure.

`python -m local.host`, in the app's folder and with the app's settings in the environment. It ends when its standard
input closes.
"""

import importlib
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import azure.functions as func
from azure.core.exceptions import AzureError

from local.blob_trigger import BlobTrigger

_RUN_SECONDS = 300  # how long a run may take before its message is given to somebody else
_PAUSE_SECONDS = 1
_log = logging.getLogger(__name__)


@contextmanager
def host(app: func.FunctionApp, host_json: dict[str, Any], *, visibility: int = _RUN_SECONDS) -> Iterator[None]:
    """Fire the app's functions inside the block; it ends when the runs under way have ended.

    Raises `RuntimeError` for a trigger that this host cannot fire.
    """
    blobs = host_json.get("extensions", {}).get("blobs", {})
    parallel = blobs.get("maxDegreeOfParallelism", 8 * (os.cpu_count() or 1))
    tries = blobs.get("poisonBlobThreshold", 5)
    stop = threading.Event()
    with ExitStack() as stack:
        triggers = [stack.enter_context(_trigger(function)) for function in app.get_functions()]
        works = [work for trigger in triggers for work in trigger.work(parallel, tries, visibility)]
        threads = [threading.Thread(target=_keep_on, args=(work, stop), daemon=True) for work in works]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def _keep_on(work: Callable[[threading.Event], None], stop: threading.Event) -> None:
    """Do the work until told to stop, and begin it anew whenever storage fails it."""
    while not stop.is_set():
        try:
            work(stop)
        except AzureError as error:
            _log.warning("Storage failed the local host: %s", error)
            stop.wait(_PAUSE_SECONDS)


def load_app(folder: Path) -> func.FunctionApp:
    """Import function_app.py and return its one FunctionApp, found as Microsoft's worker finds it."""
    sys.path.insert(0, str(folder))
    module = importlib.import_module("function_app")
    (app,) = [value for value in vars(module).values() if isinstance(value, func.FunctionApp)]
    return app


def _trigger(function: Any) -> AbstractContextManager[BlobTrigger]:  # noqa: ANN401 - its type is not public
    kind = function.get_trigger().type
    if kind == "blobTrigger":
        return BlobTrigger.connected(function, os.environ)
    raise RuntimeError(f"The local host cannot fire {function.get_function_name()}: it does not know a {kind}.")


def main() -> None:
    """Run the app of the current folder until standard input closes."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stdout)
    logging.getLogger("azure").setLevel(logging.WARNING)
    folder = Path.cwd()
    host_json = json.loads((folder / "host.json").read_text("utf-8"))
    with host(load_app(folder), host_json):
        print("The local host is up.", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
