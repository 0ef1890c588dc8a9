import json
import uuid
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photo_sync.backoff import GIVE_UP, TRIES
from photo_sync.errors import Answer, Rejected, TryLater
from photo_sync.photo import Photo
from photo_sync.receipts import IN_PROGRESS, Outcome, Receipt
from photo_sync.record import from_json, to_json
from photo_sync.storage import Upload

MONDAY = datetime(2025, 11, 24, 10, 0, 0, tzinfo=UTC)
TUESDAY = datetime(2025, 11, 25, 11, 30, 0, 250_000, tzinfo=UTC)
WEDNESDAY = datetime(2025, 11, 26, 12, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)

UPLOAD = Upload("users/zoë@contoso.com.jpg", "0x8DE1", 2_345_678, MONDAY)
AGAIN = Upload("users/zoë@contoso.com.jpg", "0x8DE2", 2_345_678, TUESDAY)
STARTED = Receipt.start(UPLOAD, None, "1-648", TUESDAY)
ANSWER = Answer(200, "", "req-1", "client-1")
REFUSAL = Answer(404, "ErrorInvalidUser", "req-2", "client-2")
BUSY = TryLater("throttled", "Graph is busy.", answer=Answer(429, "TooManyRequests", "req-3", "client-3"))

SYNCED = Receipt(
    photo="users/zoë@contoso.com.jpg",
    etag="0x8DE1",
    outcome=Outcome.SYNCED,
    code="some-code",
    reason="Ein Satz für Zoë.",
    sha256="9f86d081",
    md5="CY9rzUYh03PK3k6DJie09g==",
    pipeline="1-648",
    kind="users",
    graph_path="/users/zo%C3%AB%40contoso.com/photo/$value",
    status=200,
    error_code="SomeCode",
    request_id="req-1",
    client_request_id="client-1",
    source_format="PNG",
    source_bytes=2_345_678,
    source_width=1_200,
    source_height=800,
    photo_bytes=45_678,
    photo_width=648,
    photo_height=640,
    attempts=3,
    uploaded=MONDAY,
    first_tried=MONDAY + MINUTE,
    started=TUESDAY - 3 * SECOND,
    downloaded=TUESDAY - 2 * SECOND,
    made=TUESDAY - SECOND,
    finished=TUESDAY,
    due=WEDNESDAY,
    unanswered_until=TUESDAY + MINUTE,
    run="11111111-aaaa",
)


def changed(**values: object) -> bytes:
    """The JSON of a receipt with some fields changed."""
    return json.dumps(json.loads(to_json(SYNCED)) | values).encode()


# From one step to the next


def test_a_receipt_starts_as_unsettled_and_untried() -> None:
    assert Receipt.start(UPLOAD, None, "1-648", TUESDAY) == Receipt(
        photo="users/zoë@contoso.com.jpg",
        etag="0x8DE1",
        outcome=Outcome.RETRYING,
        pipeline="1-648",
        source_bytes=2_345_678,
        attempts=0,
        uploaded=MONDAY,
        first_tried=TUESDAY,
        started=TUESDAY,
        finished=TUESDAY,
    )


@pytest.mark.parametrize(
    ("upload", "outcome", "attempts", "first_tried"),
    [
        (UPLOAD, Outcome.RETRYING, 3, MONDAY + MINUTE),
        (AGAIN, Outcome.RETRYING, 0, WEDNESDAY),
        (UPLOAD, Outcome.SYNCED, 0, WEDNESDAY),
        (UPLOAD, Outcome.REJECTED, 0, WEDNESDAY),
        (UPLOAD, Outcome.FAILED, 0, WEDNESDAY),
        (AGAIN, Outcome.FAILED, 0, WEDNESDAY),
    ],
)
def test_only_what_was_tried_for_the_same_unsettled_upload_counts(
    upload: Upload, outcome: Outcome, attempts: int, first_tried: datetime
) -> None:
    receipt = Receipt.start(upload, replace(SYNCED, outcome=outcome), "1-648", WEDNESDAY)
    assert (receipt.attempts, receipt.first_tried) == (attempts, first_tried)


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("upload", [UPLOAD, AGAIN], ids=["the same upload", "another upload"])
def test_a_request_that_was_not_answered_is_remembered_whatever_comes_next(upload: Upload, outcome: Outcome) -> None:
    previous = replace(SYNCED, outcome=outcome)
    receipt = Receipt.start(upload, previous, "1-648", WEDNESDAY)
    assert receipt.unanswered_until == TUESDAY + MINUTE
    assert receipt.ended(Outcome.SYNCED, WEDNESDAY).unanswered_until == TUESDAY + MINUTE


