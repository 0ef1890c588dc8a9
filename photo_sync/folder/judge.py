"""Judges the files of a folder as the app would, and with the same words: the name first, then the picture."""

import base64
import hashlib
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from photo_sync.errors import Rejected
from photo_sync.folder.files import File
from photo_sync.folder.suggestion import EXTENSION_OF, suggest
from photo_sync.folder.verdict import Verdict
from photo_sync.photo import normalise
from photo_sync.recipient import Naming
from photo_sync.settings import Settings
from photo_sync.spelling import shown
from photo_sync.target import EXTENSIONS, Kind, Target

NameOf = Callable[[File], str]
"""What a file is called in the container; raises `Rejected` for one that is not to be uploaded at all."""

UNREADABLE: Final = "unreadable"
"""The code of a file that cannot be read here, and so cannot be uploaded."""

_GUARDED: Final = frozenset({"denied", "not-allowed"})  # codes for a photo that is not to be touched by any name


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with what it is about: the file's bytes and the JPEG, each empty where there is none."""

    verdict: Verdict
    data: bytes = b""
    jpeg: bytes = b""


def judge(
    file: File, settings: Settings, name_of: NameOf = File.name, *, is_settled: Callable[[Verdict], bool] | None = None
) -> Judged:
    """Say what would become of a file.

    A picture of which `is_settled` says so, by its name, size and MD5, is not looked at again.
    """
    verdict, naming = Verdict(file=str(file.path)), naming_of(settings)
    try:
        verdict = replace(verdict, name=name_of(file))
    except Rejected as refusal:
        return Judged(verdict.refused(refusal))
    (verdict, kind), data = _judge_name(verdict, naming), b""
    try:
        data = read(file.path, settings.max_upload_bytes)
        verdict = replace(verdict, size=len(data), md5=_md5(data))
        if is_settled is not None and is_settled(verdict):
            return Judged(verdict, data)
        photo = normalise(data, settings.recipe.of(kind))
    except Rejected as refusal:
        return Judged(verdict.refused(refusal), data)
    return Judged(_with_hint(verdict.with_photo(photo), naming), data, photo.jpeg)


def naming_of(settings: Settings) -> Naming:
    """Return how files are named in this tenant."""
    return Naming(settings.guard, settings.contacts_mailbox, settings.user_match)


def _judge_name(verdict: Verdict, naming: Naming) -> tuple[Verdict, Kind]:
    try:
        target = naming.read(verdict.name)
    except Rejected as refusal:
        return verdict.refused(refusal), "users"
    return replace(verdict, kind=target.kind, target=in_words(target, naming)), target.kind


def in_words(target: Target, naming: Naming) -> str:
    """Return whose photo it is: the path in Microsoft Graph, where it is known before somebody is looked up there."""
    if not naming.asks_for_person(target):
        return target.photo_path
    person = f"the person with the {naming.user_match} “{shown(target.user)}”"
    return f"the contact “{shown(target.id)}” of {person}" if target.kind == "contacts" else person


def read(path: Path, max_bytes: int) -> bytes:
    """Return a file's bytes; raises `Rejected` where it cannot be read, or has more of them."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise Rejected(
                UNREADABLE, "This is no file but a folder or a device behind a link. Put the file itself here."
            )
        if found.st_size > max_bytes:
            from photo_sync.storage import too_large

            raise too_large(found.st_size, max_bytes)
        return path.read_bytes()
    except OSError as error:
        raise Rejected(UNREADABLE, f"This file cannot be read: {error.strerror}.") from error


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def _with_hint(verdict: Verdict, naming: Naming) -> Verdict:
    """The verdict on a picture that is well, with what its file should be called if that name was not meant."""
    if verdict.code in _GUARDED:
        return verdict
    if not verdict.is_accepted:
        hint = suggest(
            verdict.name,
            lambda name: _is_accepted(name, naming),
            extension=EXTENSION_OF[verdict.source_format],
            user_match=naming.user_match,
        )
        return replace(verdict, suggestion=hint)
    stem, _, extension = verdict.name.rpartition(".")
    hint = f"{stem.rpartition('.')[0]}.{extension}"
    if not stem.lower().endswith(EXTENSIONS) or not _is_accepted(hint, naming):
        return verdict
    told = f"The name ends in two extensions, and “{shown(stem.rpartition('/')[2])}” is taken for the id."
    return replace(verdict, warning=f"{told} {verdict.warning}".strip(), suggestion=hint)


def _is_accepted(name: str, naming: Naming) -> bool:
    try:
        naming.read(name)
    except Rejected:
        return False
    return True
