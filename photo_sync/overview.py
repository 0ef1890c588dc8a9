"""The whole at a glance: how many photos stand how, and the ones that somebody should look at first."""

import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from photo_sync.receipts import Outcome
from photo_sync.standing import WAITING, Standing

OUTCOMES: Final = (
    *(Outcome.FAILED, Outcome.REJECTED, Outcome.RETRYING, WAITING),
    *(Outcome.SYNCED, Outcome.UNCHANGED, Outcome.REMOVED),
)
"""All that a photo can stand at, what needs somebody first."""


@dataclass(frozen=True, slots=True)
class Overview:
    """How many photos stand how, and the first of those that were asked for, of so many."""

    counts: Counter[str]
    first: list[Standing]
    asked: int

    @classmethod
    def of(cls, standings: Iterable[Standing], outcomes: Collection[str], limit: int) -> "Overview":
        """Go through photos once; of those with these outcomes, all where none is named, `limit` are kept."""
        counts = Counter[str]()

        def asked() -> Iterator[Standing]:
            for standing in standings:
                counts[standing.outcome] += 1
                if not outcomes or standing.outcome in outcomes:
                    yield standing

        first = heapq.nsmallest(max(1, limit), asked(), key=_rank)[:limit]  # to keep none, it would look at none
        return cls(
            counts, first, sum(count for outcome, count in counts.items() if not outcomes or outcome in outcomes)
        )


def _rank(standing: Standing) -> tuple[int, float, str]:
    """What needs somebody comes first, and of that the newest."""
    place = OUTCOMES.index(standing.outcome) if standing.outcome in OUTCOMES else len(OUTCOMES)
    return place, -(standing.since.timestamp() if standing.since else 0.0), standing.name
