"""What must be true when a chaos run is over, seen from outside: in the containers, the queues, and in Graph."""

from bisect import bisect_left
from collections import Counter, defaultdict
from datetime import timedelta

from chaos.crowd import Crowd, upn
from local.cloud import Cloud
from local.graph import Seen
from photo_sync.photo import normalise
from photo_sync.settings import PHOTOS, RECEIPTS

_FINAL = {"synced", "unchanged"}
_ON_THE_WAY = timedelta(seconds=1)  # a request may have left before the answer that asks for a pause was read


def unsettled(machine: Cloud) -> list[str]:
    """Return the photos whose receipt does not say that this very upload was accepted."""
    photos = {blob.name: blob.etag for blob in machine.blobs.get_container_client(PHOTOS).list_blobs()}
    receipts = machine.blobs.get_container_client(RECEIPTS).list_blobs(include=["metadata"])
    settled = {
        receipt.name: receipt.metadata.get("etag") for receipt in receipts if receipt.metadata.get("outcome") in _FINAL
    }
    return [name for name, etag in photos.items() if settled.get(name) != etag.strip('"')]


def outdated(machine: Cloud, crowd: Crowd) -> list[str]:
    """Return those whose photo in Graph is not the one that is made of their newest picture."""
    directory = machine.graph.directory
    return [
        upn(number)
        for number, picture in crowd.newest.items()
        if directory.known_user(upn(number)).photo != normalise(picture).jpeg
    ]


def impatient(requests: list[Seen]) -> int:
    """Return how many requests left a process while Graph had asked that very process for a pause."""
    by_token = defaultdict[str, list[Seen]](list)
    for request in sorted(requests, key=lambda request: request.arrived):
        by_token[request.token_id].append(request)
    return sum(map(_impatient, by_token.values()))


def _impatient(requests: list[Seen]) -> int:
    arrivals = [request.arrived for request in requests]
    found = set[int]()
    for pause in (request for request in requests if request.retry_after):
        start = bisect_left(arrivals, pause.at + _ON_THE_WAY)
        end = bisect_left(arrivals, pause.at + timedelta(seconds=int(pause.retry_after)))
        found.update(range(start, end))
    return len(found)


def statuses(requests: list[Seen]) -> Counter[str]:
    """Count how Graph answered."""
    return Counter(str(request.status or "no answer") for request in requests)
