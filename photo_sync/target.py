"""A blob's name says whose photo it is: names are read here, and turned into the one Graph path they mean."""

import unicodedata
from dataclasses import dataclass, replace
from typing import Final, Literal
from urllib.parse import quote

from photo_sync.errors import Rejected
from photo_sync.spelling import INVISIBLE, shown

Kind = Literal["users", "groups", "teams", "contacts", "me"]

EXTENSIONS: Final = (
    ".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """One row of the names table: `<…>` stands for an id, everything else is a fixed word."""

    name: str
    kind: Kind
    elsewhere: str = ""
    """The Graph path, where it is not simply the name."""

    @property
    def graph(self) -> str:
        """The path below the Graph root."""
        return self.elsewhere or f"/{self.name}"


SHAPES: Final = (
    Shape("users/<user>", "users"),
    Shape("groups/<group>", "groups"),
    # A team's photo is its group's: /teams refuses or fails for apps (microsoft-graph-docs-contrib#380).
    Shape("teams/<team>", "teams", elsewhere="/groups/<team>"),
    Shape("users/<user>/contacts/<contact>", "contacts"),
    Shape("users/<user>/contactFolders/<folder>/contacts/<contact>", "contacts"),
    Shape("contacts/<contact>", "contacts", elsewhere="/users/<mailbox>/contacts/<contact>"),
    Shape("me", "me"),
    Shape("me/contacts/<contact>", "contacts"),
    Shape("me/contactFolders/<folder>/contacts/<contact>", "contacts"),
)

_EXAMPLES: Final = "users/ada@contoso.com.jpg, groups/<group id>.jpg, teams/<team id>.jpg or contacts/<contact id>.jpg"


@dataclass(frozen=True, slots=True)
class Target:
    """The one Graph resource that a photo belongs to."""

    kind: Kind
    id: str
    """The id as the name spells it: the last one, so the contact's where there are several."""
    owner: str
    """Whose mailbox a contact is in; empty for every other kind, and for the signed-in person's own contacts."""
    user: str
    """Who `<user>` in the name is, as it spells it; empty where it has none."""
    parts: tuple[str, ...]
    """The Graph resource part by part, nothing encoded: `users`, `ada@contoso.com`."""

    @classmethod
    def parse(cls, name: str, *, contacts_mailbox: str | None = None) -> "Target":
        """Read a blob's name, such as `users/ada@contoso.com.jpg`.

        Kinds and fixed words match without regard to case; ids keep theirs. `contacts_mailbox` is the mailbox that
        `contacts/<contact>.jpg` means.

        Raises `Rejected`, with a sentence that says what to name the file instead.
        """
        parts = _without_extension(name).split("/")
        for part in parts:
            _check_part(name, part)
        shape, ids = _match(name, parts)
        if "<mailbox>" in shape.graph:
            ids["mailbox"] = _check_mailbox(name, contacts_mailbox)
        return cls(
            kind=shape.kind,
            id=parts[-1] if ids else "",
            owner=ids.get("mailbox", ids.get("user", "")) if "contact" in ids else "",
            user=ids.get("user", ""),
            parts=tuple(ids.get(word.strip("<>"), word) for word in shape.graph.strip("/").split("/")),
        )

    @property
    def photo_path(self) -> str:
        """The path below the Graph root, ids percent-encoded: `/users/ada%40contoso.com/photo/$value`."""
        return "".join(map(_segment, self.parts)) + "/photo/$value"

    def of_user(self, id_: str) -> "Target":
        """Return this target with its user as Graph knows it, where the name spells it otherwise."""
        return replace(self, parts=("users", id_, *self.parts[2:]))

    def for_managed_identity(self) -> "Target":
        """Return this target where an app without a signed-in person can reach it; raises `Rejected` otherwise."""
        if self.photo_path.startswith("/me/"):
            raise Rejected(
                "needs-sign-in",
                "`me` is whoever is signed in, and nobody is when a file is dropped. "
                "Name the file after the person instead, users/<id or UPN>.jpg, "
                "or set your own photo with `photo-sync put me <file>`.",
            )
        return self


def _without_extension(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if dot and f".{extension}".lower() in EXTENSIONS:
        return stem
    raise Rejected(
        "unknown-extension",
        f"The name “{shown(name)}” does not end in a picture's extension. "
        f"End it in one of {', '.join(EXTENSIONS)}; what stands before that is the id.",
    )


def _check_part(name: str, part: str) -> None:
    given = shown(name)
    if hidden := [character for character in part if unicodedata.category(character) in INVISIBLE]:
        raise Rejected(
            "invisible-character",
            f"The name “{given}” has an invisible character in it (U+{ord(hidden[0]):04X}). "
            "Type the name anew instead of pasting it.",
        )
    if not part.strip():
        raise Rejected(
            "empty-part",
            f"A part of the name “{given}” is empty: an id or a folder is missing. Name the file like {_EXAMPLES}.",
        )
    if part in {".", ".."}:
        raise Rejected("dots-only", f"“{part}” in the name “{given}” is not an id. Name the file like {_EXAMPLES}.")
    if part != part.strip():
        raise Rejected(
            "surrounding-space",
            f"The name “{given}” has a space before or after “{shown(part.strip())}”. Take it out of the file's name.",
        )
    if "\\" in part:
        raise Rejected("backslash", f"The name “{given}” has a “\\” in it. Put “/” between folders instead.")


def _match(name: str, parts: list[str]) -> tuple[Shape, dict[str, str]]:
    for shape in SHAPES:
        ids = _ids(shape.name.split("/"), parts)
        if ids is not None:
            return shape, ids
    first = parts[0].lower()
    rows = [f"{shape.name}.jpg" for shape in SHAPES if shape.name.split("/")[0] == first]
    if len(parts) == 1 and not rows:
        raise Rejected(
            "no-folder",
            f"“{shown(name)}” is in no folder, and the folder says whose photo it is. Put it into users/, groups/, "
            f"teams/ or contacts/, as in users/{shown(name)}.",
        )
    if not rows:
        raise Rejected(
            "unknown-kind",
            f"“{shown(parts[0])}” is not a kind of photo. Name the file like {_EXAMPLES}.",
        )
    raise Rejected(
        "wrong-parts",
        f"The name “{shown(name)}” does not fit. "
        f"What starts with “{first}” is named {' or '.join(rows)}; an id must not have a “/” in it.",
    )


def _ids(words: list[str], parts: list[str]) -> dict[str, str] | None:
    """The ids that stand where the shape's words have `<…>`, or None where a fixed word differs."""
    if len(words) != len(parts):
        return None
    pairs = list(zip(words, parts, strict=True))
    if any(word.lower() != part.lower() for word, part in pairs if not word.startswith("<")):
        return None
    return {word.strip("<>"): part for word, part in pairs if word.startswith("<")}


def _check_mailbox(name: str, mailbox: str | None) -> str:
    if mailbox:
        _check_part(name, mailbox)
        return mailbox
    raise Rejected(
        "no-contacts-mailbox",
        f"“{shown(name)}” does not say in whose mailbox the contact is. "
        "Name the file users/<mailbox's UPN>/contacts/<contact id>.jpg, or set CONTACTS_MAILBOX to that mailbox.",
    )


def _segment(part: str) -> str:
    """A part of a Graph path, percent-encoded whole.

    An id that starts with `$` would be read as a query option: it takes OData's quoted form, `/users('$x@y.com')`
    (Microsoft Learn, "Get a user").
    """
    if part.startswith("$"):
        return "('" + quote(part.replace("'", "''"), safe="") + "')"
    return "/" + quote(part, safe="")
