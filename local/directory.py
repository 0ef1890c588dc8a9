"""The people, groups and contacts of a tenant, kept in memory, each with the photo it has."""

import hashlib
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

Kind = Literal["user", "group", "contact"]


@dataclass
class Entry:
    """Somebody or something with a photo; `detail` is the line below the name on the page."""

    kind: Kind
    id: str
    name: str
    detail: str = ""
    has_mailbox: bool = True
    upn: str = ""
    mail: str = ""
    employee_id: str = ""
    on_premises_sam_account_name: str = ""
    photo: bytes | None = field(default=None, repr=False)
    etag: str = ""
    """The photo's; weak, and another one after every PUT, even of the same bytes."""
    changed: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def put(self, jpeg: bytes) -> None:
        """Give this entry a new photo."""
        with self._lock:
            self.photo, self.etag, self.changed = jpeg, f'W/"{uuid.uuid4().hex}"', datetime.now(UTC)

    def delete(self, etag: str = "*") -> bool:
        """Take the photo away if it still has this ETag, or whatever it has for `*`; says whether it did."""
        with self._lock:
            if etag not in {"*", self.etag}:
                return False
            self.photo, self.changed = None, datetime.now(UTC)
            return True

    @property
    def sha256(self) -> str:
        """The SHA-256 of the photo, empty where there is none."""
        return hashlib.sha256(self.photo).hexdigest() if self.photo else ""


class Directory:
    """A tenant's directory; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._by_key: dict[tuple[str, ...], Entry] = {}

    def add_user(self, upn: str, name: str, detail: str = "", *, has_mailbox: bool = True) -> Entry:
        """Add a person, known by object id and by UPN."""
        entry = Entry("user", _id(upn), name, detail or upn, has_mailbox, upn)
        return self._add(entry, ("users", entry.id), ("users", upn.lower()))

    def add_group(self, id_: str, name: str, detail: str = "Group") -> Entry:
        """Add a group, or a team: they share the id and the photo."""
        return self._add(Entry("group", id_, name, detail), ("groups", id_))

    def add_contact(self, owner: Entry, id_: str, name: str, *, folder: str = "") -> Entry:
        """Add a contact to a person's mailbox, in the default folder or in one named by its id."""
        entry = Entry("contact", id_, name, f"Contact of {owner.name}")
        return self._add(entry, ("contacts", owner.id, folder, id_))

    def user(self, id_: str) -> Entry | None:
        """Return the person with this object id or UPN; neither minds its case."""
        return self._by_key.get(("users", id_.lower()))

    def known_user(self, id_: str) -> Entry:
        """Return a person who is there for sure; raises `KeyError` otherwise."""
        return self._by_key["users", id_.lower()]

    def group(self, id_: str) -> Entry | None:
        """Return the group with this id."""
        return self._by_key.get(("groups", id_.lower()))

    def contact(self, owner: Entry, folder: str, id_: str) -> Entry | None:
        """Return the contact with this id, whose case counts, in that folder."""
        return self._by_key.get(("contacts", owner.id, folder, id_))

    def entry(self, id_: str) -> Entry | None:
        """Return whoever has this very id."""
        return next((entry for entry in self if entry.id == id_), None)

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter(self._entries.copy())

    def _add(self, entry: Entry, *keys: tuple[str, ...]) -> Entry:
        with self._lock:
            self._entries.append(entry)
            self._by_key.update(dict.fromkeys(keys, entry))
        return entry


def _id(upn: str) -> str:
    """An object id that is the same on every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, upn))


TEAM = "6e6f5a2e-0c1d-4f7b-9a55-3b1f0f6a7c01"
GROUP = "0d9a3c52-7a44-4a51-8a0e-52c0a4c8b6ef"
CONTACT = "AAMkAGI2TGuLAAA="
FOLDER = "AAMkAGI2TGuMAAA="
FOLDER_CONTACT = "AAMkAGI2TGuNAAA="

_PEOPLE = (
    ("ada@contoso.com", "Ada Lovelace", "Analyst"),
    ("grace@contoso.com", "Grace Hopper", "Compilers"),
    ("alan@contoso.com", "Alan Turing", "Research"),
    ("katherine@contoso.com", "Katherine Johnson", "Flight Dynamics"),
    ("linus@contoso.com", "Linus Pauling", "Chemistry"),
    ("mary.o'neill@contoso.com", "Mary O'Neill", "Legal"),
    ("josé@contoso.com", "José Núñez", "Design"),
    ("adele_fabrikam.com#EXT#@contoso.onmicrosoft.com", "Adele Vance", "Guest from Fabrikam"),
    ("tim@contoso.com", "Tim Berners-Lee", "Web"),
    ("radia@contoso.com", "Radia Perlman", "Networks"),
    ("hedy@contoso.com", "Hedy Lamarr", "Radio"),
)


def contoso() -> Directory:
    """Return the sample tenant that the demo shows."""
    directory = Directory()
    for number, (upn, name, title) in enumerate(_PEOPLE, 1001):
        person = directory.add_user(upn, name, title)
        person.employee_id, person.mail = f"E{number}", f"{name.lower().replace(' ', '.')}@contoso.com"
        person.on_premises_sam_account_name = upn.partition("@")[0]
    guest = directory.known_user(_PEOPLE[7][0])
    guest.mail, guest.employee_id, guest.on_premises_sam_account_name = "adele@fabrikam.com", "", ""
    directory.add_user("reception@contoso.com", "Reception", "No mailbox", has_mailbox=False)
    directory.add_group(GROUP, "Engineering", "Group")
    directory.add_group(TEAM, "Launch 2027", "Team")
    ada = directory.known_user("ada@contoso.com")
    directory.add_contact(ada, CONTACT, "Charles Babbage")
    directory.add_contact(ada, FOLDER_CONTACT, "Mary Somerville", folder=FOLDER)
    return directory
