"""Carries a plan out: the files go up, several at a time, and then what was renamed is taken away."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.storage.blob import StorageErrorCode

from photo_sync.drop import Drop
from photo_sync.errors import Overtaken
from photo_sync.folder.parallel import SENDERS, in_parallel
from photo_sync.folder.plan import Plan, Rename, Step
from photo_sync.folder.verdict import Verdict
from photo_sync.retries import Retries, Retry
from photo_sync.storage import is_passing

_MOST_FAULTS: Final = 20  # after so many in a row, storage is not failing now and then


@dataclass(frozen=True, slots=True)
class Sent:
    """A step that was done, with the ETag of what is there now; `fault` says why it was not, else it is empty."""

    step: Step
    etag: str
    fault: str = ""


def upload(plan: Plan, drop: Drop) -> Iterator[Sent]:
    """Put up what is to be, and yield each as it is done; what went wrong with one file is told, and the rest goes on.

    Raises `AzureError` after the last one where nothing more could be sent: a fault of the account, or many in a row.
    """
    sender = _Sender(drop)
    yield from in_parallel(sender.send, plan.uploads, SENDERS)
    if sender.stop:
        raise sender.stop


def clear(renames: Iterable[Rename], drop: Drop, retries: Retries) -> Iterator[Rename]:
    """Take the blobs of old names away, yield each that was, and have the app tidy its receipt.

    A blob that is another one by now stays.
    """
    for rename in renames:
        if drop.take(rename.old, rename.etag):
            yield rename
            retries.send(Retry(rename.old), after=0)


class _Sender:
    """Sends files, until it is clear that no more can be sent; then `stop` is why."""

    def __init__(self, drop: Drop) -> None:
        self._drop = drop
        self._faults = 0  # in a row
        self.stop: AzureError | None = None

    def send(self, step: Step) -> Sent:
        if self.stop:
            return Sent(step, "", "The upload was stopped before it came to this file. Run the command again to go on.")
        try:
            etag = self._drop.put(step.verdict.name, BytesIO(_read(step.verdict)), over=step.etag)
        except OSError as error:
            return Sent(step, "", f"This file cannot be read any more: {error.strerror}.")
        except Overtaken as told:
            return Sent(step, "", str(told))
        except AzureError as fault:
            return Sent(step, "", self._told(fault))
        self._faults = 0
        return Sent(step, etag)

    def _told(self, fault: AzureError) -> str:
        """What is said of a file for whose sake storage failed; it may be the last one."""
        self._faults += 1
        if _is_of_account(fault) or self._faults > _MOST_FAULTS:
            self.stop = fault
        if is_passing(fault):
            return "Azure Storage failed for now. Run the command again to go on."
        return f"Azure Storage did not take this file: {str(fault).partition(chr(10))[0]}"


def _read(verdict: Verdict) -> bytes:
    """The file's bytes; raises `Overtaken` where they are not the ones that were judged, and `OSError`."""
    with Path(verdict.file).open("rb") as file:
        data = file.read(verdict.size + 1)  # no more is needed to see that it has grown
    if base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode() != verdict.md5:
        raise Overtaken("This file has changed since it was looked at. Run the command again.")
    return data


def _is_of_account(fault: AzureError) -> bool:
    """Whether no other file could be sent either."""
    is_barred = isinstance(fault, ClientAuthenticationError) or getattr(fault, "status_code", None) in {401, 403}
    return is_barred or getattr(fault, "error_code", None) == StorageErrorCode.CONTAINER_NOT_FOUND
