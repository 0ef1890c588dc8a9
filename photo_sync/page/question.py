"""What a request wants of the receipts: every parameter has its bound, and nothing else gets further."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from photo_sync.ledger import Line
from photo_sync.page.reply import Declined
from photo_sync.receipts import Outcome
from photo_sync.segment import LARGEST

_LONGEST: Final = {"search": 200, "prefix": 1_024, "after": 1_024, "name": 1_024, "etag": 100, "token": 4_000}
"""In characters; a blob's name has at most 1,024 (Microsoft Learn, "Naming and referencing containers")."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which part of the listing is wanted, and which lines of it.

    A part is at most `size` receipts from storage's `token` on, of names that begin with `prefix`. The lines wanted are
    of one of `outcomes`, any where it is empty, stand behind the name `after`, and hold `search`.
    """

    token: str = ""
    prefix: str = ""
    size: int = LARGEST
    outcomes: frozenset[str] = frozenset()
    search: str = ""
    after: str = ""

    @classmethod
    def read(cls, params: Mapping[str, str]) -> "Question":
        """Read a request's parameters; raises `Declined` for what they cannot be."""
        token, prefix, search, after = (text(params, name) for name in ("token", "prefix", "search", "after"))
        return cls(token, prefix, _size(params), _outcomes(params), search.strip().casefold(), after)

    def wants(self, line: Line) -> bool:
        """Say whether this line is one of those wanted: what is searched for stands in a name or is a reason's code."""
        if line.photo <= self.after or (self.outcomes and line.outcome not in self.outcomes):
            return False
        return not self.search or self.search in line.photo.casefold() or self.search in line.code


def text(params: Mapping[str, str], name: str) -> str:
    """Return a parameter, empty where it is missing; raises `Declined` where it is too long or cannot be read."""
    value = params.get(name, "")
    if len(value) > _LONGEST[name]:
        raise Declined(400, f"“{name}” has {len(value):,} characters; no more than {_LONGEST[name]:,} are read here.")
    if name in {"token", "etag"} and any(unicodedata.category(character) == "Cc" for character in value):
        raise Declined(400, f"“{name}” has a control character in it, which none has that was given out here.")
    return value


def photo_name(params: Mapping[str, str]) -> str:
    """Return the name of the file that is asked for; raises `Declined` where none is."""
    name = text(params, "name")
    if not name:
        raise Declined(400, "“name” must be the name of a file, such as users/ada@contoso.com.jpg.")
    return name


def _size(params: Mapping[str, str]) -> int:
    value = params.get("size", str(LARGEST))
    if not (value.isascii() and value.isdigit() and len(value) <= 4 and 1 <= int(value) <= LARGEST):
        raise Declined(400, f"“size” must be a whole number from 1 to {LARGEST}.")
    return int(value)


def _outcomes(params: Mapping[str, str]) -> frozenset[str]:
    named = frozenset(filter(None, params.get("outcome", "").split(",")))
    if not named <= set(Outcome):
        raise Declined(400, f"“outcome” must be one or more of {', '.join(Outcome)}, with commas between.")
    return named
