"""Names as they may stand in a sentence, whatever somebody has typed into them."""

import unicodedata
from typing import Final

INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's general categories of what cannot be seen or encoded."""

_LONGEST: Final = 200


def shown(name: str) -> str:
    """Return a name for a sentence: what cannot be seen or encoded is escaped, what is endless is cut."""
    visible = escaped(name)
    return visible if len(visible) <= _LONGEST else visible[: _LONGEST - 1] + "…"


def escaped(text: str) -> str:
    """Return a text in which what cannot be seen or encoded is escaped."""
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode() if unicodedata.category(character) in INVISIBLE else character
        for character in text
    )
