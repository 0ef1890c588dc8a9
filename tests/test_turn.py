from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from photo_sync.receipts import IN_PROGRESS, Outcome, Receipt
from photo_sync.storage import Upload
from photo_sync.turn import CLAIM, Turn, turn, wait

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
TICK = timedelta(microseconds=1)

SAME = Upload("users/ada@contoso.com.jpg", "0x8DE1", 7, NOW - MINUTE)
OTHER = replace(SAME, etag="0x8DE2")
GONE = None

START = Receipt.start(SAME, None, "1-648", NOW - MINUTE)


def ended(outcome: Outcome) -> Receipt:
    return START.ended(outcome, NOW - MINUTE)


def due(after: timedelta) -> Receipt:
    """A receipt of what is tried again so long from now."""
    return replace(START, code="throttled", due=NOW + after)


def unanswered(receipt: Receipt) -> Receipt:
    """The same, while a request that Graph did not answer may still take effect."""
    return replace(receipt, unanswered_until=NOW + TICK)


def answered_by_now(receipt: Receipt) -> Receipt:
    """The same, when that time is just over."""
    return replace(receipt, unanswered_until=NOW)


def claim(until: datetime) -> Receipt:
    return START.claimed(NOW - MINUTE, until)


SETTLED = [ended(outcome) for outcome in Outcome if outcome != Outcome.RETRYING]
AT_WORK = [claim(NOW + TICK), claim(NOW + CLAIM)]
DIED = [claim(NOW), claim(NOW - MINUTE)]
DUE = [due(-MINUTE), due(timedelta(0)), due(5 * SECOND), replace(START, due=None)]
EARLY = [due(5 * SECOND + TICK), due(MINUTE)]


def each(receipts: list[Receipt], *columns: object) -> list[tuple[object, ...]]:
    """A row for each of these receipts, the other columns the same."""
    return [(receipt, *columns) for receipt in receipts]


@pytest.mark.parametrize(
    ("receipt", "upload", "expected"),
    [
        (None, SAME, Turn.WORK),
        (None, GONE, Turn.END),
        *each(SETTLED, SAME, Turn.END),
        *each(SETTLED, OTHER, Turn.WORK),
        *each(SETTLED, GONE, Turn.GONE),
        *each(AT_WORK, SAME, Turn.WAIT),
        *each(AT_WORK, OTHER, Turn.WAIT),
        *each(AT_WORK, GONE, Turn.WAIT),
        *each(DIED, SAME, Turn.WORK),
        *each(DIED, OTHER, Turn.WORK),
        *each(DIED, GONE, Turn.GONE),
        *each(DUE, SAME, Turn.WORK),
        *each(EARLY, SAME, Turn.END),
        *each([*DUE, *EARLY], OTHER, Turn.WORK),
        *each([*DUE, *EARLY], GONE, Turn.GONE),
        # What may still take effect is the same picture, or another one.
        *each([unanswered(receipt) for receipt in SETTLED], SAME, Turn.END),
        *each([unanswered(receipt) for receipt in DUE], SAME, Turn.WORK),
        *each([unanswered(receipt) for receipt in EARLY], SAME, Turn.END),
        *each([unanswered(receipt) for receipt in (*SETTLED, *DUE, *EARLY)], OTHER, Turn.WAIT),
        *each([unanswered(receipt) for receipt in (*SETTLED, *DUE, *EARLY)], GONE, Turn.WAIT),
        *each([answered_by_now(receipt) for receipt in (*SETTLED, *DUE, *EARLY)], OTHER, Turn.WORK),
        *each([answered_by_now(receipt) for receipt in (*SETTLED, *DUE, *EARLY)], GONE, Turn.GONE),
    ],
)
def test_what_a_run_does_follows_from_the_receipt_and_the_blob(
    receipt: Receipt | None, upload: Upload | None, expected: Turn
) -> None:
    assert turn(receipt, upload, pipeline="1-648", now=NOW, force=False) is expected


