from collections.abc import Iterator
from functools import partial

import pytest
from werkzeug.wrappers import Request, Response

from local.server import answer, serve
from photo_sync.cli.health import ask
from photo_sync.doctor import Check, State

CHECKS = {"checks": [{"name": "settings", "state": "green", "told": "All settings can be read."}]}


def respond(request: Request) -> Response:
    """An app's page whose key is `secret`."""
    if request.path == "/api/status/health" and request.headers.get("x-functions-key") == "secret":
        return answer({"query": request.query_string.decode()} | CHECKS)
    if request.path == "/busy/health":
        return answer({"error": "The app is looking. Ask again in a moment."}, 503)
    if request.path == "/signed-in/health":
        return Response(status=302, headers={"Location": "https://login.microsoftonline.com/"})
    return answer({}, 401 if request.path == "/api/status/health" else 200)


@pytest.fixture
def root() -> Iterator[str]:
    with serve(Request.application(partial(respond))) as url:
        yield url


@pytest.mark.parametrize("page", ["/api/status?code=secret", "/api/status/?code=secret&x=1#here"])
def test_the_app_s_own_checks_are_told_as_the_app_s(root: str, page: str) -> None:
    assert list(ask(root + page)) == [Check("app: settings", State.GREEN, "All settings can be read.")]


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("/api/status?code=wrong", "It did not answer (status 401). Check the address and its key."),
        ("/busy?code=secret", "The app is looking. Ask again in a moment."),
        ("/elsewhere?code=secret", "It did not answer as it should (KeyError). Check the address."),
    ],
)
def test_a_page_that_does_not_answer_is_red(root: str, page: str, told: str) -> None:
    assert list(ask(root + page)) == [Check("the app's page", State.RED, told)]


@pytest.mark.parametrize("page", ["/signed-in", "/signed-in?code=secret", "/api/status"])
def test_a_page_that_people_sign_in_to_is_left_to_them(root: str, page: str) -> None:
    (check,) = ask(root + page)
    assert check.state == State.YELLOW
    assert check.told.startswith(
        "This page is opened by signing in: open it in a browser; “Is everything in order?” says the same."
    )


def test_a_page_that_is_not_there_is_red() -> None:
    (check,) = ask("http://127.0.0.1:1/api/status?code=secret")
    assert (check.state, "ConnectionError" in check.told) == (State.RED, True)


def test_what_is_no_address_is_red() -> None:
    (check,) = ask("https://[abc")
    assert (check.state, check.told) == (
        State.RED,
        "This is no address. Copy the one that the browser shows for the page.",
    )


@pytest.mark.parametrize("page", ["http://app.azurewebsites.net/api/status?code=secret", "status", ""])
def test_the_key_is_never_sent_in_the_clear(page: str) -> None:
    (check,) = ask(page)
    assert "must start with https://" in check.told
