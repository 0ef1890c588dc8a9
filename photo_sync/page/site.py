"""The addresses below `status`: the page itself, and what its script asks for. Nothing here changes anything."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from azure.core.exceptions import AzureError, ClientAuthenticationError

from photo_sync.doctor import Check
from photo_sync.errors import SettingsError
from photo_sync.page.document import document
from photo_sync.page.excerpt import excerpt
from photo_sync.page.health import Health
from photo_sync.page.question import Question, photo_name, text
from photo_sync.page.reply import Declined, Reply
from photo_sync.page.thumbnail import Thumbnails, is_as_sent
from photo_sync.page.visitor import check, is_by_sign_in
from photo_sync.page.waiting import Waiting
from photo_sync.record import to_json
from photo_sync.segment import LARGEST
from photo_sync.storage import is_passing
from photo_sync.sync import PhotoSync

_REST: Final = 5  # seconds
_log = logging.getLogger(__name__)


class StatusPage:
    """The page's answers to whoever may see it; `largest` is how many receipts are listed at a time, at most."""

    def __init__(
        self,
        job: Callable[[], PhotoSync],
        examine: Callable[[], Iterable[Check]],
        environ: Mapping[str, str],
        largest: int = LARGEST,
    ) -> None:
        self._job = job
        self._environ = environ
        self._largest = largest
        self._thumbnails = Thumbnails(job)
        self._health = Health(examine)
        self._waiting = Waiting(job)

    @property
    def is_by_sign_in(self) -> bool:
        """Whether people sign in to see it; else they need its key."""
        return is_by_sign_in(self._environ)

    def reply(self, view: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """Answer a request for one of the page's addresses: `view` is what stands behind `status/`."""
        try:
            check(headers, self._environ)
            return self._view(view, params)
        except Declined as refusal:
            return refusal.reply() if view else refusal.in_words()
        except SettingsError as error:
            return Declined(503, f"The app's settings are wrong. {' '.join(error.mistakes)}").reply()
        except AzureError as fault:
            _log.warning("Storage failed the status page: %s", fault)
            return _explain(fault).reply()

    def _view(self, view: str, params: Mapping[str, str]) -> Reply:
        match view:
            case "":
                return document()
            case "listing":
                question = Question.read(params)
                smaller = replace(question, size=min(question.size, self._largest))
                return Reply.of(excerpt(self._job().ledger, smaller))
            case "photo":
                return self._thumbnails.reply(photo_name(params), text(params, "etag"))
            case "receipt":
                return Reply.of(self._receipt(photo_name(params)))
            case "health":
                return Reply.of(self._health.told())
            case "waiting":
                return Reply.of(self._waiting.told())
        raise Declined(404, "There is nothing at this address. The page is at status.")

    def _receipt(self, name: str) -> dict[str, Any]:
        """What became of one photo, and whether its file is still the one that it became a photo of."""
        job = self._job()
        entry, upload = job.look(name)
        if entry.receipt is None:
            raise Declined(404, f"There is no receipt of “{name}” (any more).")
        return {
            "receipt": json.loads(to_json(entry.receipt)),
            "is_there": upload is not None,
            "is_as_sent": is_as_sent(entry.receipt, upload),
            "is_made_alike": entry.receipt.pipeline == job.pipeline,
        }


def _explain(fault: AzureError) -> Declined:
    status = getattr(fault, "status_code", None)
    if status == 400:
        return Declined(400, "Storage does not know this place in the listing. Reload the page.")
    if status == 403:
        return Declined(
            503,
            "Storage does not let the app read its receipts. Have the roles of its identity and the account's network "
            "rules looked at: docs/operations.md names them.",
        )
    if isinstance(fault, ClientAuthenticationError):
        return Declined(503, "The app has no sign-in for storage: check its identity and PhotoStorage__clientId.")
    if is_passing(fault):
        return Declined(503, "Storage does not answer. This is tried again in a moment.", rest=_REST)
    return Declined(503, "Storage refused what the page needs of it. The function's log says what.")