@pytest.mark.parametrize("how", [{"pipeline": "2-648", "force": False}, {"pipeline": "1-648", "force": True}], ids=str)
@pytest.mark.parametrize(
    ("receipt", "upload", "expected"),
    [
        (None, SAME, Turn.WORK),
        (None, GONE, Turn.END),
        *each([*SETTLED, *DUE, *EARLY, *DIED], SAME, Turn.WORK),
        *each([unanswered(receipt) for receipt in (*SETTLED, *DUE, *EARLY)], OTHER, Turn.WAIT),
        *each([*SETTLED, *DUE, *EARLY, *DIED], GONE, Turn.GONE),
        *each(AT_WORK, SAME, Turn.WAIT),
        *each(AT_WORK, OTHER, Turn.WAIT),
        *each(AT_WORK, GONE, Turn.WAIT),
    ],
)
def test_by_order_or_in_another_way_a_photo_is_made_again_but_never_beside_another_run(
    receipt: Receipt | None, upload: Upload | None, expected: Turn, how: dict[str, str | bool]
) -> None:
    pipeline, force = str(how["pipeline"]), bool(how["force"])
    assert turn(receipt, upload, pipeline=pipeline, now=NOW, force=force) is expected


def left_behind(receipt: Receipt) -> Receipt:
    """The same, but about there being no file any more."""
    return replace(receipt, etag="", pipeline="")


@pytest.mark.parametrize(
    ("receipt", "upload", "expected"),
    [
        *each(SETTLED, GONE, Turn.END),
        *each(SETTLED, SAME, Turn.WORK),
        *each([*DUE, *DIED], GONE, Turn.GONE),
        *each([*DUE, *DIED], SAME, Turn.WORK),
        *each(EARLY, GONE, Turn.END),
        *each(EARLY, SAME, Turn.WORK),
        *each(AT_WORK, GONE, Turn.WAIT),
        *each(AT_WORK, SAME, Turn.WAIT),
        # A deletion may still take effect.
        *each([unanswered(receipt) for receipt in DUE], GONE, Turn.GONE),
        *each([unanswered(receipt) for receipt in (*SETTLED, *DUE, *EARLY)], SAME, Turn.WAIT),
    ],
)
def test_of_a_file_that_is_gone_a_receipt_tells_as_of_an_upload(
    receipt: Receipt, upload: Upload | None, expected: Turn
) -> None:
    assert turn(left_behind(receipt), upload, pipeline="1-648", now=NOW, force=False) is expected


@pytest.mark.parametrize("receipt", [*SETTLED, *DUE, *EARLY, *DIED])
def test_by_order_a_file_that_is_gone_is_seen_to_once_more(receipt: Receipt) -> None:
    assert turn(left_behind(receipt), GONE, pipeline="1-648", now=NOW, force=True) is Turn.GONE


@pytest.mark.parametrize(
    ("worked", "until", "seconds"),
    [
        (timedelta(0), CLAIM, 2),
        (SECOND, CLAIM, 2),
        (10 * SECOND, CLAIM, 10),
        (4 * MINUTE, CLAIM, 240),
        (6 * MINUTE, CLAIM, 241),
        (CLAIM, CLAIM, 1),
        (-10 * SECOND, CLAIM, 2),
    ],
)
def test_who_waits_looks_again_after_as_long_as_it_has_lasted_but_at_the_end_for_sure(
    worked: timedelta, until: timedelta, seconds: float
) -> None:
    receipt = START.claimed(NOW - worked, NOW - worked + until)
    assert receipt.code == IN_PROGRESS
    assert wait(receipt, NOW) == seconds


def test_who_waits_looks_again_in_a_dozen_times_at_most() -> None:
    receipt, now, looked = START.claimed(NOW, NOW + CLAIM), NOW, 0
    while turn(receipt, OTHER, pipeline="1-648", now=now, force=False) is Turn.WAIT:
        now += timedelta(seconds=wait(receipt, now))
        looked += 1
    assert looked <= 12
    assert now - NOW <= CLAIM + 2 * SECOND


@pytest.mark.parametrize("receipt", [unanswered(receipt) for receipt in (*SETTLED, *DUE, *EARLY)])
def test_while_a_request_may_still_take_effect_only_the_very_same_photo_is_sent_again(receipt: Receipt) -> None:
    assert turn(receipt, SAME, pipeline="1-648", now=NOW, force=True) is Turn.WORK
    assert turn(receipt, SAME, pipeline="2-648", now=NOW, force=False) is Turn.WAIT
