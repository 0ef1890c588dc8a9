from datetime import UTC, datetime, timedelta

from photo_sync.ledger import Line
from photo_sync.overview import OUTCOMES, Overview
from photo_sync.receipts import Outcome
from photo_sync.standing import WAITING, Standing
from photo_sync.storage import Upload

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def standing(name: str, outcome: str, minutes: int = 0) -> Standing:
    """A photo that has stood so for so many minutes."""
    at = NOW - timedelta(minutes=minutes)
    line = None if outcome == WAITING else Line(name, "1", outcome, None, written=at)
    return Standing(name, Upload(name, "1", 9, at), line)


def names(*standings: Standing, outcomes: tuple[str, ...] = (), limit: int = 9) -> list[str]:
    return [each.name for each in Overview.of(standings, outcomes, limit).first]


def test_what_needs_somebody_comes_first() -> None:
    photos = [standing(outcome, outcome) for outcome in sorted(OUTCOMES)]
    assert names(*photos) == ["failed", "rejected", "retrying", "waiting", "synced", "unchanged", "removed"]


def test_of_those_that_stand_alike_the_newest_comes_first() -> None:
    assert names(standing("old", "failed", 9), standing("new", "failed", 1), standing("mid", "failed", 5)) == [
        *("new", "mid", "old"),
    ]


def test_all_are_counted_whatever_is_asked_for_and_kept() -> None:
    photos = [
        *(standing(f"s{number}", "synced") for number in range(7)),
        standing("f", "failed"),
        standing("w", WAITING),
    ]
    overview = Overview.of(photos, ["synced", "failed"], 3)
    assert overview.counts == {"synced": 7, "failed": 1, WAITING: 1}
    assert (overview.asked, [each.name for each in overview.first]) == (8, ["f", "s0", "s1"])
    assert Overview.of(photos, [], 0) == Overview(overview.counts, [], 9)


def test_an_outcome_of_a_later_version_is_counted_and_comes_last() -> None:
    overview = Overview.of([standing("a", "archived"), standing("s", "synced")], [], 9)
    assert overview.counts["archived"] == 1
    assert [each.name for each in overview.first] == ["s", "a"]


def test_every_outcome_has_its_place() -> None:
    assert set(OUTCOMES) == {*Outcome, WAITING}
