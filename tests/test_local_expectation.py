import json
from collections.abc import Iterator

import azure.functions as func
import pytest

from local.expectation import page_mistake
from local.host import host
from local.http_trigger import HttpTrigger
from status_receipts import receipt

RECEIPTS = {name: receipt(name, outcome) for name, outcome in {"a": "synced", "b": "synced", "c": "failed"}.items()}
told = {"counts": {"synced": 2, "failed": 1}}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A page that tells what it is told to."""
    app = func.FunctionApp()

    @app.route("status/{view?}")
    def status_page(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(json.dumps(told) if req.route_params.get("view") == "listing" else "")

    with host(app, {}) as (trigger,):
        assert isinstance(trigger, HttpTrigger)
        yield trigger.address


def test_a_page_that_counts_what_the_receipts_say_is_right(address: str) -> None:
    assert page_mistake(address, RECEIPTS) is None


def test_a_page_that_counts_otherwise_is_not(address: str) -> None:
    mistake = page_mistake(address, {"a": RECEIPTS["a"]})
    assert mistake is not None
    assert "and not {'synced': 1}" in mistake


def test_a_page_that_does_not_answer_is_not(address: str) -> None:
    mistake = page_mistake(address.partition("code=")[0] + "code=wrong", RECEIPTS)
    assert mistake is not None
    assert mistake.startswith("it answers 401")
