"""Inputs that libFuzzer comes by: whatever reached new code is what the next ones are made from."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from random import Random
from typing import Final

import atheris

from fuzz.folder import Folder
from fuzz.mutation import MAX_BYTES, mutate
from fuzz.pieces import repaired

# Crashes and time are the kernel's business and the parent's, memory the target's: libFuzzer sees none of them as well.
_FLAGS: Final = (
    *(f"-handle_{signal}=0" for signal in ("abrt", "bus", "fpe", "ill", "int", "segv", "term", "xfsz")),
    *("-rss_limit_mb=0", "-malloc_limit_mb=0", "-timeout=86400", "-verbosity=0"),
    *(f"-max_len={MAX_BYTES}", "-mutate_depth=1"),
)
_PLAIN: Final = 0.3  # of the changes are libFuzzer's own


def instrumented() -> AbstractContextManager[None]:
    """Have it noticed which lines of the modules imported inside are reached."""
    noticed: AbstractContextManager[None] = atheris.instrument_imports(include=["photo_sync", "PIL", "pillow_heif"])
    return noticed


def explore(attempt: Callable[[bytes], None], samples: list[bytes], folder: Folder, number: int) -> None:
    """Try inputs until the process is ended; `number` is where the random ones begin."""
    for name, sample in enumerate(samples):
        (folder.corpus / f"seed-{name}").write_bytes(sample)

    def change(data: bytes, most: int, number: int) -> bytes:
        chance = Random(number)
        if chance.random() < _PLAIN:
            return repaired(atheris.Mutate(data, most))[:most]
        return mutate(data, chance.choice(samples), chance)[:most]

    options = (f"-artifact_prefix={folder.path}/", f"-seed={number}", *_FLAGS)
    atheris.Setup(["fuzz", str(folder.corpus), *options], attempt, custom_mutator=change)
    atheris.Fuzz()
