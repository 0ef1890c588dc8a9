"""The only HTTP to Microsoft Graph: every request is signed, passes the gate, and has an id that support can find."""

import uuid
from typing import Final

import requests
from azure.core.credentials import TokenCredential

from photo_sync import __version__
from photo_sync.answer import rest
from photo_sync.bearer import Bearer
from photo_sync.errors import Answer, TryLater
from photo_sync.throttle import Throttle

_CONNECT_SECONDS: Final = 10
_READ_SECONDS: Final = 100  # bulk runs meet answers this slow (msgraph-sdk-dotnet#2374)
_USER_AGENT: Final = f"photo-sync/{__version__}"


class Connection:
    """Microsoft Graph, reached with one credential over connections that are kept open; safe to share by threads."""

    def __init__(self, url: str, credential: TokenCredential, throttle: Throttle) -> None:
        """Take the Graph root, such as `https://graph.microsoft.com/v1.0`: the token's scope follows from its host."""
        self._url = url.rstrip("/")
        self._throttle = throttle
        self._auth = Bearer(credential, url)
        self._session = requests.Session()
        self._session.headers["User-Agent"] = _USER_AGENT

    def send(self, method: str, path: str, headers: dict[str, str], data: bytes | None = None) -> requests.Response:
        """Send one request to a path below the root, and return what Graph answered, whatever it is.

        With a token that Graph does not accept it is sent once more, with a new one. Raises `TryLater` where there is
        no answer or no token, and where Graph wants rest.
        """
        with self._throttle.slot():
            response = self._send(method, path, headers, data, self._auth)
            if response.status_code == 401:
                self._throttle.check()
                response = self._send(method, path, headers, data, self._auth.renewed())
            if (seconds := rest(response)) is not None:
                self._throttle.pause(seconds)
        if response.status_code in {503, 504}:
            self._session.close()  # Graph asks for a new connection after these (Learn, "Best practices")
        return response

    def _send(
        self, method: str, path: str, headers: dict[str, str], data: bytes | None, auth: Bearer
    ) -> requests.Response:
        client_request_id = str(uuid.uuid4())
        try:
            return self._session.request(
                method,
                self._url + path,
                data=data,
                headers={**headers, "client-request-id": client_request_id},
                auth=auth,
                timeout=(_CONNECT_SECONDS, _READ_SECONDS),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            reason = f"Microsoft Graph did not answer ({type(error).__name__})."
            raise TryLater("no-answer", reason, answer=Answer(client_request_id=client_request_id)) from error
