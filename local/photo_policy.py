"""The tenant's photo policy: where photos come from, and which roles may change other people's."""

from dataclasses import dataclass
from typing import Literal

from werkzeug.wrappers import Request, Response

from local.access import Claims, GraphError, permit
from local.server import answer

PATH = "/beta/admin/people/photoUpdateSettings"


@dataclass
class PhotoPolicy:
    """The policy as Graph tells it (Microsoft Learn, "photoUpdateSettings", beta); as it stands, nothing is set."""

    source: Literal["cloud", "onPremises"] | None = None
    allowed_roles: tuple[str, ...] = ()

    def respond(self, request: Request, claims: Claims) -> Response:
        """Tell the policy; raises `GraphError` for whoever may not read it, and for every other method."""
        permit(claims, "PeopleSettings.Read.All")
        if request.method != "GET":
            raise GraphError(405, "Request_BadRequest", "This method is not supported here.")
        return answer({"source": self.source, "allowedRoles": list(self.allowed_roles)})
