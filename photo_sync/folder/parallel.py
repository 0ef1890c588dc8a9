"""Many files at a time: results come in the order of the files, and only a few are ahead of whoever takes them."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

SENDERS: Final = 8
"""How many threads wait for storage at a time."""
MAKERS: Final = min(8, os.cpu_count() or 1)
"""How many make photos at a time: while a picture is decoded or encoded, another thread has the interpreter."""


def in_parallel(work: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Generator[Result]:
    """Yield what `work` makes of each item. Whoever leaves early waits for nothing, and no further item is begun."""
    pool, ahead = ThreadPoolExecutor(threads), deque[Future[Result]]()
    try:
        for item in items:
            ahead.append(pool.submit(work, item))
            if len(ahead) > 2 * threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
