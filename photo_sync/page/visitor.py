"""Who may see the page: whoever has its key, which the Functions host checks, or whoever is signed in, checked here."""

from collections.abc import Mapping
from typing import Final

from photo_sync.environment import YesNo
from photo_sync.page.reply import Declined

SIGN_IN: Final = "STATUS_PAGE_SIGN_IN"
ENABLED: Final = "WEBSITE_AUTH_ENABLED"
"""The platform's word that its sign-in stands before the app (Microsoft Learn, "Environment variables and app settings
in Azure App Service"); without it, anybody could send `PRINCIPAL`."""

PRINCIPAL: Final = "X-MS-CLIENT-PRINCIPAL-ID"
"""Who is signed in; the platform lets no request from outside set it (Microsoft Learn, "Work with user identities")."""


def is_by_sign_in(environ: Mapping[str, str]) -> bool:
    """Say whether people sign in to see the page; anything but a plain yes means that they need its key."""
    return environ.get(SIGN_IN, "").strip().lower() == YesNo.TRUE


def check(headers: Mapping[str, str], environ: Mapping[str, str]) -> None:
    """Raise `Declined` for whoever has to be signed in and is not."""
    if not is_by_sign_in(environ):
        return
    if environ.get(ENABLED, "").strip().lower() != YesNo.TRUE:
        raise Declined(
            401,
            f"{SIGN_IN} is true, but App Service Authentication is off, so nobody can be signed in. "
            f"Turn it on for this app, or set {SIGN_IN} to false: then the page asks for its key.",
        )
    if not headers.get(PRINCIPAL):
        raise Declined(401, "You are not signed in. Sign in with your organisation's account, and open the page again.")
