"""Where a comparison that was left has to go on, kept in the metadata of the container `photo-receipts`."""

import base64
from dataclasses import asdict, dataclass, fields
from typing import Final

from azure.storage.blob import ContainerClient

_PREFIX: Final = "reconcile_"
_MOST_BYTES: Final = 7_000  # a container's metadata may have 8 KiB (Microsoft Learn, "Set Container Metadata")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in two listings: the token of the page in either one; empty for the beginning."""

    photos: str = ""
    receipts: str = ""


class Bookmark:
    """The bookmark itself; whatever becomes of it, all that is lost is the place."""

    def __init__(self, container: ContainerClient) -> None:
        self._container = container

    def take(self) -> Place:
        """Return the place and forget it: a place that leads nowhere is not gone to twice."""
        metadata = self._container.get_container_properties().metadata or {}
        told = {field.name: metadata.pop(_PREFIX + field.name, "") for field in fields(Place)}
        if any(told.values()):
            self._container.set_container_metadata(metadata)
        try:
            return Place(**{name: base64.b64decode(value).decode() for name, value in told.items()})
        except ValueError:
            return Place()

    def put(self, place: Place) -> None:
        """Keep a place, if the metadata have room for it."""
        told = {_PREFIX + name: base64.b64encode(value.encode()).decode() for name, value in asdict(place).items()}
        metadata = self._container.get_container_properties().metadata or {}
        metadata |= {name: value for name, value in told.items() if value}
        if sum(map(len, [*metadata, *metadata.values()])) < _MOST_BYTES:
            self._container.set_container_metadata(metadata)
