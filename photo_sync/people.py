"""People as upstream systems know them: by employee number, mail address or account name instead of the object id."""

from enum import StrEnum


class UserMatch(StrEnum):
    """What `<user>` in a name is, by the property's name in Microsoft Graph."""

    ID = "id"
    """Object id or UPN: nobody has to be looked up."""
    EMPLOYEE_ID = "employeeId"
    MAIL = "mail"
    SAM_ACCOUNT_NAME = "onPremisesSamAccountName"
