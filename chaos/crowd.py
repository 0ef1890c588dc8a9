"""People whose pictures are uploaded, some of them several times in a row, and the events that tell of it."""

import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from azure.storage.blob import ContainerClient
from PIL import Image

from local.cloud import Cloud
from local.directory import Directory
from local.event_grid import post_event
from photo_sync.settings import PHOTOS

_FUNCTION = "photo_uploaded"
_BACKLOG = 30  # messages: with more than that in the queues, an upload would only follow one that nobody has seen yet
_SHUFFLED = 5  # events come in any order
_NUMBER = re.compile(r"person(\d+)")
_FATES = {"told once": 0.8, "told twice": 0.12, "not told": 0.08}


def queued(machine: Cloud) -> int:
    """Return how many messages there are, in all queues."""
    clients = [machine.queues.get_queue_client(queue.name) for queue in machine.queues.list_queues()]
    return sum(client.get_queue_properties().approximate_message_count or 0 for client in clients)


def tenant(people: int) -> Directory:
    """Return a tenant of so many people."""
    directory = Directory()
    for number in range(people):
        directory.add_user(upn(number), f"Person {number}")
    return directory


def upn(number: int) -> str:
    """Return the UPN of the person with that number."""
    return f"person{number}@contoso.com"


def blob_name(number: int) -> str:
    """Return the name that a picture of the person with that number is uploaded under."""
    return f"users/{upn(number)}.png"


@dataclass
class Crowd:
    """So many people, each with a picture, some with several; `newest` is what was uploaded last, by number."""

    machine: Cloud
    people: int
    seed: int
    newest: dict[int, bytes] = field(default_factory=dict)
    counted: Counter[str] = field(default_factory=Counter)

    def upload_all(self) -> None:
        """Upload everybody's picture, and half as many newer ones of those whose older one is just being sent."""
        chance, pending = random.Random(self.seed), list[tuple[str, str]]()
        photos = self.machine.blobs.get_container_client(PHOTOS)
        for number in self._order(chance):
            while queued(self.machine) > _BACKLOG:
                time.sleep(0.1)
            pending += self._upload(photos, number, chance)
            while len(pending) > _SHUFFLED:
                self._tell(*pending.pop(chance.randrange(len(pending))))
        for event in pending:
            self._tell(*event)

    def _order(self, chance: random.Random) -> Iterator[int]:
        for number in range(self.people):
            yield number
            if number % 2:
                yield self._in_motion(chance)

    def _in_motion(self, chance: random.Random) -> int:
        """Somebody whose photo is being sent at this moment, best one of whom nobody can tell whether it was."""
        latest = self.machine.graph.seen()[-10:]
        uncertain = [request for request in latest if request.status is None or request.status >= 500]
        numbers = [int(found[1]) for request in uncertain or latest if (found := _NUMBER.search(request.path))]
        return chance.choice(numbers or [0])

    def _upload(self, photos: ContainerClient, number: int, chance: random.Random) -> list[tuple[str, str]]:
        """Upload a picture that was never there before; returns the events that tell of it."""
        self.counted["uploads"] += 1
        picture = _picture(self.counted["uploads"])
        blob = photos.upload_blob(blob_name(number), picture, overwrite=True)
        self.newest[number] = picture
        (fate,) = chance.choices(list(_FATES), list(_FATES.values()))
        self.counted[fate] += 1
        event = (blob_name(number), blob.get_blob_properties().etag)
        return [event] * {"told once": 1, "told twice": 2, "not told": 0}[fate]

    def _tell(self, name: str, etag: str) -> None:
        post_event(self.machine.queues, _FUNCTION, PHOTOS, name, etag)


def _picture(number: int) -> bytes:
    """A PNG that no other number gives, nor the JPEG made of it."""
    chance, file = random.Random(number), BytesIO()
    image = Image.new("RGB", (6, 6))
    image.putdata([(chance.randrange(256), chance.randrange(256), chance.randrange(256)) for _ in range(36)])
    image.resize((96, 96), Image.Resampling.NEAREST).save(file, "PNG")
    return file.getvalue()
