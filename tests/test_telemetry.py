"""What the log tells, as the queries in infra/queries/ read it."""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from photo_sync.errors import Answer, Rejected, TryLater
from photo_sync.photo import Photo
from photo_sync.receipts import Outcome, Receipt
from photo_sync.storage import Upload
from photo_sync.telemetry import LEVELS, log_event, photo_event

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
ADA = "users/ada@contoso.com.jpg"
PHOTO = Photo(b"12345", 648, 648, "PNG", 1_200, 800, faces="many", warning="Look at it.")
STARTED = replace(Receipt.start(Upload(ADA, "0x1", 2_345, NINE), None, "1", NINE), kind="users")


def after(milliseconds: int) -> datetime:
    return NINE + timedelta(milliseconds=milliseconds)


def told(receipt: Receipt) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(photo_event(receipt))
    return event


MADE = replace(STARTED, started=after(100), downloaded=after(130)).with_photo(PHOTO).claimed(after(175), after(60_000))


def test_a_photo_that_was_sent_is_told_with_all_that_is_known_of_it() -> None:
    assert told(MADE.ended(Outcome.SYNCED, after(575), Answer(200, "", "req-1", "client-1"))) == {
        "event": "photo",
        "photo": ADA,
        "kind": "users",
        "etag": "0x1",
        "outcome": "synced",
        "code": "",
        "reason": "",
        "status": 200,
        "error_code": "",
        "request_id": "req-1",
        "client_request_id": "client-1",
        "attempts": 1,
        "source_bytes": 2_345,
        "photo_bytes": 5,
        "faces": "many",
        "warning": "Look at it.",
        "uploaded": "2026-11-23T09:00:00+00:00",
        "first_tried": "2026-11-23T09:00:00+00:00",
        "read_ms": 30,
        "make_ms": 45,
        "send_ms": 400,
        "latency_ms": 575,
    }


def test_the_event_s_name_comes_first_for_queries_look_for_it_there() -> None:
    assert photo_event(STARTED).startswith('{"event":"photo",')
    assert log_event("hourly", compared=1) == '{"event":"hourly","compared":1}'


@pytest.mark.parametrize(
    ("receipt", "steps"),
    [
        (STARTED.rejected(Rejected("unknown-kind", "Name it otherwise."), after(5)), (None, None, None)),
        (
            replace(STARTED, downloaded=after(7)).rejected(Rejected("too-small", "Take a larger one."), after(9)),
            (7, None, None),
        ),
        (
            MADE.postponed(TryLater("no-answer", "Graph did not answer."), after(100_175), after(200_000)),
            (30, 45, 100_000),
        ),
    ],
    ids=["refused by its name", "refused as a picture", "sent, and not answered"],
)
def test_a_step_that_was_not_taken_has_no_time(receipt: Receipt, steps: tuple[int | None, ...]) -> None:
    event = told(receipt)
    assert (event["read_ms"], event["make_ms"], event["send_ms"]) == steps


def test_a_clock_of_storage_s_that_is_ahead_makes_no_negative_time() -> None:
    assert told(replace(STARTED, uploaded=after(900)))["latency_ms"] == 0


def test_one_event_is_one_line_of_plain_characters_whatever_a_name_holds() -> None:
    name = 'users/zoë\n{"event":"photo"}\u2028\ud800.jpg'
    line = photo_event(replace(STARTED, photo=name))
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["photo"] == name


@pytest.mark.parametrize(
    ("outcome", "level"),
    [("synced", "INFO"), ("unchanged", "INFO"), ("retrying", "INFO"), ("rejected", "WARNING"), ("failed", "ERROR")],
)
def test_what_somebody_has_to_mend_is_louder(outcome: Outcome, level: str) -> None:
    assert logging.getLevelName(LEVELS[Outcome(outcome)]) == level


def test_every_outcome_has_a_level() -> None:
    assert set(LEVELS) == set(Outcome)
