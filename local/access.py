"""Who may ask Graph for what: the token that a request comes with, and the permission that it must have."""

from typing import Any

import jwt
from werkzeug.wrappers import Request

Claims = dict[str, Any]


class GraphError(Exception):
    """An answer that is not a success: its status, Graph's error code, a message, and headers."""

    def __init__(self, status: int, code: str, message: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers or {}


def claims_of(request: Request, key: str, audience: str) -> Claims:
    """Return what a request's token says; raises `GraphError` 401 unless it is signed, alive and meant for Graph."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        raise GraphError(401, "InvalidAuthenticationToken", "Access token is empty.")
    try:
        claims: Claims = jwt.decode(token, key, algorithms=["HS256"], audience=audience, options={"require": ["exp"]})
    except jwt.PyJWTError as error:
        raise GraphError(401, "InvalidAuthenticationToken", f"Access token validation failure: {error}") from error
    return claims


def token_id(request: Request) -> str:
    """Return the id of a request's token, believed as it stands; empty where there is none."""
    try:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return str(jwt.decode(token, options={"verify_signature": False}).get("uti", ""))
    except jwt.PyJWTError:
        return ""


def permit(claims: Claims, permission: str) -> None:
    """Raise `GraphError` 403 unless the app was granted this permission, or the signed-in person consented to it."""
    if permission not in claims.get("roles", []) and permission not in claims.get("scp", "").split():
        raise GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
