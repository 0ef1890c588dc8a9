"""Runs Microsoft's own Python worker on an app's folder, as the Functions host would drive it.

`python worker.py FOLDER [FUNCTION=WHAT…]` prints JSON: what the worker tells the host of the app, how each invocation
ended, and what HTTP requests were answered; WHAT is a blob's name, a message's text, or a path with its query and, in
lines below it, headers. The host and the worker speak protobuf; for these triggers, plain objects with the same fields
do (`protos`).
"""

import asyncio
import json
import logging
import sys
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

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


def blob(name: str, _binding: dict[str, str]) -> Message:
    """What the host sends for a blob that is bound to an SDK type: where it is, not what is in it."""
    content = {"Connection": "PhotoStorage", "ContainerName": "photos", "BlobName": name}
    fields = {"version": "1.0", "source": "AzureStorageBlobs", "content_type": "application/json"}
    return Message(model_binding_data=Message(**fields, content=json.dumps(content)))


def queue_message(text: str, _binding: dict[str, str]) -> Message:
    """What the host sends for a message, its encoding already taken off."""
    return Message(string=text)


def timer(_: str, _binding: dict[str, str]) -> Message:
    return Message(json=json.dumps({"IsPastDue": False, "Schedule": {"AdjustForDST": True}, "ScheduleStatus": None}))


def http(what: str, binding: dict[str, str]) -> Message:
    """What the host sends for a GET: the names of headers in lower case, and what stands in the route's open places."""
    address, *lines = what.splitlines()
    path, _, query = address.partition("?")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    places = zip(binding["route"].split("/"), path.split("/"), strict=False)
    params = {place.strip("{?}"): given for place, given in places if place.startswith("{")}
    request = {"method": "GET", "url": f"https://localhost/api/{address}", "headers": headers, "params": params}
    return Message(http=Message(**request, query=dict(parse_qsl(query)), body=Message(bytes=b"")))


DATA = {"blobTrigger": blob, "queueTrigger": queue_message, "timerTrigger": timer, "httpTrigger": http}


def invocation(function: Message, what: str) -> Message:
    (binding,) = (raw for raw in map(json.loads, function.raw_bindings) if raw["direction"] == "IN")
    return Message(
        invocation_id=f"invocation of {what}",
        function_id=function.function_id,
        input_data=[Message(name=binding["name"], data=DATA[binding["type"]](what, binding))],
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


def replied(response: Message) -> dict[str, Any]:
    """What the worker sends to the host for an HTTP request that was answered."""
    reply = response.return_value.http
    return {"status": reply.status_code, "headers": reply.headers, "body": reply.body.bytes.decode("latin-1")}


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
    results, replies = list[str](), list[dict[str, Any]]()
    for run in runs:
        name, _, what = run.partition("=")
        asked_for = asked(invocation_request=invocation(functions[name], what))
        response = await runtime.invocation_request(asked_for)
        results.append(ended(response.result))
        replies += [replied(response)] if getattr(response, "return_value", None) else []
    runtime.stop_threadpool_executor()
    return {
        "indexing": "success",
        "functions": {name: [json.loads(raw) for raw in function.raw_bindings] for name, function in functions.items()},
        "ids": {name: function.function_id for name, function in functions.items()},
        "runs": results,
        "replies": replies,
        "log": log.messages,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2:]))))  # noqa: T201 - it is asked to
