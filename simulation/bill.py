"""What it costs: list prices in US dollars, from public sources that are not Microsoft's own price list. Check yours.

Left out are free grants, Event Grid, logs, and keeping the pictures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

INSTANCE_GB: Final = 2
"""The memory of an instance, 2,048 MB: what is paid while it has any work, however many runs share it."""

# Flex Consumption, on demand: modal.com/blog/azure-function-pricing-guide, May 2025.
_GB_SECOND: Final = 0.000026
_RUN: Final = 0.40 / 1_000_000
# Blob (hot) and Queue Storage, locally redundant: the Azure Retail Prices API, as public repositories quote it in 2026.
_BLOB_WRITE: Final = 0.055 / 10_000
_BLOB_READ: Final = 0.0044 / 10_000
_MESSAGE: Final = 0.004 / 10_000


@dataclass(frozen=True, slots=True)
class Calls:
    """What a run asks of Blob Storage, besides the message that it came by."""

    reads: int
    writes: int


CALLS: Final = {
    "sent": Calls(3, 2),
    "sent in vain": Calls(3, 2),
    "stood in vain": Calls(3, 2),
    "turned away": Calls(2, 1),
    "nothing to do": Calls(2, 0),
}
"""As photo_sync/sync.py calls storage: receipt, properties and bytes are read; claim and outcome are written."""


@dataclass(frozen=True, slots=True)
class Bill:
    """Seconds for which instances are paid, and how many runs came to what."""

    seconds: float
    runs: Mapping[str, int]

    @property
    def gb_seconds(self) -> float:
        """What Flex Consumption counts."""
        return self.seconds * INSTANCE_GB

    @property
    def dollars(self) -> float:
        """What it costs in all."""
        functions = self.gb_seconds * _GB_SECOND + sum(self.runs.values()) * _RUN
        return functions + sum(count * _storage(CALLS[what]) for what, count in self.runs.items())


def _storage(calls: Calls) -> float:
    message = 3 * _MESSAGE  # put, taken and deleted
    return message + calls.reads * _BLOB_READ + calls.writes * _BLOB_WRITE
