"""Signs requests to Microsoft Graph with the token of whoever sends them."""

import threading
from urllib.parse import urlsplit

import requests
from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError
from requests.auth import AuthBase

from photo_sync.backoff import SLOWLY
from photo_sync.errors import TryLater


def token_scope(url: str) -> str:
    """Return the scope that a token for this Graph root is asked with; it differs from cloud to cloud."""
    root = urlsplit(url)
    return f"{root.scheme}://{root.netloc}/.default"


class Bearer(AuthBase):
    """Puts the token on each request; as `auth=`, so that a .netrc file can never put something else there."""

    def __init__(self, credential: TokenCredential, url: str, *, claims: str | None = None) -> None:
        """Take the Graph root: the token is for that one alone."""
        self._credential = credential
        self._url = url
        self._claims = claims
        self._lock = threading.Lock()

    def renewed(self) -> "Bearer":
        """Return one that asks for a new token: for claims, even empty ones, none is taken from a cache."""
        return Bearer(self._credential, self._url, claims="{}")

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign one request; raises `TryLater` where there is no token to be had."""
        try:
            with self._lock:  # so that a start with many photos asks for one token, not for one each
                token = self._credential.get_token(token_scope(self._url), claims=self._claims).token
        except AzureError as error:
            raise TryLater(
                "no-token",
                "There is no sign-in for Microsoft Graph. In Azure, check the app's managed identity and "
                "AZURE_CLIENT_ID; at a terminal, run `az login` first.",
                backoff=SLOWLY,
            ) from error
        request.headers["Authorization"] = f"Bearer {token}"
        return request
