"""An emulator of what the app asks of Microsoft Graph, at least as strict as Microsoft documents it to be."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

from werkzeug.wrappers import Request, Response

from local import photo_endpoints, photo_policy, user_list
from local.access import GraphError, claims_of, token_id
from local.directory import Directory, Entry
from local.faults import Fault, Faults
from local.photo_policy import PhotoPolicy
from local.server import answer, serve


@dataclass(frozen=True)
class Seen:
    """A request that came in, and how it was answered; `status` is None where the connection was dropped instead.

    `token_id` tells whose token it came with, the same for all that one process sends.
    """

    arrived: datetime
    at: datetime
    method: str
    path: str
    status: int | None
    client_request_id: str
    user_agent: str
    token_id: str
    retry_after: str = ""


@dataclass
class GraphEmulator:
    """The emulator: a tenant's directory behind what Graph answers about it, and a page at its root that shows it."""

    directory: Directory
    key: str = field(repr=False)
    root: str = ""
    faults: Faults = field(default_factory=Faults)
    policy: PhotoPolicy = field(default_factory=PhotoPolicy)
    _seen: list[Seen] = field(default_factory=list, repr=False)
    _client_request_ids: set[uuid.UUID] = field(default_factory=set, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def url(self) -> str:
        """What GRAPH_URL is set to."""
        return f"{self.root}/v1.0"

    @contextmanager
    def serving(self) -> Iterator["GraphEmulator"]:
        """Answer inside the block; `root` says where, and is the audience that tokens must have."""
        with serve(Request.application(partial(_route, self))) as self.root:
            yield self

    def seen(self) -> list[Seen]:
        """Return every request to Graph so far, oldest first."""
        with self._lock:
            return self._seen.copy()

    def note(self, seen: Seen) -> None:
        """Keep a request for whoever asks what was seen."""
        with self._lock:
            self._seen.append(seen)

    def check_client_request_id(self, value: str) -> None:
        """Raise `GraphError` for a `client-request-id` that is not a GUID, or not a fresh one."""
        try:
            id_ = uuid.UUID(value)
        except ValueError:
            raise GraphError(400, "BadRequest", "client-request-id must be a GUID.") from None
        with self._lock:
            if id_ in self._client_request_ids:
                raise GraphError(400, "BadRequest", "client-request-id must be a new one for each request.")
            self._client_request_ids.add(id_)


def _route(emulator: GraphEmulator, request: Request) -> Response:
    path = str(request.environ["RAW_URI"])
    if path.partition("?")[0] == "/":
        return Response(files("local").joinpath("graph.html").read_text("utf-8"), mimetype="text/html")
    if path.startswith("/admin/"):
        return _admin(emulator, request, path.removeprefix("/admin/").partition("?")[0])
    return _graph(emulator, request, path)


def _admin(emulator: GraphEmulator, request: Request, path: str) -> Response:
    """What is not Graph's: the page's data, the requests seen, and the faults to commit."""
    if path == "directory":
        return answer([_card(entry) for entry in emulator.directory])
    if path == "requests":
        return answer(
            [
                asdict(seen) | {"arrived": seen.arrived.isoformat(), "at": seen.at.isoformat()}
                for seen in emulator.seen()
            ]
        )
    if path == "faults" and request.method == "PUT":
        try:
            emulator.faults.set([Fault(**row) for row in json.loads(request.get_data())])
        except (TypeError, ValueError) as error:
            return answer({"error": f"These are no faults: {error}"}, 400)
        return answer({})
    entry = emulator.directory.entry(unquote(path.removeprefix("photos/")))
    if entry is not None and entry.photo is not None:
        return Response(entry.photo, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})
    return answer({"error": "There is nothing at this address."}, 404)


def _card(entry: Entry) -> dict[str, Any]:
    fields = {"kind": entry.kind, "id": entry.id, "name": entry.name, "detail": entry.detail}
    changed = entry.changed.isoformat() if entry.changed else None
    return fields | {"sha256": entry.sha256, "bytes": len(entry.photo or b""), "changed": changed}


def _graph(emulator: GraphEmulator, request: Request, path: str) -> Response:
    client_request_id = request.headers.get("client-request-id", "")
    ids = {"request-id": str(uuid.uuid4()), "client-request-id": client_request_id}
    arrived, status, retry_after = datetime.now(UTC), None, ""
    try:
        _misbehave(emulator.faults.strike(unquote(path)), partial(_take_effect, emulator, request, path))
        response = _take_effect(emulator, request, path)
        status = response.status_code
    except GraphError as error:
        status, retry_after = error.status, error.headers.get("Retry-After", "")
        inner = {"date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"), **ids}
        body = {"error": {"code": error.code, "message": str(error), "innerError": inner}}
        response = answer(body, error.status, error.headers)
    finally:
        user_agent = request.headers.get("User-Agent", "")
        told = (request.method, path, status, client_request_id, user_agent, token_id(request), retry_after)
        emulator.note(Seen(arrived, datetime.now(UTC), *told))
    response.headers.update(ids)
    return response


def _take_effect(emulator: GraphEmulator, request: Request, path: str) -> Response:
    claims = claims_of(request, emulator.key, emulator.root)
    emulator.check_client_request_id(request.headers.get("client-request-id", ""))
    match path.partition("?")[0]:
        case user_list.PATH:
            return user_list.respond(emulator.directory, request, claims)
        case photo_policy.PATH:
            return emulator.policy.respond(request, claims)
        case resource:
            return photo_endpoints.respond(emulator.directory, request, resource, claims)


def _misbehave(fault: Fault | None, take_effect: Callable[[], object]) -> None:
    if fault is None:
        return
    if fault.drop and fault.late is not None:
        threading.Timer(fault.late, _unheard, [take_effect]).start()
    if fault.drop:
        raise ConnectionResetError  # the server hangs up
    if fault.status is not None:
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        raise GraphError(fault.status, fault.error_code, "As the fault says.", headers)


def _unheard(take_effect: Callable[[], object]) -> None:
    """Nobody is there any more to hear what Graph says."""
    with suppress(GraphError):
        take_effect()
