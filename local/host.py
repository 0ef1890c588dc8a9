"""Runs the functions that function_app.py registers, as the Functions host does in Azure.

`python -m local.host`, in the app's folder and with the app's settings in the environment. It ends when its standard
input closes. It also stands in for Event Grid; `--no-events` leaves that to somebody else, so that several such
processes can share the work.
"""

import argparse
import importlib
import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, get_type_hints

import azure.functions as func

from local.blob_trigger import BlobTrigger
from local.event_grid import event_grid
from local.http_trigger import HttpTrigger, listening
from local.queue_trigger import QueueTrigger
from local.timer_trigger import TimerTrigger
from local.work import side_by_side

Trigger = BlobTrigger | HttpTrigger | QueueTrigger | TimerTrigger

_KNOWN: tuple[type[Trigger], ...] = (BlobTrigger, HttpTrigger, QueueTrigger, TimerTrigger)
_TRIGGERS: dict[str, type[Trigger]] = {trigger.KIND: trigger for trigger in _KNOWN}
_RUN_SECONDS = 300  # how long a run may take before its message is given to somebody else


@contextmanager
def host(
    app: func.FunctionApp, host_json: dict[str, Any], *, visibility: int = _RUN_SECONDS
) -> Iterator[list[Trigger]]:
    """Fire the app's functions inside the block; it ends when the runs under way have ended.

    A message that is not done with after `visibility` seconds is given to somebody else. A blob fires nothing until
    somebody posts its event, as `event_grid` does for the triggers that the block is given.

    Raises `RuntimeError` for a trigger that this host cannot fire, bind or connect, and for a host.json it cannot read.
    """
    extensions = host_json.get("extensions", {})
    with ExitStack() as stack:
        triggers = [stack.enter_context(_trigger(function)) for function in app.get_functions()]
        stack.enter_context(listening(_http(triggers), extensions))
        with side_by_side([work for trigger in triggers for work in trigger.work(extensions, visibility)]):
            yield triggers


def load_app(folder: Path) -> func.FunctionApp:
    """Import function_app.py and return its one FunctionApp, found as Microsoft's worker finds it."""
    sys.path.insert(0, str(folder))
    module = importlib.import_module("function_app")
    (app,) = [value for value in vars(module).values() if isinstance(value, func.FunctionApp)]
    return app


def _http(triggers: list[Trigger]) -> list[HttpTrigger]:
    return [trigger for trigger in triggers if isinstance(trigger, HttpTrigger)]


def _trigger(function: Any) -> AbstractContextManager[Trigger]:  # noqa: ANN401 - its type is not public
    name, declared = function.get_function_name(), function.get_trigger()
    trigger = _TRIGGERS.get(declared.type)
    if trigger is None:
        raise RuntimeError(f"The local host cannot fire {name}: it does not know a {declared.type}.")
    binding = get_type_hints(function.get_user_function()).get(declared.name)
    if binding is not trigger.BINDING:
        told = getattr(binding, "__name__", binding)
        raise RuntimeError(f"The local host cannot bind {declared.name} of {name} as {told}.")
    return trigger.connected(function, os.environ)


def main() -> None:
    """Run the app of the current folder until standard input closes."""
    options = argparse.ArgumentParser(prog="python -m local.host", description="Run the functions of function_app.py.")
    options.add_argument("--no-events", action="store_true", help="do not stand in for Event Grid")
    options.add_argument(
        "--visibility", type=int, default=_RUN_SECONDS, help="seconds until a message is given to somebody else"
    )
    chosen = options.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stdout)
    logging.getLogger("azure").setLevel(logging.WARNING)
    app, host_json = load_app(Path.cwd()), json.loads(Path("host.json").read_text("utf-8"))
    deletions = os.environ.get("SYNC_DELETES", "").strip().lower() == "true"
    with (
        host(app, host_json, visibility=chosen.visibility) as fired,
        event_grid([] if chosen.no_events else fired, deletions=deletions),
    ):
        for trigger in _http(fired):
            print(f"{trigger.name} is at {trigger.address}", flush=True)
        print("The local host is up.", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
