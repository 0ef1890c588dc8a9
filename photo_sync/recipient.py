"""Whose photo a blob's name means in this tenant, and whether that photo may be touched at all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from photo_sync.guard import Guard
from photo_sync.people import Person, UserMatch
from photo_sync.target import Target


@dataclass(frozen=True, slots=True)
class Naming:
    """How files are named in this tenant: what must not be touched, whose `contacts/` are, and what `<user>` is."""

    guard: Guard
    contacts_mailbox: str | None
    user_match: UserMatch

    def recipient(self, name: str, person: Callable[[str], Person]) -> Target:
        """Return whose photo a blob's name means; `person` finds who has to be looked up.

        Raises `Rejected` for a name that means nobody, or somebody whose photo must not be touched, and whatever
        `person` raises.
        """
        target = self.read(name)
        if not self.asks_for_person(target):
            return target
        found = person(target.user)
        recipient = target.of_user(found.id)
        names = self._names(name, target, recipient, target.of_user(found.upn))
        self.guard.check_deny(names)
        self.guard.check_allow(names)
        return recipient

    def read(self, name: str) -> Target:
        """Return whose photo a blob's name means as far as it tells by itself: nobody is looked up.

        Raises `Rejected` likewise, but for what ALLOW says of a person who has to be looked up.
        """
        target = Target.parse(name, contacts_mailbox=self.contacts_mailbox).for_managed_identity()
        names = self._names(name, target)
        self.guard.check_deny(names)
        if not self.asks_for_person(target):
            self.guard.check_allow(names)
        return target

    def asks_for_person(self, target: Target) -> bool:
        """Say whether somebody has to be looked up to know whose photo it is."""
        return bool(target.user) and self.user_match is not UserMatch.ID

    def _names(self, name: str, *targets: Target) -> list[str]:
        """The name and all others that there are for the same photo, without extensions: a pattern may mean any."""
        alike = ("/".join(parts) for target in targets for parts in self._alike(target.parts))
        return [name.rpartition(".")[0], *alike]

    def _alike(self, parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """The resource and those that are the same one: a team is a group, and a contact's id says the folder too."""
        yield parts
        match parts:
            case ("groups", group):
                yield ("teams", group)
            case ("users", user, "contactFolders", _, "contacts", contact):
                yield from self._alike(("users", user, "contacts", contact))
            case ("users", user, "contacts", contact) if user.casefold() == (self.contacts_mailbox or "").casefold():
                yield ("contacts", contact)
