"""The whole job, in order: whose photo it is, what was uploaded, the JPEG it becomes, Graph, the receipt."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

from photo_sync.errors import Answer, Rejected
from photo_sync.photo import normalise
from photo_sync.receipts import Outcome, Receipt, Receipts
from photo_sync.storage import Photos, Upload
from photo_sync.target import Target

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PhotoSync:
    """The job with all that it works on."""

    photos: Photos
    receipts: Receipts
    put_photo: Callable[[Target, bytes], Answer]
    contacts_mailbox: str | None
    photo_edge: int
    max_photo_bytes: int

    def sync(self, name: str) -> Receipt | None:
        """Make the picture in blob `name` the photo of whom the name says, and write down what became of it.

        Returns the receipt, or None where the blob is gone. Raises `TryLater`, or a fault of storage's own, when the
        same call may work in a while; then no receipt is written.
        """
        upload = self.photos.find(name)
        if upload is None:
            _log.info("%r is gone again; there is nothing to do.", name)
            return None
        previous = self.receipts.read(name)
        if previous is not None and previous.etag == upload.etag:
            return previous  # the same event, delivered again
        receipt = self._settle(upload, previous)
        self.receipts.write(receipt)
        _log.info(
            "%s: %r, ETag %s, request-id %s. %s",
            receipt.outcome,
            name,
            receipt.etag,
            receipt.request_id or "-",
            receipt.reason,
        )
        return receipt

    def _settle(self, upload: Upload, previous: Receipt | None) -> Receipt:
        receipt = Receipt.start(upload)
        try:
            target = Target.parse(upload.name, contacts_mailbox=self.contacts_mailbox).for_managed_identity()
            data = self.photos.read(upload)
            receipt = replace(receipt, sha256=sha256(data).hexdigest(), graph_path=target.photo_path)
            if previous is not None and self._is_unchanged(receipt, previous):
                return previous.repeated_by(receipt)
            photo = normalise(data, edge=self.photo_edge, max_bytes=self.max_photo_bytes)
            receipt = receipt.with_photo(photo)
            return receipt.ended(Outcome.SYNCED, self.put_photo(target, photo.jpeg))
        except Rejected as refusal:
            return receipt.rejected(refusal)

    def _is_unchanged(self, receipt: Receipt, previous: Receipt) -> bool:
        """Whether Graph already has these bytes: from this very file, and no other's were sent for the same one."""
        same = previous.stands_for(receipt.sha256, receipt.graph_path)
        return same and not self.receipts.has_sibling(receipt.photo)
