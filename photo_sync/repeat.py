"""The same picture again: Graph need not be sent what it has already."""

from dataclasses import replace
from datetime import datetime

from photo_sync.receipts import Outcome, Receipt


def stands_for(receipt: Receipt, other: Receipt) -> bool:
    """Say whether Graph already has what another upload would make: the same bytes, path and way of making it."""
    accepted = receipt.outcome in {Outcome.SYNCED, Outcome.UNCHANGED}
    bytes_ = (receipt.sha256 and receipt.sha256 == other.sha256) or (receipt.md5 and receipt.md5 == other.md5)
    alike = [(one.graph_path, one.pipeline, one.source_bytes) for one in (receipt, other)]
    return accepted and bool(bytes_) and alike[0] == alike[1]


def repeated(receipt: Receipt, repeat: Receipt, now: datetime) -> Receipt:
    """Return the receipt of an upload with the same bytes: what is known of the photo stays, Graph's answer too."""
    kept = replace(receipt, etag=repeat.etag, kind=repeat.kind, uploaded=repeat.uploaded)
    return replace(kept, started=repeat.started, downloaded=repeat.downloaded, made=None).ended(Outcome.UNCHANGED, now)
