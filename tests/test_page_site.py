import json
from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ServiceRequestError

from local.cloud import Cloud
from photo_sync.doctor import Check, State
from photo_sync.errors import SettingsError
from photo_sync.page.reply import Reply
from photo_sync.page.site import StatusPage
from photo_sync.settings import PHOTOS, Settings
from photo_sync.sync import PhotoSync
from photo_sync.wiring import connect
from pictures import plain
from status_receipts import receipt, write

ADA = "users/ada@contoso.com.jpg"


def examine() -> Iterator[Check]:
    yield Check("settings", State.GREEN, "All settings can be read.")


@pytest.fixture
def job(machine: Cloud) -> PhotoSync:
    return connect(Settings.from_env(machine.settings))


@pytest.fixture
def page(job: PhotoSync) -> StatusPage:
    return StatusPage(lambda: job, examine, {}, largest=2)


def told(reply: Reply) -> dict[str, Any]:
    """What an answer in JSON says."""
    assert (reply.media_type, reply.headers["Cache-Control"]) == ("application/json", "no-store")
    answer: dict[str, Any] = json.loads(reply.body)
    return answer


def test_the_page_needs_no_storage_and_no_settings() -> None:
    def nothing() -> PhotoSync:
        raise SettingsError(["Nothing is set."])

    assert StatusPage(nothing, examine, {}).reply("", {}, {}).media_type == "text/html"


def test_the_listing_comes_in_parts_by_storages_own_token(machine: Cloud, page: StatusPage) -> None:
    write(machine, *(receipt(f"users/{at}.jpg") for at in range(3)))
    first = told(page.reply("listing", {}, {}))
    second = told(page.reply("listing", {"token": first["next"]}, {}))
    assert [line["photo"] for line in first["lines"]] == ["users/0.jpg", "users/1.jpg"]
    assert [line["photo"] for line in second["lines"]] == ["users/2.jpg"]
    assert (first["counts"], second["counts"], second["next"]) == ({"synced": 2}, {"synced": 1}, "")


def test_a_prefix_lists_what_begins_so_at_once(machine: Cloud, page: StatusPage) -> None:
    write(machine, *(receipt(f"users/{at}.jpg") for at in range(3)))
    assert [line["photo"] for line in told(page.reply("listing", {"prefix": "users/2"}, {}))["lines"]] == [
        "users/2.jpg"
    ]


def test_a_refused_photo_is_told_with_its_reason_and_no_download(machine: Cloud, page: StatusPage) -> None:
    write(machine, receipt(ADA, "rejected", code="too-small", reason="Zu klein: “32 x 32”. Upload a larger one."))
    (line,) = told(page.reply("listing", {"outcome": "rejected"}, {}))["lines"]
    assert (line["code"], line["reason"]) == ("too-small", "Zu klein: “32 x 32”. Upload a larger one.")


def test_one_receipt_is_told_whole(machine: Cloud, job: PhotoSync, page: StatusPage) -> None:
    machine.blobs.get_blob_client(PHOTOS, ADA).upload_blob(plain())
    job.sync(ADA)
    answer = told(page.reply("receipt", {"name": ADA}, {}))
    assert (answer["receipt"]["photo"], answer["receipt"]["graph_path"]) == (
        ADA,
        "/users/ada%40contoso.com/photo/$value",
    )
    assert answer["receipt"]["request_id"]
    assert (answer["is_there"], answer["is_as_sent"], answer["is_made_alike"]) == (True, True, True)


@pytest.mark.parametrize(
    ("file", "expected"), [(b"new", (True, False)), (None, (False, False))], ids=["replaced", "deleted"]
)
def test_a_receipt_tells_whether_its_file_is_still_the_same(
    machine: Cloud, job: PhotoSync, page: StatusPage, file: bytes | None, expected: tuple[bool, bool]
) -> None:
    blob = machine.blobs.get_blob_client(PHOTOS, ADA)
    blob.upload_blob(plain())
    job.sync(ADA)
    if file is None:
        blob.delete_blob()
    else:
        blob.upload_blob(file, overwrite=True)
    answer = told(page.reply("receipt", {"name": ADA}, {}))
    assert (answer["is_there"], answer["is_as_sent"]) == expected


