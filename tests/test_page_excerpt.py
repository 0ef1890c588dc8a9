from datetime import timedelta

from photo_sync.ledger import Line
from photo_sync.page.excerpt import LINES, NEWEST, Excerpt
from photo_sync.page.question import Question
from photo_sync.receipts import Outcome
from status_receipts import NOW


def lines(count: int, outcome: str = "synced") -> list[Line]:
    """So many lines, each written a second after the one before it."""
    times = [NOW + timedelta(seconds=at) for at in range(count)]
    return [Line(f"users/{at:05}.jpg", "0x1", outcome, None, written=time) for at, time in enumerate(times)]


def told(part: list[Line], **params: str) -> Excerpt:
    return Excerpt.of(part, Question.read(params))


def test_every_outcome_is_counted_whatever_is_wanted() -> None:
    part = [*lines(3), *lines(2, "rejected"), *lines(1, "")]
    assert told(part, outcome="failed", search="x").counts == {"synced": 3, "rejected": 2, "": 1}


def test_the_newest_photos_come_first_and_are_few() -> None:
    newest = told(lines(100)).newest
    assert [line.photo for line in newest] == [f"users/{at:05}.jpg" for at in range(99, 99 - NEWEST, -1)]


def test_what_is_no_photo_is_not_among_the_newest() -> None:
    part = [line for outcome in Outcome for line in lines(1, outcome)]
    assert {line.outcome for line in told(part).newest} == {"synced", "unchanged"}


def test_lines_that_are_wanted_are_told_in_the_order_of_names_and_few_at_a_time() -> None:
    part = lines(LINES + 1, "rejected")
    first = told(part)
    assert (first.lines, first.more) == (part[:LINES], True)
    second = told(part, after=part[LINES - 1].photo)
    assert (second.lines, second.more) == (part[LINES:], False)


def test_as_many_as_fit_are_all() -> None:
    assert not told(lines(LINES, "rejected")).more


def test_a_part_of_any_length_is_told_in_a_few_kilobytes() -> None:
    part = [Line(f"users/{at:050}.jpg", "0x1", "rejected", NOW, "code", "x" * 300, NOW) for at in range(5_000)]
    assert len(str(told(part).told())) < 50_000


def test_a_line_is_told_with_its_times_in_words_that_a_browser_reads() -> None:
    line = Line("users/ada.jpg", "0x1", "retrying", NOW, "throttled", "Busy.", NOW)
    (first,) = told([line, Line("users/b.jpg", "", "", None)]).told()["lines"][:1]
    assert first == {
        "photo": "users/ada.jpg",
        "etag": "0x1",
        "outcome": "retrying",
        "code": "throttled",
        "reason": "Busy.",
        "due": "2026-11-24T09:30:00+00:00",
        "written": "2026-11-24T09:30:00+00:00",
    }
