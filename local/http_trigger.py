"""Calls a function for each HTTP request that its route and its methods fit, as the Functions host does."""

import logging
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Final

import azure.functions as func
from azure.functions.http import HttpRequestConverter, HttpResponseConverter
from azure.functions.meta import Datum
from werkzeug.wrappers import Request, Response

from local.queue_listener import FAILED
from local.server import serve
from local.work import Work

_PREFIX: Final = "api"  # the host's default
_LEVELS: Final = {"ANONYMOUS", "FUNCTION"}
_log = logging.getLogger(__name__)


@dataclass
class HttpTrigger:
    """One function with an HTTP trigger, and the key that opens it: in Azure the host makes one up, too.

    `root` is where the host listens, its route prefix included; empty where it does not.
    """

    KIND: ClassVar = "httpTrigger"
    BINDING: ClassVar[type] = func.HttpRequest

    name: str
    call: Callable[..., object] = field(repr=False)
    argument: str
    route: str
    methods: frozenset[str]
    """Empty for any."""
    is_open: bool
    """Whether it asks for no key."""
    key: str = field(default_factory=partial(secrets.token_urlsafe, 32), repr=False)
    root: str = ""

    @classmethod
    @contextmanager
    def connected(cls, function: Any, _environ: Mapping[str, str]) -> Iterator["HttpTrigger"]:  # noqa: ANN401 - its type is not public
        """Read what the function declares; there is nothing to connect to.

        Raises `RuntimeError` for a route or a level that this host does not know.
        """
        name, trigger, call = function.get_function_name(), function.get_trigger(), function.get_user_function()
        level = trigger.auth_level.name
        if level not in _LEVELS:
            raise RuntimeError(f"The local host cannot open {name}: it knows no keys of the level {level}.")
        methods = frozenset(method.value for method in trigger.methods or ())
        route = name if trigger.route is None else trigger.route.strip("/")
        _pattern(name, route)
        yield cls(name, call, trigger.name, route, methods, level == "ANONYMOUS")

    def work(self, _extensions: Mapping[str, Any], _visibility: int) -> list[Work]:
        """Return what has to go on: nothing, `listening` is for all HTTP functions at once."""
        return []

    @property
    def address(self) -> str:
        """Where it is called with nothing in the place of what its route leaves open, key and all."""
        path = re.sub(r"/?{[^}]*}", "", self.route)
        return f"{self.root}/{path}" + ("" if self.is_open else f"?code={self.key}")

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Return what a path below the root has where the route leaves a place open; None where it does not fit."""
        found = _pattern(self.name, self.route).fullmatch(path) if not self.methods or method in self.methods else None
        return {name: value for name, value in found.groupdict().items() if value} if found else None

    def respond(self, request: Request, route_params: dict[str, str]) -> Response:
        """Call the function, and return what it answers; whatever it raises is a 500 that does not say what it was."""
        given = request.headers.get("x-functions-key") or request.args.get("code", "")
        if not self.is_open and not secrets.compare_digest(given.encode(), self.key.encode()):
            return Response(status=401)
        try:
            return _response(self.call(**{self.argument: _bound(request, route_params)}))
        except Exception as error:  # noqa: BLE001 - whatever a function raises, the host goes on
            _log.warning("%s for %s %s: %s: %s", FAILED, request.method, request.path, type(error).__name__, error)
            return Response(status=500)


@contextmanager
def listening(triggers: Sequence[HttpTrigger], extensions: Mapping[str, Any]) -> Iterator[None]:
    """Answer requests for these functions inside the block, on a free port, below the prefix that host.json names."""
    prefix = extensions.get("http", {}).get("routePrefix", _PREFIX).strip("/")
    if not triggers:
        yield
        return
    with serve(Request.application(partial(_route, triggers, f"/{prefix}/" if prefix else "/"))) as root:
        for trigger in triggers:
            trigger.root = f"{root}/{prefix}".rstrip("/")
        yield


def _route(triggers: Sequence[HttpTrigger], prefix: str, request: Request) -> Response:
    path = request.path.removesuffix("/") if request.path != "/" else request.path
    for trigger in triggers if path.startswith(prefix) else ():
        route_params = trigger.match(request.method, path.removeprefix(prefix))
        if route_params is not None:
            return trigger.respond(request, route_params)
    return Response(status=404)


def _pattern(name: str, route: str) -> re.Pattern[str]:
    """A route as a pattern of paths: `{name}` is one segment, `{name?}` one or none, `{*name}` all that follow."""
    pattern = ""
    for segment in route.split("/"):
        slash = "/" if pattern else ""
        match re.fullmatch(r"{(\*?)([A-Za-z]\w*)(\??)}", segment):
            case None if "{" in segment or "}" in segment:
                raise RuntimeError(f"The local host cannot open {name}: it cannot read the route {route!r}.")
            case None:
                pattern += slash + re.escape(segment)
            case found if found[1]:
                pattern += f"(?:{slash}(?P<{found[2]}>.*))?"
            case found if found[3]:
                pattern += f"(?:{slash}(?P<{found[2]}>[^/]+))?"
            case found:
                pattern += f"{slash}(?P<{found[2]}>[^/]+)"
    return re.compile(pattern, re.IGNORECASE)


def _bound(request: Request, route_params: dict[str, str]) -> func.HttpRequest:
    """The argument, made by the very converter that the worker uses, of what the host sends."""

    def sent(told: Mapping[str, str]) -> dict[str, Datum]:
        return {name: Datum(value, "string") for name, value in told.items()}

    query = {name: ",".join(request.args.getlist(name)) for name in request.args}
    told = {
        "method": Datum(request.method, "string"),
        "url": Datum(request.url, "string"),
        "headers": sent({name.lower(): value for name, value in request.headers.items()}),
        "params": sent(route_params),
        "query": sent(query),
        "body": Datum(request.get_data(), "bytes"),
    }
    argument: func.HttpRequest = HttpRequestConverter.decode(Datum(told, "http"), trigger_metadata={})
    return argument


def _response(answered: object) -> Response:
    """The answer, as the worker sends what a function returned: a text, or a response."""
    datum = HttpResponseConverter.encode(answered, expected_type=None)
    if datum.type == "string":
        return Response(datum.value, mimetype="text/plain")
    told = datum.value
    headers = {name: value.value for name, value in told["headers"].items()}
    return Response(told["body"].value, int(told["status_code"].value), headers)
