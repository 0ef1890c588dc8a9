"""What the container has of a folder already, and what else is there: the old name of a file may be among it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from photo_sync.folder.verdict import Verdict
from photo_sync.ledger import Line
from photo_sync.receipts import Outcome
from photo_sync.standing import Standing
from photo_sync.storage import Upload

WELL: Final = frozenset({Outcome.SYNCED, Outcome.UNCHANGED})
"""The outcomes of a photo that Microsoft 365 has."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the container has: the photos of a folder's names, and the pictures of all other names."""

    there: dict[str, Standing]
    elsewhere: dict[str, Standing]

    @classmethod
    def of(cls, standings: Iterable[Standing], names: Collection[str]) -> "Survey":
        """Go through the photos that there are, for a folder with these names."""
        survey = cls({}, {})
        for standing in standings:
            if standing.name in names:
                survey.there[standing.name] = standing
            elif standing.upload:
                survey.elsewhere[standing.name] = standing
        return survey

    def upload(self, verdict: Verdict) -> Upload | None:
        """Return what is there under a file's name."""
        standing = self.there.get(verdict.name)
        return standing.upload if standing else None

    def has(self, verdict: Verdict) -> bool:
        """Say whether this very file is there, byte for byte."""
        upload = self.upload(verdict)
        return upload is not None and bool(verdict.md5) and (upload.md5, upload.size) == (verdict.md5, verdict.size)

    def is_settled(self, verdict: Verdict) -> bool:
        """Say whether this very file is there and was accepted."""
        return verdict.is_accepted and self.has(verdict) and self.there[verdict.name].outcome in WELL

    def refused(self) -> Iterator[tuple[Upload, Line]]:
        """Yield the pictures elsewhere that were rejected, each with its receipt."""
        for standing in self.elsewhere.values():
            if standing.upload and standing.own and standing.own.outcome == Outcome.REJECTED:
                yield standing.upload, standing.own
