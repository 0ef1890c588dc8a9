"""What the page is told of a part of the listing: few lines, however many receipts the part has."""

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from photo_sync.ledger import Ledger, Line
from photo_sync.page.question import Question
from photo_sync.receipts import Outcome

NEWEST: Final = 24
"""How many of the newest photos of a part are told: as many as the page shows, for all of them may be in one part."""

LINES: Final = 50
"""How many of the lines that are wanted are told at a time."""

_IN_GRAPH: Final = frozenset({Outcome.SYNCED, Outcome.UNCHANGED})
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """How many receipts of each outcome a part has, its newest photos, and the first of the lines that are wanted.

    `more` says whether the part has others that are wanted.
    """

    counts: Counter[str]
    newest: list[Line]
    lines: list[Line]
    more: bool

    @classmethod
    def of(cls, part: Sequence[Line], question: Question) -> "Excerpt":
        """Take from a part, in the order of names, what is told of it."""
        wanted = [line for line in part if question.wants(line)]
        return cls(
            counts=Counter(line.outcome for line in part),
            newest=heapq.nlargest(NEWEST, (line for line in part if line.outcome in _IN_GRAPH), key=_written),
            lines=wanted[:LINES],
            more=len(wanted) > LINES,
        )

    def told(self) -> dict[str, Any]:
        """Return it as the page reads it."""
        newest, lines = ([_told(line) for line in some] for some in (self.newest, self.lines))
        return {"counts": dict(self.counts), "newest": newest, "lines": lines, "more": self.more}


def excerpt(ledger: Ledger, question: Question) -> dict[str, Any]:
    """List the part that is asked for, and return what is told of it, with the token of the next part."""
    part, token = ledger.segment(question.token, question.prefix, question.size)
    return {**Excerpt.of(part, question).told(), "next": token}


def _written(line: Line) -> datetime:
    return line.written or _LONG_AGO


def _told(line: Line) -> dict[str, str]:
    due, written = (time.isoformat() if time else "" for time in (line.due, line.written))
    told = {"photo": line.photo, "etag": line.etag, "outcome": line.outcome, "code": line.code, "reason": line.reason}
    return {**told, "due": due, "written": written}
