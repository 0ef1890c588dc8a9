import json
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from typing import get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photo_sync.errors import Answer, Rejected
from photo_sync.photo import Photo
from photo_sync.receipts import Outcome, Receipt
from photo_sync.storage import Upload

MONDAY = datetime(2025, 11, 24, 10, 0, 0, tzinfo=UTC)
TUESDAY = datetime(2025, 11, 25, 11, 30, 0, 250_000, tzinfo=UTC)

UPLOAD = Upload("users/zoë@contoso.com.jpg", "0x8DE1", 2_345_678, MONDAY)
STARTED = Receipt.start(UPLOAD)
ANSWER = Answer(200, "", "req-1", "client-1")
REFUSAL = Answer(404, "ErrorInvalidUser", "req-2", "client-2")

SYNCED = Receipt(
    photo="users/zoë@contoso.com.jpg",
    etag="0x8DE1",
    outcome=Outcome.SYNCED,
    code="some-code",
    reason="Ein Satz für Zoë.",
    sha256="9f86d081",
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
    finished=TUESDAY,
)


def changed(**values: object) -> bytes:
    """The JSON of a receipt with some fields changed."""
    return json.dumps(json.loads(SYNCED.to_json()) | values).encode()


# From one step to the next


def test_a_receipt_starts_as_unsettled() -> None:
    assert Receipt.start(UPLOAD) == Receipt(
        photo="users/zoë@contoso.com.jpg",
        etag="0x8DE1",
        outcome=Outcome.RETRYING,
        source_bytes=2_345_678,
        uploaded=MONDAY,
        finished=MONDAY,
    )


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


def test_a_receipt_ends_now_in_utc() -> None:
    before = datetime.now(UTC)
    finished = STARTED.ended(Outcome.SYNCED).finished
    assert before <= finished <= datetime.now(UTC)
    assert finished.tzinfo is UTC


def test_a_receipt_ends_with_what_graph_answered() -> None:
    ended = STARTED.ended(Outcome.SYNCED, ANSWER)
    assert ended == replace(
        STARTED,
        outcome=Outcome.SYNCED,
        status=200,
        request_id="req-1",
        client_request_id="client-1",
        finished=ended.finished,
    )


def test_a_rejected_receipt_says_why_and_what_graph_answered() -> None:
    rejected = STARTED.rejected(Rejected("no-such-target", "Correct the file's name.", REFUSAL))
    assert rejected == replace(
        STARTED,
        outcome=Outcome.REJECTED,
        code="no-such-target",
        reason="Correct the file's name.",
        status=404,
        error_code="ErrorInvalidUser",
        request_id="req-2",
        client_request_id="client-2",
        finished=rejected.finished,
    )


def test_without_graph_a_rejected_receipt_has_no_answer() -> None:
    rejected = STARTED.rejected(Rejected("too-small", "Upload a larger one."))
    assert (rejected.outcome, rejected.code, rejected.status) == (Outcome.REJECTED, "too-small", None)
    assert (rejected.error_code, rejected.request_id, rejected.client_request_id) == ("", "", "")


def test_the_same_bytes_again_are_a_new_upload_of_a_known_photo() -> None:
    again = SYNCED.repeated_by(Receipt.start(Upload(UPLOAD.name, "0x8DE2", UPLOAD.size, TUESDAY)))
    assert again == replace(
        SYNCED,
        etag="0x8DE2",
        uploaded=TUESDAY,
        outcome=Outcome.UNCHANGED,
        code="",
        reason="",
        finished=again.finished,
    )
    assert again.finished > TUESDAY


