"""Work that goes on side by side until its block ends: what the local host and the stand-in for Event Grid do."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from azure.core.exceptions import AzureError

Work = Callable[[threading.Event], None]
"""Something that goes on until it is told to stop."""

_PAUSE_SECONDS = 1
_log = logging.getLogger(__name__)


@contextmanager
def side_by_side(works: Iterable[Work]) -> Iterator[None]:
    """Do every work inside the block, each in a thread of its own; it ends when all of them have ended."""
    stop = threading.Event()
    threads = [threading.Thread(target=_keep_on, args=(work, stop), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _keep_on(work: Work, stop: threading.Event) -> None:
    """Do the work until told to stop, and begin it anew whenever storage fails it."""
    while not stop.is_set():
        try:
            work(stop)
        except AzureError as error:
            _log.warning("Storage failed the local host: %s", error)
            stop.wait(_PAUSE_SECONDS)
