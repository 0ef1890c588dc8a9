from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from photo_sync.receipts import Outcome, Receipt
from photo_sync.repeat import repeated, stands_for
from photo_sync.storage import Upload

MONDAY = datetime(2025, 11, 24, 10, 0, 0, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)
SECOND = timedelta(seconds=1)

UPLOAD = Upload("users/zoë@contoso.com.jpg", "0x8DE1", 2_345_678, MONDAY)
AGAIN = replace(UPLOAD, etag="0x8DE2", uploaded=TUESDAY)
STARTED = Receipt.start(UPLOAD, None, "1-648", TUESDAY)
SYNCED = replace(
    STARTED, outcome=Outcome.SYNCED, kind="users", code="some-code", reason="Why.", due=WEDNESDAY, photo_etag='W/"1"'
)


def test_the_same_bytes_again_are_a_new_upload_of_a_known_photo() -> None:
    repeat = replace(Receipt.start(AGAIN, SYNCED, "1-648", WEDNESDAY), kind="users", downloaded=WEDNESDAY + SECOND)
    again = repeated(SYNCED, repeat, WEDNESDAY)
    assert again == replace(
        SYNCED,
        etag="0x8DE2",
        uploaded=TUESDAY,
        started=WEDNESDAY,
        downloaded=WEDNESDAY + SECOND,
        made=None,
        outcome=Outcome.UNCHANGED,
        code="",
        reason="",
        finished=WEDNESDAY,
        due=None,
        run="",
    )


SAME = {"sha256": "9f86d081", "md5": "CY9rzQ==", "pipeline": "1-648", "graph_path": "/users/ada/photo/$value"}


@pytest.mark.parametrize(
    ("previous", "other", "stands"),
    [
        ({}, {}, True),
        ({"outcome": Outcome.UNCHANGED}, {}, True),
        ({"outcome": Outcome.REJECTED}, {}, False),
        ({"outcome": Outcome.RETRYING}, {}, False),
        ({"outcome": Outcome.FAILED}, {}, False),
        ({}, {"sha256": ""}, True),
        ({}, {"md5": ""}, True),
        ({"md5": ""}, {}, True),
        ({"sha256": ""}, {}, True),
        ({}, {"sha256": "60303ae2", "md5": "YDA64g=="}, False),
        ({}, {"sha256": "60303ae2", "md5": ""}, False),
        ({}, {"sha256": "", "md5": "YDA64g=="}, False),
        ({"sha256": "", "md5": ""}, {"sha256": "", "md5": ""}, False),
        ({"sha256": ""}, {"md5": ""}, False),
        ({}, {"graph_path": "/users/bob/photo/$value"}, False),
        ({}, {"pipeline": "2-648"}, False),
        ({"pipeline": ""}, {}, False),
        ({}, {"etag": "0x8DE2", "uploaded": WEDNESDAY}, True),
    ],
)
def test_a_receipt_stands_for_the_bytes_the_path_and_the_making_that_graph_accepted(
    previous: dict[str, Any], other: dict[str, Any], *, stands: bool
) -> None:
    receipt = replace(SYNCED, **SAME | {"outcome": Outcome.SYNCED} | previous)
    assert stands_for(receipt, replace(STARTED, **SAME | other)) is stands
