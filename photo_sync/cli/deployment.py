"""What a command works on: the settings in the environment, and storage and Graph as whoever is signed in."""

import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from photo_sync.settings import PHOTOS, Settings

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential

    from photo_sync.drop import Drop
    from photo_sync.sync import PhotoSync

_STORAGE: Final = "https://storage.azure.com/.default"  # in every cloud
_EARLY: Final = 300  # seconds before its end from which a token is not used any more


@dataclass(frozen=True, slots=True)
class Deployment:
    """The settings, who is signed in, the job that the app does, and the container that pictures are dropped in."""

    settings: Settings
    credential: "TokenCredential"
    job: "PhotoSync"
    drop: "Drop"


class SignedIn:
    """Whoever is signed in on this machine, asked once for each kind of token: `az` takes a second to answer."""

    def __init__(self, credential: "TokenCredential") -> None:
        self._credential = credential
        self._lock = threading.Lock()
        self._tokens: dict[tuple[str, ...], AccessToken] = {}

    def get_token(self, *scopes: str, **options: Any) -> "AccessToken":  # noqa: ANN401 - they are azure-identity's
        """Return a token, a new one where claims are asked for; raises what the credential raises."""
        with self._lock:
            known = self._tokens.get(scopes)
            if known is None or options.get("claims") or known.expires_on - _EARLY < time.time():
                known = self._tokens[scopes] = self._credential.get_token(*scopes, **options)
            return known


def local_settings() -> Settings:
    """Return the settings for what never touches storage; raises `SettingsError`."""
    return Settings.from_env(os.environ, needs_storage=False)


def signed_in() -> SignedIn:
    """Return whoever is signed in on this machine; what finds that out comes late."""
    from azure.identity import DefaultAzureCredential

    return SignedIn(DefaultAzureCredential())


def deployment() -> Deployment:
    """Return the deployment that the environment names.

    Raises `SettingsError`, and `AzureError` at once where nobody is signed in: the clients of storage would try again
    and again.
    """
    from photo_sync.drop import Drop
    from photo_sync.wiring import blob_service, connect

    settings, credential = Settings.from_env(os.environ), signed_in()
    if not settings.connection_string:
        credential.get_token(_STORAGE)
    container = blob_service(settings, credential).get_container_client(PHOTOS)
    return Deployment(settings, credential, connect(settings, credential), Drop(container))
