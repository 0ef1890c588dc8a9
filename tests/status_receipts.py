"""Receipts for the status page to show, written as the app writes them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from local.cloud import Cloud
from photo_sync.errors import Overtaken
from photo_sync.ledger import Entry, Ledger
from photo_sync.receipts import Outcome, Receipt
from photo_sync.settings import RECEIPTS

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
REASON = "This file is a PDF document, whatever its name says. Save the photo as JPEG and upload that."


def receipt(photo: str, outcome: str = "synced", **told: Any) -> Receipt:  # noqa: ANN401 - whatever a receipt has
    """A receipt of this outcome, with a reason where that has one."""
    plain = Receipt(photo=photo, etag="0x1", outcome=Outcome(outcome), uploaded=NOW, first_tried=NOW, finished=NOW)
    if outcome in {"rejected", "failed", "retrying"}:
        plain = replace(plain, code="wrong-format", reason=REASON)
    due = datetime.now(UTC) + timedelta(minutes=10) if outcome == "retrying" else None
    return replace(plain, **{"due": due, **told})


def write(machine: Cloud, *receipts: Receipt) -> None:
    """Put these receipts into the ledger, in the place of what is there."""
    ledger = Ledger(machine.blobs.get_container_client(RECEIPTS))
    for each in receipts:
        try:
            ledger.write(each, over=Entry())
        except Overtaken:
            ledger.write(each, over=ledger.read(each.photo))
