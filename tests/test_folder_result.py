from datetime import UTC, datetime

import pytest

from photo_sync.errors import Rejected
from photo_sync.folder.plan import Action, Plan, Step
from photo_sync.folder.result import OUTCOMES, results
from photo_sync.folder.upload import Sent
from photo_sync.folder.verdict import Verdict
from photo_sync.ledger import Line

DUE = datetime(2026, 11, 24, tzinfo=UTC)
GOOD = Verdict(file="ada.jpg", name="users/ada.jpg")
BAD = GOOD.refused(Rejected("damaged", "It is damaged."))
LINES = {
    outcome: {"users/ada.jpg": Line("users/ada.jpg", "1", outcome, DUE, "a-code", "A reason.")}
    for outcome in ("synced", "unchanged", "rejected", "retrying", "failed", "overtaken")
}


@pytest.mark.parametrize(
    ("step", "sent", "lines", "outcome", "reason", "is_well"),
    [
        (Step(GOOD, Action.UPLOAD), "1", None, "uploaded", "", True),
        (Step(BAD, Action.UPLOAD), "1", None, "uploaded", "It is damaged.", False),
        (Step(GOOD, Action.KEEP, "1"), "1", None, "there already", "", True),
        (Step(BAD, Action.KEEP, "1"), "1", None, "there already", "It is damaged.", False),
        (Step(BAD, Action.LEAVE), "", None, "left out", "It is damaged.", False),
        (Step(GOOD, Action.UPLOAD), "", None, "not up", "It failed.", False),
        (Step(GOOD, Action.UPLOAD), "1", {}, "waiting", "The app has not told yet what became of it.", False),
        (Step(GOOD, Action.UPLOAD), "1", LINES["synced"], "synced", "A reason.", True),
        (Step(GOOD, Action.KEEP, "1"), "1", LINES["unchanged"], "unchanged", "A reason.", True),
        (Step(BAD, Action.UPLOAD), "1", LINES["rejected"], "rejected", "A reason.", False),
        (Step(GOOD, Action.UPLOAD), "1", LINES["retrying"], "retrying", "A reason.", False),
        (Step(GOOD, Action.REPLACE, "0"), "1", None, "uploaded", "", True),
        (Step(GOOD, Action.UPLOAD), "1", LINES["overtaken"], "overtaken", "A reason.", False),
        (Step(GOOD, Action.UPLOAD), "1", LINES["failed"], "failed", "A reason.", False),
    ],
)
def test_what_came_of_a_file_is_told_with_the_reason(
    step: Step, sent: str, lines: dict[str, Line] | None, outcome: str, reason: str, *, is_well: bool
) -> None:
    (result,) = results(Plan([step], []), [Sent(step, sent, "" if sent else "It failed.")], lines)
    assert (result.outcome, result.reason, result.is_well) == (outcome, reason, is_well)
    assert result.outcome in OUTCOMES
