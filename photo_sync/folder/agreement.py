"""What only shows in the files of a folder together: two for the same photo, and hints that would lead to two."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from photo_sync.errors import Rejected
from photo_sync.folder.verdict import Verdict
from photo_sync.spelling import shown

CONFLICT: Final = "conflict"
"""The code of a file that is not the only one for its photo."""

# What Azure Storage cannot keep or list, or takes for another name (Microsoft Learn, "Naming and referencing
# containers, blobs, and metadata"; XML 1.0, 2.2).
_NOT_STORABLE: Final = re.compile("[\x00-\x1f\x7f\\\\\ud800-\udfff\ufffe\uffff]|\\.(?:/|$)|.{1025}", re.DOTALL)


def agreed(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts on a folder's files once they are seen together: what cannot go up is refused."""
    return _without_vain_hints(_without_conflicts([_storable(verdict) for verdict in verdicts]))


def is_storable(name: str) -> bool:
    """Say whether storage can keep a file of that name."""
    return not _NOT_STORABLE.search(name)


def _storable(verdict: Verdict) -> Verdict:
    if not verdict.is_accepted or is_storable(verdict.name):
        return verdict
    reason = (
        "Azure Storage cannot keep a file of this name: it is too long, or has a character that is no letter in it."
    )
    return replace(verdict.refused(Rejected("not-storable", f"{reason} Rename it.")), suggestion="")


def _without_conflicts(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts, but of several files for the same photo none is accepted: which one counts nobody can say."""
    same = defaultdict[str, dict[str, None]](dict)
    for verdict in verdicts:
        same[_key(verdict)][verdict.file] = None
    return [
        _in_conflict(verdict, next(other for other in same[key] if other != verdict.file))
        if verdict.name and len(same[key := _key(verdict)]) > 1
        else verdict
        for verdict in verdicts
    ]


def _in_conflict(verdict: Verdict, other: str) -> Verdict:
    told = f"“{shown(other)}” is for the same photo. Keep one of them in the folder: which one counts is not guessed."
    return replace(verdict, code=CONFLICT, reason=told, besides=verdict.reason, suggestion="")


def _key(verdict: Verdict) -> str:
    """What two files for the same photo share: whose it is, or a name that is refused."""
    whose = verdict.target or verdict.name
    return whose if verdict.kind == "contacts" else whose.lower()  # only a contact's id minds its case


def _without_vain_hints(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts without the suggestions that would only make a conflict."""
    taken = Counter(own for verdict in verdicts for own in {_stem(verdict.name), _stem(verdict.suggestion)})
    return [
        replace(verdict, suggestion="") if verdict.suggestion and taken[_stem(verdict.suggestion)] > 1 else verdict
        for verdict in verdicts
    ]


def _stem(name: str) -> str:
    """A name as it is compared: two files that differ in case or extension alone are for the same photo."""
    return name.rpartition(".")[0].lower()
