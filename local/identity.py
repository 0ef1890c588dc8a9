"""A managed identity endpoint, as Azure gives an app: the real azure-identity asks it for tokens."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import jwt
from werkzeug.wrappers import Request, Response

from local.server import answer, serve

TENANT = "72f988bf-0000-4000-8000-2d7cd011db47"
CLIENT_ID = "11111111-aaaa-4000-8000-000000000001"
STORAGE = "https://storage.azure.com"
ROLES = ("Contacts.ReadWrite", "ProfilePhoto.ReadWrite.All")

_LIFETIME = 24 * 3600
_PATH = "/msi/token"


@dataclass
class Identity:
    """The tenant's token issuer, and the app's identity in it.

    `roles` are the Graph permissions granted to the app; taken away here, they are missing from the next token.
    """

    audiences: set[str] = field(default_factory=lambda: {STORAGE})
    roles: set[str] = field(default_factory=lambda: set(ROLES))
    key: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
    header: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    endpoint: str = ""

    @contextmanager
    def serving(self) -> Iterator["Identity"]:
        """Answer at `endpoint` inside the block."""
        with serve(Request.application(partial(_respond, self))) as url:
            self.endpoint = url + _PATH
            yield self

    def app_token(self, audience: str, *, lifetime: int = _LIFETIME) -> str:
        """Return the app's own token for one audience; roles are the ones granted right now."""
        return self._sign(audience, lifetime, {"roles": sorted(self.roles), "idtyp": "app"})

    def person_token(self, audience: str, person: str, scopes: str = "User.ReadWrite Contacts.ReadWrite") -> str:
        """Return a token for a signed-in person, by object id, who consented to these scopes."""
        return self._sign(audience, _LIFETIME, {"oid": person, "scp": scopes, "idtyp": "user"})

    def _sign(self, audience: str, lifetime: int, claims: dict[str, object]) -> str:
        now = int(time.time())
        claims = claims | {"uti": secrets.token_hex(8)}  # so that no two tokens are the same
        issued = {"aud": audience, "iss": f"https://sts.windows.net/{TENANT}/", "tid": TENANT, "appid": CLIENT_ID}
        times = {"iat": now - 60, "nbf": now - 60, "exp": now + lifetime}
        return jwt.encode({**issued, **times, **claims}, self.key, algorithm="HS256")


def _respond(identity: Identity, request: Request) -> Response:
    """App Service's managed identity protocol (Microsoft Learn, "Use managed identities", REST endpoint reference)."""
    asked = request.args
    if request.path != _PATH or request.method != "GET":
        return _refusal(404, "There is nothing at this address.")
    if not secrets.compare_digest(request.headers.get("X-IDENTITY-HEADER", "").encode(), identity.header.encode()):
        return _refusal(401, "The secret header is missing or wrong.")
    if asked.get("api-version") != "2019-08-01":
        return _refusal(400, "The API version must be 2019-08-01.")
    if asked.get("client_id") != CLIENT_ID:
        return _refusal(400, "No managed identity of this app has that client id.")
    if (resource := asked.get("resource", "")) not in identity.audiences:
        return _refusal(400, f"There is no resource {resource!r} in this tenant.")
    expires = int(time.time()) + _LIFETIME
    token = identity.app_token(resource)
    return answer({"access_token": token, "expires_on": str(expires), "resource": resource, "token_type": "Bearer"})


def _refusal(status: int, message: str) -> Response:
    return answer({"statusCode": status, "message": message}, status)
