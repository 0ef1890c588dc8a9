"""The rules of Graph's photo endpoints: whose photo a path means, who may write it, which photo is accepted."""

import re
from io import BytesIO
from typing import NoReturn
from urllib.parse import unquote

from PIL import Image
from werkzeug.wrappers import Request, Response

from local.access import Claims, GraphError, permit
from local.directory import Directory, Entry
from local.server import answer

_MAX_BYTES = 4_000_000
_MIN_EDGE = 48


def respond(directory: Directory, request: Request, path: str, claims: Claims) -> Response:
    """Carry out GET, PUT or DELETE of `…/photo/$value`, or GET of what is known about the photo, `…/photo`.

    Raises `GraphError` for everything Graph would refuse.
    """
    parts = _segments(path)
    entry = _resolve(directory, parts, claims)
    match request.method, parts[-1]:
        case "GET", "photo":
            return answer(_metadata(entry))
        case "GET", "$value":
            return Response(_photo(entry), mimetype="image/jpeg")
        case "PUT", "$value":
            entry.put(_accepted_body(request))
            return Response(status=200)
        case "DELETE", "$value" if entry.kind != "contact":
            _delete(entry, request.headers.get("If-Match", "*"))
            return Response(status=204)
    raise GraphError(405, "Request_BadRequest", "This method is not supported here.")


def _photo(entry: Entry) -> bytes:
    if entry.photo is None:
        raise GraphError(404, "ImageNotFound", "The photo wasn't found.")
    return entry.photo


def _metadata(entry: Entry) -> dict[str, object]:
    """What Graph tells of a photo (Microsoft Learn, "Get profilePhoto"); its ETag is new with every PUT."""
    with Image.open(BytesIO(_photo(entry))) as image:
        width, height = image.size
    told = {"@odata.mediaContentType": "image/jpeg", "@odata.mediaEtag": entry.etag}
    return {**told, "id": f"{width}x{height}", "width": width, "height": height}


def _delete(entry: Entry, if_match: str) -> None:
    """Take the photo away if it still is the one that the ETag names; `*` stands for any."""
    _photo(entry)
    if not entry.delete(if_match):
        raise GraphError(412, "PreconditionFailed", "The photo has changed since.")


def _segments(path: str) -> list[str]:
    """A path's parts, each percent-decoded once; `users('x')` is read as `users/x` (OData 4.01, URL Conventions)."""
    parts: list[str] = []
    for raw in path.removeprefix("/v1.0/").split("/"):
        key = re.fullmatch(r"([A-Za-z]+)\('((?:[^']|'')*)'\)", unquote(raw))
        if key is not None:
            parts += [key[1], key[2].replace("''", "'")]
        elif unquote(raw).startswith("$") and raw != "$value":
            raise GraphError(400, "BadRequest", f"Resource not found for the segment '{raw}'.")
        else:
            parts.append(unquote(raw))
    return parts


def _resolve(directory: Directory, parts: list[str], claims: Claims) -> Entry:
    """The entry that a path means, for a caller who may write its photo."""
    if parts[-1] != "photo" and parts[-2:] != ["photo", "$value"]:
        raise GraphError(400, "BadRequest", "The emulator knows photos only.")
    match parts[: -1 if parts[-1] == "photo" else -2]:
        case ["groups", id_]:
            permit(claims, "ProfilePhoto.ReadWrite.All")
            return directory.group(id_) or _not_found(id_)
        case ["teams", _]:  # what apps were seen to get (microsoft-graph-docs-contrib#380)
            raise GraphError(502, "BadGateway", "Failed to execute Teams backend request.")
        case ["users", id_, *rest]:
            return _of_user(directory, id_, rest, claims)
        case ["me", *rest]:
            if "scp" not in claims:
                raise GraphError(400, "BadRequest", "/me request is only valid with delegated authentication flow.")
            return _of_user(directory, claims["oid"], rest, claims)
    raise GraphError(400, "BadRequest", f"Resource not found for the segment '{parts[0]}'.")


def _of_user(directory: Directory, id_: str, rest: list[str], claims: Claims) -> Entry:
    user = directory.user(id_)
    is_own = user is not None and claims.get("oid") == user.id
    if not rest:
        permit(claims, "User.ReadWrite" if is_own else "ProfilePhoto.ReadWrite.All")
        return user or _not_found(id_)
    is_shared = "scp" in claims and not is_own  # a signed-in person's own contacts, and those others share, are two
    permit(claims, "Contacts.ReadWrite.Shared" if is_shared else "Contacts.ReadWrite")
    if user is None:
        _not_found(id_)
    if not user.has_mailbox:
        raise GraphError(404, "ErrorNonExistentMailbox", "The mailbox does not exist.")
    contact = None
    match rest:
        case ["contacts", id_]:
            contact = directory.contact(user, "", id_)
        case ["contactFolders", folder, "contacts", id_]:
            contact = directory.contact(user, folder, id_)
    if contact is None:
        raise GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    return contact


def _not_found(id_: str) -> NoReturn:
    message = f"Resource '{id_}' does not exist or one of its queried reference-property objects are not present."
    raise GraphError(404, "Request_ResourceNotFound", message)


def _accepted_body(request: Request) -> bytes:
    """The photo that a PUT carries, if Graph would take it."""
    if request.headers.get("Content-Type") != "image/jpeg":
        raise GraphError(415, "UnsupportedMediaType", "The content type must be image/jpeg.")
    if "If-Match" in request.headers:
        raise GraphError(412, "PreconditionFailed", "If-Match is not for PUT.")
    body = request.get_data()
    if len(body) >= _MAX_BYTES:
        raise GraphError(413, "RequestEntityTooLarge", "The photo must be smaller than 4 MB.")
    try:
        with Image.open(BytesIO(body), formats=["JPEG"]) as image:
            image.load()
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise GraphError(400, "Request_BadRequest", f"The photo cannot be decoded: {error}") from error
    if min(image.size) < _MIN_EDGE:
        raise GraphError(400, "ValidationWidthTooSmall", "The photo is too small.")
    return body
