"""Whether a sample became what it must, as its receipt says and as it is read back from Graph."""

import uuid
from io import BytesIO
from typing import cast

import requests
from PIL import Image, ImageColor

from local.cloud import Cloud
from local.samples import Sample
from photo_sync.receipts import Receipt

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


def _looks_right(photo: Image.Image, sample: Sample) -> bool:
    """Whether the upper corners and the middle of the foot have the colours they were drawn in."""
    width, height = photo.size
    expected = {(8, 8): sample.top, (width - 8, 8): sample.top, (width // 2, height - 8): sample.foot}
    return all(
        abs(seen - drawn) <= _TOLERANCE
        for at, colour in expected.items()
        for seen, drawn in zip(cast("tuple[int, ...]", photo.getpixel(at)), ImageColor.getrgb(colour), strict=True)
    )
