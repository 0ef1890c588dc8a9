"""Whose photos must never be touched: the app's permission reaches everybody in the tenant, administrators too."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import unquote

from photo_sync.errors import Rejected
from photo_sync.spelling import INVISIBLE, shown
from photo_sync.target import EXTENSIONS, SHAPES


@dataclass(frozen=True, slots=True)
class Guard:
    """The names that are allowed, all where there are none, and those that are denied, which wins.

    A pattern is a name without its extension. `*` stands for any characters of one part, `?` for a single one, and
    what stands for a folder stands for all that is in it: `users/ada*` means these people's contacts too.
    """

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()

    @property
    def misses_object_ids(self) -> bool:
        """Whether DENY names people otherwise than by object id, and nothing keeps a file from naming them by that."""
        people = [
            parts[1] for pattern in self.deny if (parts := pattern.split("/"))[0].lower() == "users" and parts[1:]
        ]
        return not self.allow and any(person != "*" and not _is_object_id(person) for person in people)

    def check_deny(self, names: Sequence[str]) -> None:
        """Raise `Rejected` where a photo with any of these names is denied; the first name is the one it was given.

        What is spelled a little differently is denied as well: with accents, in full width, percent-encoded, with a dot
        at its end, in quotes. Nobody outside knows for sure what Graph takes for the same.
        """
        if pattern := _first(self.deny, names, _strictly) or _first(self.deny, map(_bare, names), _loosely):
            raise Rejected(
                "denied",
                f"The photo of “{shown(names[0])}” is never touched: DENY has “{pattern}”. Take the file away, or have "
                "that pattern changed.",
            )

    def check_allow(self, names: Sequence[str]) -> None:
        """Raise `Rejected` where no pattern allows a photo by any of its names; only capitals do not count."""
        if self.allow and not _first(self.allow, names, _strictly):
            raise Rejected(
                "not-allowed",
                f"The photo of “{shown(names[0])}” is not touched: no pattern in ALLOW means it. Name the file as one "
                "of them wants it, or have another one added.",
            )


def _is_object_id(text: str) -> bool:
    return re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text, re.IGNORECASE) is not None


def is_possible(pattern: str) -> bool:
    """Say whether there can be a name that a pattern means."""
    parts = pattern.split("/")
    if pattern.lower().endswith(EXTENSIONS) or "\\" in pattern or any(part != part.strip() for part in parts):
        return False
    if any(unicodedata.category(character) in INVISIBLE for character in pattern):
        return False
    return any(_leads(pattern, shape.name.split("/")) for shape in SHAPES if not shape.graph.startswith("/me"))


def _leads(pattern: str, words: list[str]) -> bool:
    parts = pattern.lower().split("/")
    pairs = zip(parts, words, strict=False)
    return len(parts) <= len(words) and all(
        part if word.startswith("<") else _fits(part, word.lower()) for part, word in pairs
    )


def _first(patterns: Iterable[str], names: Iterable[str], fold: Callable[[str], str]) -> str | None:
    """The first pattern that means one of the names."""
    folded = [[fold(part) for part in name.split("/")] for name in names]
    return next((pattern for pattern in patterns if any(_means(pattern, name, fold) for name in folded)), None)


def _means(pattern: str, name: list[str], fold: Callable[[str], str]) -> bool:
    parts = [fold(part) for part in pattern.split("/")]
    return len(parts) <= len(name) and all(map(_fits, parts, name))


def _fits(pattern: str, part: str) -> bool:
    return fnmatchcase(part, pattern.replace("[", "[[]"))


def _strictly(part: str) -> str:
    return unicodedata.normalize("NFC", part).lower()


def _loosely(part: str) -> str:
    """A part without capitals, accents, and whatever else is a character's form only."""
    letters = unicodedata.normalize("NFKD", part).casefold()
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")


def _bare(name: str) -> str:
    """A name decoded as often as it can be, its parts without what stands around them."""
    while (decoded := unquote(name)) != name:
        name = decoded
    return "/".join(_loosely(part).strip("\"'(). ") for part in name.split("/"))
