"""What a token allows in Microsoft Graph, as it says of itself: nothing is decided by that, so nothing is verified."""

import base64
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Permissions:
    """The permissions in a token: an app's roles, or what a signed-in person has consented to."""

    granted: frozenset[str]
    is_of_person: bool

    @classmethod
    def of(cls, token: str) -> "Permissions | None":
        """Read them from an access token; None where it is none that can be read (Microsoft Learn, "Access tokens")."""
        try:
            payload = token.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            scopes, roles = claims.get("scp"), claims.get("roles", [])
            return cls(frozenset(str(scopes).split() if scopes else map(str, roles)), bool(scopes))
        except (IndexError, ValueError, TypeError, AttributeError):
            return None
