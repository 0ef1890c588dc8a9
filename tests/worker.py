"""Runs Microsoft's own Python worker on an app's folder, as the Functions host would drive it.

`python worker.py FOLDER [FUNCTION=WHAT…]` prints JSON: what the worker tells the host of the app, and how each
invocation ended; WHAT is a blob's name or a message's text. The host and the worker speak protobuf; for these triggers,
plain objects with the same fields do (`protos`).
"""

import asyncio
import json
import logging
import sys
from types import SimpleNamespace
from typing import Any

import azure_functions_runtime as runtime


class Message(SimpleNamespace):
    """A protobuf message, as far as the worker looks at one."""

    def WhichOneof(self, _group: str) -> str:  # noqa: N802 - protobuf's name
        return next(name for name in vars(self) if name != "name")


class BindingInfo(Message):
    undefined, out, inout = range(3)


class StatusResult(Message):
    Failure, Success = range(2)


class Protos(SimpleNamespace):
    """The module of protobuf messages: every other one is a plain message."""

    def __getattr__(self, _name: str) -> type[Message]:
        return Message


PROTOS = Protos(BindingInfo=BindingInfo, StatusResult=StatusResult)


def asked(**request: Message) -> Message:
    return Message(request=Message(**request), properties={"host": "127.0.0.1", "protos": PROTOS})


def blob(name: str) -> Message:
    """What the host sends for a blob that is bound to an SDK type: where it is, not what is in it."""
    content = {"Connection": "PhotoStorage", "ContainerName": "photos", "BlobName": name}
    fields = {"version": "1.0", "source": "AzureStorageBlobs", "content_type": "application/json"}
    return Message(model_binding_data=Message(**fields, content=json.dumps(content)))


def queue_message(text: str) -> Message:
    """What the host sends for a message, its encoding already taken off."""
    return Message(string=text)


def timer(_: str) -> Message:
    return Message(json=json.dumps({"IsPastDue": False, "Schedule": {"AdjustForDST": True}, "ScheduleStatus": None}))


DATA = {"blobTrigger": blob, "queueTrigger": queue_message, "timerTrigger": timer}


def invocation(function: Message, what: str) -> Message:
    ((argument, binding),) = ((raw["name"], raw["type"]) for raw in map(json.loads, function.raw_bindings))
    return Message(
        invocation_id=f"invocation of {what}",
        function_id=function.function_id,
        input_data=[Message(name=argument, data=DATA[binding](what))],
        trigger_metadata={},
        trace_context=Message(trace_parent="", trace_state="", attributes={}),
        retry_context=Message(retry_count=0, max_retry_count=0, exception=None),
    )


class Log(logging.Handler):
    """Keeps what the app tells the log, as the worker hands it to the host: the message alone."""

    def __init__(self) -> None:
        super().__init__()
        self.messages = list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("photo_sync."):
            self.messages.append(record.getMessage())


def ended(result: Message) -> str:
    return "success" if result.status == StatusResult.Success else str(result.exception.message)


async def main(folder: str, runs: list[str]) -> dict[str, Any]:
    sys.path.insert(0, folder)
    logging.getLogger().addHandler(log := Log())
    init = Message(capabilities={}, function_app_directory=folder)
    started = await runtime.worker_init_request(asked(worker_init_request=init))
    if started.result.status != StatusResult.Success:
        return {"indexing": ended(started.result)}
    metadata = await runtime.functions_metadata_request(asked(functions_metadata_request=Message()))
    functions = {function.name: function for function in metadata.function_metadata_results}
    runtime.start_threadpool_executor()
    results = list[str]()
    for run in runs:
        name, _, what = run.partition("=")
        asked_for = asked(invocation_request=invocation(functions[name], what))
        results.append(ended((await runtime.invocation_request(asked_for)).result))
    runtime.stop_threadpool_executor()
    return {
        "indexing": "success",
        "functions": {name: [json.loads(raw) for raw in function.raw_bindings] for name, function in functions.items()},
        "ids": {name: function.function_id for name, function in functions.items()},
        "runs": results,
        "log": log.messages,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2:]))))  # noqa: T201 - it is asked to
