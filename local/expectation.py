"""Whether the demo does what it must: samples, as receipts tell and Graph has them, the page, and a deletion."""

import time
import uuid
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import cast

import requests
from PIL import Image, ImageColor

from local.cloud import Cloud
from local.samples import Sample
from photo_sync.receipts import Receipt

PATIENCE_SECONDS = 90
_TOLERANCE = 24  # of 255: colours pass through JPEG, and once through CMYK


def mistake(machine: Cloud, sample: Sample, receipt: Receipt | None) -> str | None:
    """Return what is wrong with what became of a sample; None where nothing is."""
    if receipt is None:
        return "there is no receipt"
    if (receipt.outcome, receipt.code) != (sample.outcome, sample.code):
        return f"it is {receipt.outcome} {receipt.code}, not {sample.outcome} {sample.code}"
    if sample.outcome != "synced":
        return None
    answer = requests.get(
        machine.graph.url + receipt.graph_path,
        headers={
            "Authorization": f"Bearer {machine.identity.app_token(machine.graph.root)}",
            "client-request-id": str(uuid.uuid4()),
        },
        timeout=10,
    )
    if not answer.ok or len(answer.content) != receipt.photo_bytes:
        return f"Graph does not have the photo that the receipt tells of ({answer.status_code})"
    with Image.open(BytesIO(answer.content)) as photo:
        return None if _looks_right(photo, sample) else "the photo in Graph is not the right one, or not upright"


def page_mistake(address: str, receipts: dict[str, Receipt]) -> str | None:
    """Say how the status page differs from the receipts; None where it tells the same."""
    listing = requests.get(address.replace("?", "/listing?", 1), timeout=30)
    expected = Counter(str(receipt.outcome) for receipt in receipts.values())
    if listing.status_code == 200 and listing.json()["counts"] == expected:
        return None
    return f"it answers {listing.status_code} {listing.text}, and not {dict(expected)}."


def removal_mistake(machine: Cloud, file: Path) -> str | None:
    """Delete a file, and say whether somebody's photo does not go with it."""
    before = [entry for entry in machine.graph.directory if entry.photo]
    file.unlink()
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if len(gone := [entry.name for entry in before if not entry.photo]) == 1:
            return None
        time.sleep(0.2)
    return f"after that, not one photo is gone, but {len(gone)}."


def _looks_right(photo: Image.Image, sample: Sample) -> bool:
    """Whether the upper corners and the middle of the foot have the colours they were drawn in."""
    width, height = photo.size
    expected = {(8, 8): sample.top, (width - 8, 8): sample.top, (width // 2, height - 8): sample.foot}
    return all(
        abs(seen - drawn) <= _TOLERANCE
        for at, colour in expected.items()
        for seen, drawn in zip(cast("tuple[int, ...]", photo.getpixel(at)), ImageColor.getrgb(colour), strict=True)
    )