@pytest.mark.parametrize(
    ("outcome", "sha256", "graph_path", "stands"),
    [
        (Outcome.SYNCED, "9f86d081", "/users/ada/photo/$value", True),
        (Outcome.UNCHANGED, "9f86d081", "/users/ada/photo/$value", True),
        (Outcome.REJECTED, "9f86d081", "/users/ada/photo/$value", False),
        (Outcome.RETRYING, "9f86d081", "/users/ada/photo/$value", False),
        (Outcome.SYNCED, "60303ae2", "/users/ada/photo/$value", False),
        (Outcome.SYNCED, "9f86d081", "/users/bob/photo/$value", False),
    ],
)
def test_a_receipt_stands_for_the_bytes_and_the_path_that_graph_accepted(
    outcome: Outcome, sha256: str, graph_path: str, *, stands: bool
) -> None:
    receipt = replace(SYNCED, outcome=outcome, sha256=sha256, graph_path=graph_path)
    assert receipt.stands_for("9f86d081", "/users/ada/photo/$value") is stands


# As JSON


def test_a_receipt_is_read_as_it_was_written() -> None:
    assert Receipt.from_json(SYNCED.to_json()) == SYNCED
    assert Receipt.from_json(STARTED.to_json()) == STARTED


def test_the_json_is_for_people_to_read() -> None:
    text = SYNCED.to_json().decode()
    assert '\n  "photo": "users/zoë@contoso.com.jpg",\n' in text
    assert '\n  "outcome": "synced",\n' in text
    assert '\n  "uploaded": "2025-11-24T10:00:00+00:00",\n' in text


def test_the_json_holds_every_field() -> None:
    expected = asdict(SYNCED) | {
        "uploaded": "2025-11-24T10:00:00+00:00",
        "finished": "2025-11-25T11:30:00.250000+00:00",
    }
    assert json.loads(SYNCED.to_json()) == expected


def test_even_half_a_character_can_be_written_down() -> None:
    receipt = replace(SYNCED, error_code="\ud800")  # JSON can hold one, so an answer of Graph's can
    assert Receipt.from_json(receipt.to_json()) == receipt


def test_what_a_newer_version_adds_is_left_out() -> None:
    assert Receipt.from_json(changed(mood="sunny", votes=[1])) == SYNCED


def test_what_an_older_version_did_not_write_has_its_default() -> None:
    values = json.loads(SYNCED.to_json())
    old = {name: values[name] for name in ("photo", "etag", "outcome", "uploaded", "finished")}
    assert Receipt.from_json(json.dumps(old).encode()) == Receipt(
        photo=SYNCED.photo, etag=SYNCED.etag, outcome=SYNCED.outcome, uploaded=MONDAY, finished=TUESDAY
    )


@pytest.mark.parametrize("missing", ["photo", "etag", "outcome", "uploaded", "finished"])
def test_a_receipt_cannot_do_without(missing: str) -> None:
    values = json.loads(SYNCED.to_json())
    del values[missing]
    with pytest.raises(ValueError, match=missing):
        Receipt.from_json(json.dumps(values).encode())


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "Expecting value"),
        (b"synced", "Expecting value"),
        (SYNCED.to_json()[:-1], "Expecting"),
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
        Receipt.from_json(data)


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
    ],
)
def test_a_field_of_the_wrong_type_is_a_value_error(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"not a receipt|Outcome|isoformat"):
        Receipt.from_json(changed(**{field: value}))


# Whatever the bytes

TEXTS = st.text(st.characters(exclude_categories=()), max_size=20)
NUMBERS = st.integers(0, 10**12)
TIMES = st.datetimes(timezones=st.just(UTC))
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
    finished=TIMES,
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
    assert Receipt.from_json(receipt.to_json()) == receipt


@given(st.binary() | st.builds(lambda value: json.dumps(value).encode(), JSON) | MUTATED)
@settings(deadline=None, max_examples=300)
def test_whatever_the_bytes_they_are_a_whole_receipt_or_a_value_error(data: bytes) -> None:
    try:
        receipt = Receipt.from_json(data)
    except ValueError:
        return
    types = get_type_hints(Receipt)
    assert [name for name, kind in types.items() if not isinstance(getattr(receipt, name), kind)] == []
