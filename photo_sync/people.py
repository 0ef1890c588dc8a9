"""People as upstream systems know them: by employee number, mail address or account name instead of the object id."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from photo_sync.errors import Rejected
from photo_sync.spelling import shown


class UserMatch(StrEnum):
    """What `<user>` in a name is, by the property's name in Microsoft Graph."""

    ID = "id"
    """Object id or UPN: nobody has to be looked up."""
    EMPLOYEE_ID = "employeeId"
    MAIL = "mail"
    SAM_ACCOUNT_NAME = "onPremisesSamAccountName"

    @property
    def is_advanced(self) -> bool:
        """Whether Graph finds people by it as an advanced query only (Learn, "Advanced query capabilities")."""
        return self is UserMatch.SAM_ACCOUNT_NAME


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the tenant."""

    id: str
    upn: str


def query(match: UserMatch, value: str) -> str:
    """Return the path, below the Graph root, that asks for two of the people whose property has this value.

    In a filter an apostrophe is doubled, and then encoded (Microsoft Learn, "Query parameters").
    """
    doubled = value.replace("'", "''")
    condition = quote(f"{match} eq '{doubled}'", safe="")
    count = "&$count=true" if match.is_advanced else ""
    return f"/users?$filter={condition}&$select=id,userPrincipalName&$top=2{count}"


def only(people: Sequence[Person], match: UserMatch, value: str) -> Person:
    """Return the one person that there is; raises `Rejected` where there is none, or more than one."""
    if len(people) == 1:
        return people[0]
    if people:
        raise Rejected(
            "several-people",
            f"At least two people in Microsoft 365 have the {match} “{shown(value)}”, so whose photo this is cannot be "
            f"told. Give each of them another {match} there, then upload the file again, or run `photo-sync retry` "
            "for it.",
        )
    raise Rejected(
        "no-such-person",
        f"Nobody in Microsoft 365 has the {match} “{shown(value)}”, and USER_MATCH says that the file's name has it. "
        "Correct the file's name; if it is right, wait until the account is there, then upload the file again, or run "
        "`photo-sync retry` for it.",
    )
