"""What a file that is named wrong should be called: the same name in the right form, or none where it is in doubt.

Whoever follows a suggestion gives somebody a face. So none ever drops or changes an id, a mailbox or a kind.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

from photo_sync.folder.stem import is_doubtful, is_upn, split
from photo_sync.people import UserMatch
from photo_sync.target import EXTENSIONS, SHAPES

EXTENSION_OF: Final = {
    "JPEG": ".jpg", "PNG": ".png", "WebP": ".webp", "GIF": ".gif", "BMP": ".bmp", "TIFF": ".tif", "HEIC": ".heic",
}  # fmt: skip
"""How the name of a file of each format should end."""

_MEANT: Final = {
    "users": ("user", "people", "person", "persons", "employee", "employees", "staff", "member", "members", "upn"),
    "groups": ("group",),
    "teams": ("team",),
    "contacts": ("contact",),
    "contactfolders": ("contactfolder",),
}
_OBJECT_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PORTRAIT: Final = "photo|picture|portrait|profile|avatar|headshot|image|img|foto|bild|pic"
_NUMBERED: Final = r"(?:[ _-]*\d+)?"
_OF_FOLDER: Final = re.compile(f"(?:{_PORTRAIT})?{_NUMBERED}", re.IGNORECASE)
_NO_ID: Final = re.compile(
    rf"(?:{_PORTRAIT}|dsc[nf]?|pxl|scan|screenshot|logo|download|unnamed|untitled|group|team|me){_NUMBERED}",
    re.IGNORECASE,
)


def suggest(name: str, accepts: Callable[[str], bool], *, extension: str, user_match: UserMatch = UserMatch.ID) -> str:
    """Return what a refused name was meant to be, itself accepted; empty where that is in doubt.

    `extension` is that of the format that the file has, `user_match` says what people are named by.
    """
    parts = _clean(name)
    if not parts or "me" in map(str.lower, parts):
        return ""
    stem, ending = _split(parts[-1], extension)
    for placed in _places(parts[:-1], stem, user_match) if ending else ():
        candidate = "/".join(placed) + ending
        if candidate != name and _may_be_id(placed[-1]) and accepts(candidate):
            return candidate
    return ""


def _clean(name: str) -> list[str]:
    """The parts of a name without what takes no room, spaces around them, and folders of no name.

    What is only not shown (a control character, a byte that is no letter) may stand for a letter, so it stays.
    """
    visible = "".join(letter for letter in name if unicodedata.category(letter) != "Cf")
    parts = [part.strip() for part in visible.replace("\\", "/").split("/")]
    kept = [part for part in parts if part not in {"", ".", ".."}]
    if not kept:
        return []
    stem, dot, extension = kept[-1].rstrip(". ").rpartition(".")
    return [*kept[:-1], stem.rstrip() + dot + extension.lstrip()]


def _split(file: str, extension: str) -> tuple[str, str]:
    """The file's stem, and how its name was meant to end; nothing where that is in doubt."""
    stem, written = split(file)
    if not written and is_doubtful(stem):
        return stem, ""
    right = [f".{ending}" for ending in written.split(".") if f".{ending}".lower() in EXTENSIONS]
    return stem.rstrip(". "), right[-1] if right else extension


def _places(folders: list[str], stem: str, user_match: UserMatch) -> Iterator[list[str]]:
    """The folders in which the file may have been meant to be, with its stem or what stands for it."""
    parts = [*folders, stem]
    for first, folder in enumerate(folders):
        kind = _kind(folder)
        is_whole = not first or kind != "contacts"  # what stands before contacts may be the mailbox
        if kind and is_whole and all(_is_plain(part, kind) for part in folders[:first]):
            yield from _mended(parts[first:])
    if user_match in {UserMatch.ID, UserMatch.MAIL}:
        yield from _of_person(folders, stem)
    elif not folders and "@" not in stem and len(stem.split()) == 1:
        yield ["users", stem]


def _of_person(folders: list[str], stem: str) -> Iterator[list[str]]:
    """The name of a person's photo, where either the file or the folder that it is in is named by that person."""
    if is_upn(stem) and all(_is_plain(folder, "users") for folder in folders):
        yield ["users", stem]
    elif folders and is_upn(owner := folders[-1]) and all(_is_plain(folder, "users") for folder in folders[:-1]):
        is_of_owner = stem.lower() in {owner.lower(), owner.lower().partition("@")[0]}
        if is_of_owner or _OF_FOLDER.fullmatch(stem):
            yield ["users", owner]


def _mended(parts: list[str]) -> Iterator[list[str]]:
    """The same with its fixed words as they are spelt, for each shape of that many parts."""
    for shape in SHAPES:
        words = shape.name.split("/")
        if len(words) == len(parts):
            pairs = list(zip(words, parts, strict=True))
            if all(word.startswith("<") or _kind(part) == word.lower() for word, part in pairs):
                yield [part if word.startswith("<") else word for word, part in pairs]


def _kind(word: str) -> str:
    """The fixed word that was meant; empty where it was none."""
    return _KIND_OF.get(word.lower(), "")


def _is_plain(folder: str, kind: str) -> bool:
    """Whether a folder only keeps files together: it names nobody, and speaks of no other kind."""
    kinds = {_kind(word) for word in re.findall(r"[^\W\d_]+", folder)}
    return "@" not in folder and not _OBJECT_ID.fullmatch(folder) and kinds <= {"", kind}


def _may_be_id(stem: str) -> bool:
    """Whether it says more than that it is a picture; what has an “@” must be a whole address."""
    return not _NO_ID.fullmatch(stem) and ("@" not in stem or is_upn(stem))


def _slips(word: str) -> Iterator[str]:
    """A word with one slip of the fingers: a letter left out, typed twice, or before the one that it belongs after.

    With any other letter it may be another word: terms, contracts.
    """
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[: at + 1] + word[at:]
        yield word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


_KIND_OF: Final = {slip: kind for kind in _MEANT for slip in _slips(kind)} | {
    word: kind for kind, words in _MEANT.items() for word in (kind, *words)
}