def test_a_photo_that_was_made_another_way_says_so(machine: Cloud, page: StatusPage) -> None:
    write(machine, receipt(ADA, pipeline="1-648"))
    assert told(page.reply("receipt", {"name": ADA}, {}))["is_made_alike"] is False


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("name", ["users/nobody.jpg", "users/../x.jpg", "?", "x" * 1_024])
def test_a_receipt_that_is_not_there_is_a_404(page: StatusPage, name: str) -> None:
    reply = page.reply("receipt", {"name": name}, {})
    assert (reply.status, told(reply)["error"].startswith("There is no receipt of")) == (404, True)


def test_health_is_what_the_doctor_finds(page: StatusPage) -> None:
    assert told(page.reply("health", {}, {}))["checks"][0]["state"] == "green"


def test_what_waits_is_told_with_no_receipt(machine: Cloud, page: StatusPage) -> None:
    machine.blobs.get_blob_client(PHOTOS, ADA).upload_blob(plain())
    answer = told(page.reply("waiting", {}, {}))
    assert (answer["count"], [line["photo"] for line in answer["lines"]]) == (1, [ADA])


@pytest.mark.parametrize("view", ["nothing", "Listing", "photo/x", "..", "page.js"])
def test_there_is_nothing_at_any_other_address(page: StatusPage, view: str) -> None:
    assert page.reply(view, {}, {}).status == 404


@pytest.mark.parametrize("view", ["", "listing", "photo", "receipt", "health", "waiting", "nothing"])
def test_whoever_must_sign_in_first_gets_nothing_at_any_address(job: PhotoSync, view: str) -> None:
    environ = {"STATUS_PAGE_SIGN_IN": "true", "WEBSITE_AUTH_ENABLED": "true"}
    reply = StatusPage(lambda: job, examine, environ).reply(view, {"name": ADA}, {})
    assert (reply.status, reply.media_type) == (401, "application/json" if view else "text/plain")
    assert b"You are not signed in." in reply.body


# When something is wrong


def failing(error: Exception) -> StatusPage:
    def job() -> PhotoSync:
        raise error

    return StatusPage(job, examine, {})


def storage_fault(status: int) -> AzureError:
    fault = HttpResponseError("https://contoso.blob.core.windows.net/photo-receipts said no")
    fault.status_code = status
    return fault


@pytest.mark.parametrize(
    ("error", "status", "rest", "sentence"),
    [
        (SettingsError(["PHOTO_EDGE is “huge”."]), 503, None, "The app's settings are wrong. PHOTO_EDGE is “huge”."),
        (storage_fault(400), 400, None, "Storage does not know this place in the listing. Reload the page."),
        (storage_fault(403), 503, None, "Storage does not let the app read its receipts."),
        (storage_fault(503), 503, "5", "Storage does not answer. This is tried again in a moment."),
        (
            ClientAuthenticationError("no token"),
            503,
            None,
            "The app has no sign-in for storage: check its identity and",
        ),
        (ServiceRequestError("no such host"), 503, "5", "Storage does not answer. This is tried again in a moment."),
        (storage_fault(404), 503, None, "Storage refused what the page needs of it. The function's log says what."),
    ],
)
def test_every_fault_is_a_sentence_that_keeps_addresses_to_itself(
    error: Exception, status: int, rest: str | None, sentence: str
) -> None:
    reply = failing(error).reply("listing", {}, {})
    assert (reply.status, reply.headers.get("Retry-After")) == (status, rest)
    assert told(reply)["error"].startswith(sentence)
    assert b"contoso" not in reply.body


def test_what_is_asked_for_wrongly_is_a_400_and_asks_nobody() -> None:
    page = failing(AssertionError("Nobody may be asked."))
    for view in ("receipt", "photo"):
        assert told(page.reply(view, {}, {}))["error"].startswith("“name” must be the name of a file")
        assert page.reply(view, {"name": ""}, {}).status == 400
    for params in ({"size": "5001"}, {"outcome": "lost"}, {"token": "\0"}, {"search": "x" * 201}):
        assert page.reply("listing", params, {}).status == 400


def test_a_fault_of_our_own_is_left_to_the_host() -> None:
    with pytest.raises(ZeroDivisionError):
        failing(ZeroDivisionError()).reply("listing", {}, {})