def test_a_receipt_takes_the_measures_of_its_photo() -> None:
    photo = Photo(jpeg=b"12345", width=640, height=641, source_format="PNG", source_width=1_200, source_height=800)
    assert STARTED.with_photo(photo) == replace(
        STARTED,
        source_format="PNG",
        source_width=1_200,
        source_height=800,
        photo_bytes=5,
        photo_width=640,
        photo_height=641,
    )


def test_a_receipt_tells_the_faces_where_somebody_looked_for_them() -> None:
    photo = Photo(b"12345", 640, 640, "PNG", 1_200, 800, faces="many", warning="Look at it.")
    receipt = STARTED.with_photo(photo)
    assert (receipt.faces, receipt.warning) == ("many", "Look at it.")
    assert receipt.claimed(TUESDAY, WEDNESDAY).ended(Outcome.SYNCED, WEDNESDAY).warning == "Look at it."
    assert STARTED.with_photo(replace(photo, faces="", warning="")).faces == ""


def test_a_claim_is_an_attempt_of_one_run_s_that_is_over_at_a_known_time() -> None:
    claim = replace(STARTED, attempts=3).claimed(TUESDAY, WEDNESDAY)
    assert claim == replace(
        STARTED,
        outcome=Outcome.RETRYING,
        code=IN_PROGRESS,
        reason="It is being sent to Microsoft Graph.",
        attempts=4,
        made=TUESDAY,
        finished=TUESDAY,
        due=WEDNESDAY,
        unanswered_until=WEDNESDAY,
        run=claim.run,
    )
    assert uuid.UUID(claim.run)


def test_no_two_claims_are_the_same() -> None:
    assert STARTED.claimed(TUESDAY, WEDNESDAY) != STARTED.claimed(TUESDAY, WEDNESDAY)


def test_a_receipt_ends_with_what_graph_answered() -> None:
    assert STARTED.ended(Outcome.SYNCED, WEDNESDAY, ANSWER) == replace(
        STARTED,
        outcome=Outcome.SYNCED,
        status=200,
        request_id="req-1",
        client_request_id="client-1",
        finished=WEDNESDAY,
    )


def test_what_has_ended_is_nobody_s_any_more_and_never_due() -> None:
    ended = STARTED.claimed(TUESDAY, WEDNESDAY).ended(Outcome.SYNCED, TUESDAY, ANSWER)
    assert (ended.run, ended.due, ended.code, ended.reason) == ("", None, "", "")
    assert ended.attempts == 1


def test_a_rejected_receipt_says_why_and_what_graph_answered() -> None:
    refusal = Rejected("no-such-target", "Correct the file's name.", REFUSAL)
    assert STARTED.rejected(refusal, WEDNESDAY) == replace(
        STARTED,
        outcome=Outcome.REJECTED,
        code="no-such-target",
        reason="Correct the file's name.",
        status=404,
        error_code="ErrorInvalidUser",
        request_id="req-2",
        client_request_id="client-2",
        finished=WEDNESDAY,
    )


def test_without_graph_a_rejected_receipt_has_no_answer() -> None:
    rejected = STARTED.rejected(Rejected("too-small", "Upload a larger one."), WEDNESDAY)
    assert (rejected.outcome, rejected.code, rejected.status) == (Outcome.REJECTED, "too-small", None)
    assert (rejected.error_code, rejected.request_id, rejected.client_request_id) == ("", "", "")


def test_a_postponed_receipt_says_why_and_when_it_is_tried_again() -> None:
    assert STARTED.postponed(BUSY, TUESDAY, TUESDAY + MINUTE) == replace(
        STARTED,
        outcome=Outcome.RETRYING,
        code="throttled",
        reason="Graph is busy. It is tried again by itself, for a day in all.",
        status=429,
        error_code="TooManyRequests",
        request_id="req-3",
        client_request_id="client-3",
        finished=TUESDAY,
        due=TUESDAY + MINUTE,
    )


