"""What an upload of a folder will do, decided before anything is sent: file by file, and what was renamed since."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from photo_sync.folder.agreement import CONFLICT, agreed, is_storable
from photo_sync.folder.survey import Survey
from photo_sync.folder.verdict import Verdict
from photo_sync.receipts import Outcome
from photo_sync.spelling import shown
from photo_sync.target import EXTENSIONS

OF_NAMES: Final = frozenset(
    {
        "unknown-kind",
        "no-folder",
        "wrong-parts",
        "empty-part",
        "unknown-extension",
        "surrounding-space",
        "invisible-character",
        "backslash",
        "dots-only",
    }
)
"""The codes by which `target.py` refuses a name that is nobody's, whatever the picture is and the settings are."""


class Action(StrEnum):
    """What is done with a file."""

    UPLOAD = "upload"
    REPLACE = "replace"
    """It is uploaded in the place of another picture."""
    KEEP = "keep"
    """It is there already, byte for byte."""
    LEAVE = "leave"
    """It is not uploaded."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is done with one file; `etag` is that of what is there under its name, and `uploaded` when that was."""

    verdict: Verdict
    action: Action
    etag: str = ""
    uploaded: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """A photo that was refused, and whose file has another name now: the old blob is deleted."""

    old: str
    new: str
    etag: str
    """Of the old one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole upload."""

    steps: Sequence[Step]
    renames: Sequence[Rename]

    def count(self, action: Action) -> int:
        """Return with how many files this is done."""
        return sum(step.action == action for step in self.steps)

    @property
    def uploads(self) -> list[Step]:
        """What is sent, be it new or in the place of another picture."""
        return [step for step in self.steps if step.action in {Action.UPLOAD, Action.REPLACE}]

    @property
    def refused(self) -> int:
        """How many files that are uploaded or there will be refused, or were."""
        return sum(step.action != Action.LEAVE and not step.verdict.is_accepted for step in self.steps)

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do."""
        return not self.renames and not self.uploads


def plan(verdicts: Iterable[Verdict], survey: Survey, *, matched_only: bool = False) -> Plan:
    """Decide what is done with each file; with `matched_only`, nothing that will be refused is uploaded."""
    others = _others(survey)
    steps = [_step(_looked_at(verdict, others), survey, matched_only=matched_only) for verdict in agreed(verdicts)]
    return Plan(steps, list(_renames(steps, survey)))


def _step(verdict: Verdict, survey: Survey, *, matched_only: bool) -> Step:
    is_out = not verdict.name or not verdict.md5 or verdict.code == CONFLICT or not is_storable(verdict.name)
    if is_out or (matched_only and not verdict.is_accepted):
        return Step(verdict, Action.LEAVE)
    upload = survey.upload(verdict)
    if upload is None:
        return Step(verdict, Action.UPLOAD)
    return Step(verdict, Action.KEEP if survey.has(verdict) else Action.REPLACE, upload.etag, upload.uploaded)


def _photo(name: str) -> str:
    """What the names of files for the same photo share; empty where a name has no picture's extension.

    Only a contact's id minds its case.
    """
    if not name.lower().endswith(EXTENSIONS):
        return ""  # “users/john.smith” is not another file for “users/john.jpg”
    stem = name.rpartition(".")[0]
    return stem if "contacts" in stem.lower().split("/")[:-1] else stem.lower()


def _others(survey: Survey) -> dict[str, str]:
    """The names of the pictures that are there but not in the folder, and were not refused, by whose photo it is."""
    return {_photo(name): name for name, other in survey.elsewhere.items() if other.outcome != Outcome.REJECTED}


def _looked_at(verdict: Verdict, others: Mapping[str, str]) -> Verdict:
    """The verdict with a warning where another file for the same photo is there."""
    other = others.get(_photo(verdict.name))
    if other is None or not verdict.is_accepted:
        return verdict
    told = f"“{shown(other)}” is there already for the same photo; the one that is sent last stays."
    return replace(verdict, warning=f"{told} Take one of them away. {verdict.warning}".strip())


def _renames(steps: Sequence[Step], survey: Survey) -> Iterator[Rename]:
    """What was refused, and is in the folder by another name now.

    That is so where another file took its place for the same photo. By its bytes it is only where its name was refused,
    and the same bytes are nowhere else: many people may have the same silhouette.
    """
    new = [step.verdict for step in steps if step.verdict.is_accepted and step.action != Action.LEAVE]
    photos = {_photo(verdict.name): verdict.name for verdict in new}
    pictures = {(verdict.md5, verdict.size): verdict.name for verdict in new}
    here = Counter((verdict.md5, verdict.size) for verdict in new)
    there = Counter((other.upload.md5, other.upload.size) for other in survey.elsewhere.values() if other.upload)
    for upload, line in survey.refused():
        now, key = photos.get(_photo(upload.name), ""), (upload.md5, upload.size)
        if line.code in OF_NAMES and here[key] == there[key] == 1:
            now = now or pictures[key]
        if now:
            yield Rename(upload.name, now, upload.etag)
