"""Graph's list of users, filtered by one property: how people are found whom upstream systems know by a number."""

import re

from werkzeug.wrappers import Request, Response

from local.access import Claims, GraphError, permit
from local.directory import Directory, Entry
from local.server import answer

PATH = "/v1.0/users"

PROPERTIES = {
    "id": "id",
    "userPrincipalName": "upn",
    "employeeId": "employee_id",
    "mail": "mail",
    "onPremisesSamAccountName": "on_premises_sam_account_name",
}
"""What Graph calls a person's properties, and where the directory keeps each."""

_FILTER = re.compile(r"(\w+) eq '((?:[^']|'')*)'")
_ADVANCED = {"onPremisesSamAccountName"}  # Microsoft Learn, "Advanced query capabilities on directory objects"
_OPTIONS = {"$filter", "$select", "$top", "$count"}


def respond(directory: Directory, request: Request, claims: Claims) -> Response:
    """Answer `GET /users?$filter=<property> eq '<value>'`; raises `GraphError` for everything else."""
    permit(claims, "User.Read.All")  # what User.ReadBasic.All shows has none of the numbers and account names
    if request.method != "GET":
        raise GraphError(405, "Request_BadRequest", "This method is not supported here.")
    if unknown := set(request.args) - _OPTIONS:
        raise GraphError(400, "BadRequest", f"The query option {min(unknown)} is not known here.")
    name, value = _condition(request)
    hits = [entry for entry in directory if entry.kind == "user" and _property(entry, name).lower() == value]
    count = {"@odata.count": len(hits)} if request.args.get("$count") == "true" else {}
    return answer({**count, "value": [_selected(user, request) for user in hits[: _top(request)]]})


def _condition(request: Request) -> tuple[str, str]:
    """The property that is filtered by, and the value that it must have, in lower case: Graph does not mind it."""
    match = _FILTER.fullmatch(request.args.get("$filter", ""))
    if match is None or match[1] not in PROPERTIES or not match[2]:
        raise GraphError(400, "Request_BadRequest", "Invalid filter clause.")
    asked = (request.headers.get("ConsistencyLevel"), request.args.get("$count"))
    if match[1] in _ADVANCED and asked != ("eventual", "true"):
        raise GraphError(400, "Request_UnsupportedQuery", f"Unsupported query: {match[1]} is filtered by.")
    return match[1], match[2].replace("''", "'").lower()


def _property(user: Entry, name: str) -> str:
    return str(getattr(user, PROPERTIES[name]))


def _selected(user: Entry, request: Request) -> dict[str, str | None]:
    names = request.args.get("$select", "id,userPrincipalName").split(",")
    if unknown := [name for name in names if name not in PROPERTIES]:
        raise GraphError(400, "BadRequest", f"Could not find a property named '{unknown[0]}'.")
    return {name: _property(user, name) or None for name in names}


def _top(request: Request) -> int:
    top = request.args.get("$top", "100")
    if not re.fullmatch("[1-9][0-9]{0,2}", top):
        raise GraphError(400, "Request_BadRequest", f"Invalid value '{top}' for $top.")
    return int(top)