@pytest.mark.parametrize(
    ("due", "tries", "outcome"),
    [
        (TUESDAY + GIVE_UP, TRIES, Outcome.RETRYING),
        (TUESDAY + GIVE_UP + timedelta(microseconds=1), TRIES, Outcome.FAILED),
        (TUESDAY + 2 * GIVE_UP, TRIES, Outcome.FAILED),
        (TUESDAY + 2 * GIVE_UP, TRIES - 1, Outcome.RETRYING),
    ],
)
def test_what_was_tried_often_and_would_be_due_more_than_a_day_after_the_first_time_has_failed(
    due: datetime, tries: int, outcome: Outcome
) -> None:
    assert replace(STARTED, attempts=tries).postponed(BUSY, WEDNESDAY, due).outcome == outcome


def test_what_has_failed_keeps_the_last_fault_and_is_never_due() -> None:
    failed = replace(STARTED, attempts=TRIES).postponed(BUSY, WEDNESDAY, TUESDAY + 2 * GIVE_UP)
    assert (failed.code, failed.status, failed.request_id, failed.due) == ("throttled", 429, "req-3", None)
    told = "Graph is busy. It was tried for a day. When that is mended, "
    assert failed.reason == f"{told}upload the file again, or run `photo-sync retry` for it."
    of_no_file = replace(STARTED, etag="", attempts=TRIES).postponed(BUSY, WEDNESDAY, TUESDAY + 2 * GIVE_UP)
    assert of_no_file.reason == f"{told}run `photo-sync retry` for it."


def test_what_is_given_up_has_failed_and_says_where_to_look() -> None:
    failed = replace(STARTED, due=WEDNESDAY, attempts=3).given_up(TUESDAY)
    assert (failed.outcome, failed.code, failed.due, failed.attempts) == (Outcome.FAILED, "given-up", None, 3)
    assert "The function's log tells why" in failed.reason


@pytest.mark.parametrize("outcome", Outcome)
def test_only_what_is_retrying_goes_on_by_itself(outcome: Outcome) -> None:
    assert replace(SYNCED, outcome=outcome).is_final is (outcome != Outcome.RETRYING)


@pytest.mark.parametrize(
    ("receipt", "is_claim"),
    [
        (STARTED.claimed(TUESDAY, WEDNESDAY), True),
        (STARTED, False),
        (STARTED.postponed(BUSY, TUESDAY, WEDNESDAY), False),
        (STARTED.claimed(TUESDAY, WEDNESDAY).postponed(BUSY, TUESDAY, WEDNESDAY), False),
        (STARTED.claimed(TUESDAY, WEDNESDAY).ended(Outcome.SYNCED, TUESDAY), False),
    ],
    ids=["claimed", "started", "postponed", "claimed and postponed", "claimed and ended"],
)
def test_a_claim_lasts_until_what_comes_next(receipt: Receipt, *, is_claim: bool) -> None:
    assert receipt.is_claim is is_claim


# As JSON


def test_a_receipt_is_read_as_it_was_written() -> None:
    assert from_json(to_json(SYNCED)) == SYNCED
    assert from_json(to_json(STARTED)) == STARTED


def test_the_json_is_for_people_to_read() -> None:
    text = to_json(SYNCED).decode()
    assert '\n  "photo": "users/zoë@contoso.com.jpg",\n' in text
    assert '\n  "outcome": "synced",\n' in text
    assert '\n  "uploaded": "2025-11-24T10:00:00+00:00",\n' in text


def test_the_json_holds_every_field() -> None:
    expected = asdict(SYNCED) | {
        "uploaded": "2025-11-24T10:00:00+00:00",
        "first_tried": "2025-11-24T10:01:00+00:00",
        "started": "2025-11-25T11:29:57.250000+00:00",
        "downloaded": "2025-11-25T11:29:58.250000+00:00",
        "made": "2025-11-25T11:29:59.250000+00:00",
        "finished": "2025-11-25T11:30:00.250000+00:00",
        "due": "2025-11-26T12:00:00+00:00",
        "unanswered_until": "2025-11-25T11:31:00.250000+00:00",
    }
    assert json.loads(to_json(SYNCED)) == expected


def test_even_half_a_character_can_be_written_down() -> None:
    receipt = replace(SYNCED, error_code="\ud800")  # JSON can hold one, so an answer of Graph's can
    assert from_json(to_json(receipt)) == receipt


@pytest.mark.parametrize("receipt", [replace(SYNCED, due=None), replace(SYNCED, unanswered_until=None)])
def test_what_never_was_may_have_no_time(receipt: Receipt) -> None:
    assert from_json(to_json(receipt)) == receipt


