"""What came of each file of an upload: left out, not up, uploaded, or what its receipt says."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from photo_sync.folder.plan import Action, Plan, Step
from photo_sync.folder.settling import OVERTAKEN
from photo_sync.folder.survey import WELL
from photo_sync.folder.upload import Sent
from photo_sync.ledger import Line
from photo_sync.receipts import Outcome
from photo_sync.standing import WAITING

UPLOADED: Final = "uploaded"
"""It is there; nobody has waited for its receipt."""
KEPT: Final = "there already"
"""Likewise, but it did not have to be uploaded."""
LEFT_OUT: Final = "left out"
NOT_UP: Final = "not up"
"""It was to be uploaded, and that failed."""

OUTCOMES: Final = (UPLOADED, KEPT, *Outcome, WAITING, OVERTAKEN, NOT_UP, LEFT_OUT)
"""All that can come of a file."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one file, and why; `due` is when it is tried again."""

    step: Step
    outcome: str
    code: str = ""
    reason: str = ""
    due: datetime | None = None

    @property
    def is_well(self) -> bool:
        """Whether nobody has to do anything."""
        return self.outcome in WELL or (self.outcome in {UPLOADED, KEPT} and self.step.verdict.is_accepted)


def results(plan: Plan, sent: Iterable[Sent], lines: Mapping[str, Line] | None) -> Iterator[Result]:
    """Yield the result of each file; `lines` are the receipts that were waited for, None where nobody waited."""
    known = {one.step.verdict.name: one for one in sent}
    for step in plan.steps:
        verdict = step.verdict
        one = None if step.action == Action.LEAVE else known.get(verdict.name)
        if one is None:
            yield Result(step, LEFT_OUT, verdict.code, verdict.reason)
        elif not one.etag:
            yield Result(step, NOT_UP, "not-up", one.fault)
        elif lines is None:
            yield Result(step, KEPT if step.action == Action.KEEP else UPLOADED, verdict.code, verdict.reason)
        elif line := lines.get(verdict.name):
            yield Result(step, line.outcome, line.code, line.reason, line.due)
        else:
            yield Result(step, WAITING, reason="The app has not told yet what became of it.")
