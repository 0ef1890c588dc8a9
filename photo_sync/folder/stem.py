"""A file's own name taken apart: what it says, and how it ends, which is often not how a picture should."""

import re
from typing import Final

from photo_sync.target import EXTENSIONS

_WRONG: Final = (
    ".jfif", ".jpe", ".jif", ".jfi", ".pjpeg", ".pjp", ".hif", ".heics", ".avif", ".apng", ".svg", ".pdf", ".docx",
    ".txt", ".crdownload",
)  # fmt: skip
# These may just as well be the end of a login: anna.bak.
_DOUBTFUL: Final = (".tmp", ".temp", ".bak", ".old", ".orig", ".part", ".raw", ".doc", ".dib")
_UPN: Final = re.compile(r"[^@\s/]+@(?!\dx\.)[^@\s/]+\.(?:[a-z]{2,}|xn--[a-z0-9-]+)", re.IGNORECASE)


def split(file: str) -> tuple[str, str]:
    """Return the stem of a file's own name, and its extension: all of it where there are several, or a wrong one.

    What may be a part of the stem is left to it: `anna.bak`, but not `anna.jpg.bak` or `anna@contoso.com.bak`.
    """
    stem = file
    while ending := next((known for known in (*EXTENSIONS, *_WRONG, *_DOUBTFUL) if stem.lower().endswith(known)), ""):
        rest = stem[: -len(ending)]
        is_last = stem == file and ending in _WRONG
        if not (ending in EXTENSIONS or is_last or is_upn(rest) or rest.lower().endswith(EXTENSIONS)):
            break
        stem = rest
    return stem, file[len(stem) :]


def is_doubtful(stem: str) -> bool:
    """Say whether a stem ends in what is an extension or a part of a name: nobody can know which."""
    return stem.lower().endswith((*_WRONG, *_DOUBTFUL))


def is_upn(stem: str) -> bool:
    """Say whether it is written as a UPN, or a mail address: `portrait@2x` and `ada@contoso.com.jpg` are none."""
    return _UPN.fullmatch(stem) is not None and not stem.lower().endswith((*EXTENSIONS, *_WRONG, *_DOUBTFUL))