def test_what_a_newer_version_adds_is_left_out() -> None:
    assert from_json(changed(mood="sunny", votes=[1])) == SYNCED


REQUIRED = ("photo", "etag", "outcome", "uploaded", "first_tried", "finished")


def test_what_an_older_version_did_not_write_has_its_default() -> None:
    values = json.loads(to_json(SYNCED))
    old = {name: values[name] for name in REQUIRED}
    assert from_json(json.dumps(old).encode()) == Receipt(
        photo=SYNCED.photo,
        etag=SYNCED.etag,
        outcome=SYNCED.outcome,
        uploaded=MONDAY,
        first_tried=MONDAY + MINUTE,
        finished=TUESDAY,
    )


@pytest.mark.parametrize("missing", REQUIRED)
def test_a_receipt_cannot_do_without(missing: str) -> None:
    values = json.loads(to_json(SYNCED))
    del values[missing]
    with pytest.raises(ValueError, match=missing):
        from_json(json.dumps(values).encode())


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "Expecting value"),
        (b"synced", "Expecting value"),
        (to_json(SYNCED)[:-1], "Expecting"),
        (b"\xff\xfe\xfd", "decode"),
        (b"[]", "not a receipt"),
        (b'["photo"]', "not a receipt"),
        (b'"photo"', "not a receipt"),
        (b"null", "not a receipt"),
        (b"7", "not a receipt"),
        (b"{}", "not a receipt"),
        (b"[" * 200_000, "not a receipt"),
    ],
)
def test_what_is_not_a_receipt_is_a_value_error(data: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        from_json(data)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("photo", None),
        ("photo", 7),
        ("etag", ["0x8DE1"]),
        ("sha256", None),
        ("outcome", "lost"),
        ("outcome", None),
        ("outcome", ["synced"]),
        ("status", "200"),
        ("source_bytes", "many"),
        ("photo_width", 648.5),
        ("attempts", None),
        ("uploaded", 1_763_978_400),
        ("uploaded", "yesterday"),
        ("finished", None),
        ("first_tried", None),
        ("finished", "2025-11-25T11:30:00"),
        ("due", "soon"),
        ("due", 7),
        ("due", "2025-11-25T11:30:00"),
        ("unanswered_until", ["2025-11-25"]),
        ("run", 7),
        ("md5", None),
    ],
)
def test_a_field_of_the_wrong_type_is_a_value_error(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"not a receipt|Outcome|isoformat"):
        from_json(changed(**{field: value}))


# Whatever the bytes

TEXTS = st.text(st.characters(exclude_categories=()), max_size=20)
NUMBERS = st.integers(0, 10**12)
TIMES = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]))
RECEIPTS = st.builds(
    Receipt,
    photo=TEXTS,
    etag=TEXTS,
    outcome=st.sampled_from(Outcome),
    code=TEXTS,
    reason=TEXTS,
    status=st.none() | NUMBERS,
    source_bytes=NUMBERS,
    uploaded=TIMES,
    first_tried=TIMES,
    started=st.none() | TIMES,
    downloaded=st.none() | TIMES,
    made=st.none() | TIMES,
    finished=TIMES,
    due=st.none() | TIMES,
    unanswered_until=st.none() | TIMES,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
)
MUTATED = st.builds(
    lambda values: changed(**values),
    st.dictionaries(st.sampled_from([field.name for field in fields(Receipt)]), JSON, min_size=1, max_size=3),
)


@given(RECEIPTS)
@settings(deadline=None)
def test_any_receipt_is_read_as_it_was_written(receipt: Receipt) -> None:
    assert from_json(to_json(receipt)) == receipt


@given(st.binary() | st.builds(lambda value: json.dumps(value).encode(), JSON) | MUTATED)
@settings(deadline=None, max_examples=300)
def test_whatever_the_bytes_they_are_a_whole_receipt_or_a_value_error(data: bytes) -> None:
    try:
        receipt = from_json(data)
    except ValueError:
        return
    types = get_type_hints(Receipt)
    times = [value for field in fields(Receipt) if isinstance(value := getattr(receipt, field.name), datetime)]
    assert all(time.tzinfo for time in times)
    assert [name for name, kind in types.items() if not isinstance(getattr(receipt, name), kind)] == []
