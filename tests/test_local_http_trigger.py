from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import azure.functions as func
import pytest
import requests

from local.host import host
from local.http_trigger import HttpTrigger
from local.queue_listener import FAILED

Answer = Callable[[func.HttpRequest], func.HttpResponse | str]


def echo(request: func.HttpRequest) -> func.HttpResponse:
    told = f"{request.method} {dict(request.route_params)} {dict(request.params)} {request.get_body().decode()}"
    return func.HttpResponse(told, headers={"X-Seen": request.headers.get("x-sent", "-")})


def app_that(answer: Answer, **options: Any) -> func.FunctionApp:  # noqa: ANN401 - they are the decorator's
    """An app with one HTTP function, which asks for no key."""
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

    @app.function_name("echo")
    @app.route(**options)
    def called(req: func.HttpRequest) -> func.HttpResponse:
        return answer(req)  # type: ignore[return-value]

    return app


@contextmanager
def running(app: func.FunctionApp, http: dict[str, Any] | None = None) -> Iterator[HttpTrigger]:
    with host(app, {"extensions": {"http": http or {}}}) as (trigger,):
        assert isinstance(trigger, HttpTrigger)
        yield trigger


def get(trigger: HttpTrigger, path: str, **options: Any) -> requests.Response:  # noqa: ANN401 - they are requests'
    return requests.get(f"{trigger.root}/{path}", timeout=5, **options)


def test_a_request_reaches_the_function_as_the_worker_binds_it_and_its_answer_comes_back() -> None:
    with running(app_that(echo, route="echo/{who}", methods=["POST"])) as trigger:
        address, headers = f"{trigger.root}/echo/jos%C3%A9?a=1&a=2&b=%26", {"X-Sent": "hello"}
        response = requests.post(address, data="body", headers=headers, timeout=5)
    assert response.status_code == 200
    assert response.text == "POST {'who': 'josé'} {'a': '1,2', 'b': '&'} body"
    assert response.headers["X-Seen"] == "hello"
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_status_a_media_type_and_any_bytes_come_back() -> None:
    def answer(_: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(b"\xff\xd8", status_code=418, mimetype="image/jpeg")

    with running(app_that(answer, route="x")) as trigger:
        response = get(trigger, "x")
    assert (response.status_code, response.content, response.headers["Content-Type"]) == (
        418,
        b"\xff\xd8",
        "image/jpeg",
    )


def test_a_text_is_an_answer_too() -> None:
    with running(app_that(lambda _: "hello", route="x")) as trigger:
        assert get(trigger, "x").text == "hello"


@pytest.mark.parametrize(
    ("route", "path", "route_params"),
    [
        ("status", "status", {}),
        ("status", "Status/", {}),
        ("status", "status/more", None),
        ("status/{view?}", "status", {}),
        ("status/{view?}", "status/", {}),
        ("status/{view?}", "status/listing", {"view": "listing"}),
        ("status/{view?}", "status/a/b", None),
        ("status/{view}", "status", None),
        ("status/{*rest}", "status", {}),
        ("status/{*rest}", "status/a/b.jpg", {"rest": "a/b.jpg"}),
        ("{kind}/{id}/photo", "users/ada/photo", {"kind": "users", "id": "ada"}),
        ("{kind}/{id}/photo", "users/photo", None),
        ("a.b", "axb", None),
        (None, "echo", {}),
    ],
)
def test_a_route_is_read_as_the_host_reads_it(
    route: str | None, path: str, route_params: dict[str, str] | None
) -> None:
    with running(app_that(lambda request: f"{dict(request.route_params)}", route=route)) as trigger:
        response = get(trigger, path)
    assert (response.status_code, response.text) == ((404, "") if route_params is None else (200, f"{route_params}"))


def test_only_the_methods_that_it_names_reach_a_function() -> None:
    with running(app_that(echo, route="x", methods=["GET"])) as trigger:
        assert requests.post(f"{trigger.root}/x", timeout=5).status_code == 404
        assert get(trigger, "x").status_code == 200


@pytest.mark.parametrize(
    ("http", "prefix"), [({}, "/api"), ({"routePrefix": "v1/x"}, "/v1/x"), ({"routePrefix": ""}, "")]
)
def test_functions_are_below_the_prefix_of_host_json(http: dict[str, str], prefix: str) -> None:
    with running(app_that(echo, route="x"), http) as trigger:
        root = trigger.root.removesuffix(prefix)
        assert trigger.root == root + prefix
        assert requests.get(f"{root}{prefix}/x", timeout=5).status_code == 200
        assert requests.get(f"{root}/other/x", timeout=5).status_code == 404


def test_a_function_that_asks_for_its_key_opens_to_nobody_else() -> None:
    with running(app_that(echo, route="x", auth_level=func.AuthLevel.FUNCTION)) as trigger:
        key = trigger.key
        assert get(trigger, "x").status_code == 401
        assert get(trigger, "x", params={"code": "wrong"}).status_code == 401
        assert get(trigger, "x", headers={"x-functions-key": "ключ".encode()}).status_code == 401
        assert get(trigger, "x", params={"code": key}).status_code == 200
        assert get(trigger, "x", headers={"x-functions-key": key}).status_code == 200
        assert requests.get(trigger.address, timeout=5).status_code == 200


def test_the_address_has_the_key_and_nothing_where_the_route_is_open() -> None:
    with running(app_that(echo, route="status/{view?}", auth_level=func.AuthLevel.FUNCTION)) as trigger:
        assert trigger.address == f"{trigger.root}/status?code={trigger.key}"
        assert trigger.key not in repr(trigger)


def test_every_run_has_keys_of_its_own() -> None:
    with running(app_that(echo, route="x")) as first, running(app_that(echo, route="x")) as second:
        assert first.key != second.key


def test_a_function_that_fails_is_a_500_that_keeps_the_reason_for_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def answer(_: func.HttpRequest) -> str:
        raise ValueError("no good")

    with running(app_that(answer, route="x")) as trigger:
        response = get(trigger, "x?code=secret")
    assert (response.status_code, response.text) == (500, "")
    (told,) = [record.getMessage() for record in caplog.records if FAILED in record.getMessage()]
    assert told == f"{FAILED} for GET /api/x: ValueError: no good"


def test_what_is_no_answer_is_a_500() -> None:
    with running(app_that(lambda _: 7, route="x")) as trigger:  # type: ignore[arg-type,return-value]
        assert get(trigger, "x").status_code == 500


@pytest.mark.parametrize("route", ["a/{id:int}", "a/{id}.jpg", "a/{id", "a/{}"])
def test_a_route_that_this_host_cannot_read_is_said_before_anything_runs(route: str) -> None:
    with (
        pytest.raises(RuntimeError, match="cannot open echo: it cannot read the route"),
        running(app_that(echo, route=route)),
    ):
        pytest.fail("it runs")


def test_a_level_that_this_host_has_no_keys_of_is_said_before_anything_runs() -> None:
    app = app_that(echo, route="x", auth_level=func.AuthLevel.ADMIN)
    with pytest.raises(RuntimeError, match="knows no keys of the level ADMIN"), running(app):
        pytest.fail("it runs")
