"""What somebody is told where a command cannot go on: what is wrong, and what to do."""

from typing import Final

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

from photo_sync.errors import PhotoSyncError, SettingsError
from photo_sync.spelling import shown

EXPECTED: Final = (PhotoSyncError, AzureError, OSError, MemoryError)
"""What can happen to anybody; everything else is a fault of the program's own."""


def explain(error: BaseException) -> tuple[list[str], int]:
    """Return the sentences for an error, and the status to end with."""
    match error:
        case SettingsError():
            return list(error.mistakes), 2
        case AzureError():
            return [f"Azure Storage did not do this: {str(error).partition(chr(10))[0]}", _remedy(error)], 1
        case OSError():
            return [f"{shown(str(error.filename or 'This machine'))}: {error.strerror or error}."], 1
        case MemoryError():
            return [
                "This machine has not enough memory free for one of the pictures. Close something, and try again."
            ], 1
    return [str(error)], 1


def _remedy(error: AzureError) -> str:
    if isinstance(error, ClientAuthenticationError):
        return "Sign in with `az login` as an operator, then try again."
    if isinstance(error, HttpResponseError) and error.status_code == 403:
        return "It takes the roles of an operator on this account. `photo-sync doctor` tells which one is missing."
    return "Check the PhotoStorage settings and the network. `photo-sync doctor` tells more."
