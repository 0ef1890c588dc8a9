import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobProperties, BlobServiceClient, ContainerClient, LinearRetry
from requests import ConnectionError as ConnectionLost
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter

from local.cloud import Cloud
from pages import in_small_pages
from photo_sync.errors import Overtaken
from photo_sync.ledger import Entry, Ledger, Line
from photo_sync.receipts import Outcome, Receipt
from photo_sync.settings import RECEIPTS
from photo_sync.storage import Upload

NAME = "users/ada@contoso.com.jpg"
NAMES = (
    NAME,
    "users/adele_x.com#EXT#@contoso.com.jpg",
    "users/mary.o'neill@contoso.com.jpg",
    "users/josé núñez@contoso.com.jpg",
    "users/100%25+$x=y&z?@contoso.com.jpg",
)
MONDAY = datetime(2026, 11, 23, 10, 0, 0, 250_000, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)


@pytest.fixture
def container(machine: Cloud) -> ContainerClient:
    return machine.blobs.get_container_client(RECEIPTS)


@pytest.fixture
def ledger(container: ContainerClient) -> Ledger:
    return Ledger(container)


def receipt(name: str = NAME, reason: str = "") -> Receipt:
    start = Receipt.start(Upload(name, "0x8DE1", 7, MONDAY), None, "1-648", MONDAY)
    return start.ended(Outcome.SYNCED, TUESDAY, reason=reason)


def overwrite(container: ContainerClient, data: bytes = b"coffee stain") -> None:
    container.upload_blob(NAME, data, overwrite=True)


# What is there


@pytest.mark.parametrize("name", NAMES)
def test_a_receipt_is_read_as_it_was_written(ledger: Ledger, name: str) -> None:
    entry = ledger.write(receipt(name), Entry())
    assert entry == ledger.read(name)
    assert entry.receipt == receipt(name)


def test_there_is_nothing_before_the_first_receipt(ledger: Ledger) -> None:
    assert ledger.read(NAME) == Entry(None, "")


@pytest.mark.parametrize("data", [b"coffee stain", b"", b"[]", b"\xff\xfe"])
def test_what_is_no_receipt_is_told_and_replaced(
    container: ContainerClient, ledger: Ledger, caplog: pytest.LogCaptureFixture, data: bytes
) -> None:
    overwrite(container, data)
    entry = ledger.read(NAME)
    assert entry.receipt is None
    assert f"The receipt of '{NAME}' cannot be read" in caplog.text
    assert ledger.write(receipt(), entry) == ledger.read(NAME)


def test_a_receipt_is_json_that_a_person_can_read(container: ContainerClient, ledger: Ledger) -> None:
    ledger.write(receipt("users/josé@contoso.com.jpg", reason="Größer, bitte."), Entry())
    blob = container.get_blob_client("users/josé@contoso.com.jpg")
    assert json.loads(blob.download_blob().readall())["reason"] == "Größer, bitte."
    assert blob.get_blob_properties().content_settings.content_type == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("other", "is_sibling"),
    [
        ("users/ada@contoso.com.png", True),
        ("users/ada@contoso.com.JPG", True),
        ("users/ada@contoso.com.au.jpg", False),
        ("users/ada@contoso.com", False),
        ("users/bada@contoso.com.jpg", False),
    ],
)
def test_siblings_differ_in_the_extension_alone(ledger: Ledger, other: str, *, is_sibling: bool) -> None:
    for name in (NAME, other):
        ledger.write(receipt(name), Entry())
    assert any(ledger.siblings(NAME)) is is_sibling


# Only over what was read


def test_one_receipt_after_the_other_is_written_over_the_one_before(ledger: Ledger) -> None:
    entry = Entry()
    for reason in ("first", "second", "third"):
        entry = ledger.write(receipt(reason=reason), entry)
    assert ledger.read(NAME) == entry
    assert entry.receipt == receipt(reason="third")


def test_nothing_is_written_over_what_somebody_else_wrote_meanwhile(ledger: Ledger) -> None:
    mine = ledger.write(receipt(reason="before"), Entry())
    theirs = ledger.write(receipt(reason="theirs"), mine)
    with pytest.raises(Overtaken, match=f"“{NAME}” was changed meanwhile"):
        ledger.write(receipt(reason="mine"), mine)
    assert ledger.read(NAME) == theirs


def test_where_nothing_was_read_nothing_may_be(ledger: Ledger) -> None:
    theirs = ledger.write(receipt(reason="theirs"), Entry())
    with pytest.raises(Overtaken):
        ledger.write(receipt(reason="mine"), Entry())
    assert ledger.read(NAME) == theirs


def test_a_receipt_that_was_removed_meanwhile_is_not_written_over(container: ContainerClient, ledger: Ledger) -> None:
    entry = ledger.write(receipt(reason="before"), Entry())
    container.delete_blob(NAME)
    with pytest.raises(Overtaken):
        ledger.write(receipt(reason="after"), entry)
    assert ledger.read(NAME) == Entry()


def test_a_receipt_that_cannot_be_read_is_replaced_only_while_it_stays_the_same(
    container: ContainerClient, ledger: Ledger
) -> None:
    overwrite(container)
    entry = ledger.read(NAME)
    overwrite(container, b"another stain")
    with pytest.raises(Overtaken):
        ledger.write(receipt(), entry)


@pytest.mark.parametrize("begun", [False, True], ids=["the first one", "the next one"])
def test_of_many_at_once_exactly_one_writes(ledger: Ledger, *, begun: bool) -> None:
    over = ledger.write(receipt(reason="before"), Entry()) if begun else Entry()
    won, lost, start = list[Entry](), list[Overtaken](), threading.Barrier(16)

    def run(number: int) -> None:
        start.wait()
        try:
            won.append(ledger.write(receipt(reason=f"run {number}"), over))
        except Overtaken as event:
            lost.append(event)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 15)
    assert ledger.read(NAME) == won[0]


class Forgetful(HTTPAdapter):
    """A connection that loses the answer to the first write; `meanwhile` happens before it is asked for again."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self._meanwhile = [meanwhile]

    def send(self, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:  # noqa: ANN401
        response = super().send(request, *arguments, **options)
        if request.method in {"PUT", "DELETE"} and self._meanwhile:
            self._meanwhile.pop()()
            response.close()
            raise ConnectionLost(request.url)
        return response


def forgetful(machine: Cloud, meanwhile: Callable[[], object]) -> Ledger:
    session = Session()
    session.mount(machine.storage.blob_uri, Forgetful(meanwhile))
    blobs = BlobServiceClient(
        machine.storage.blob_uri,
        machine.blobs.credential,
        transport=RequestsTransport(session=session, connection_verify=str(machine.storage.certificate)),
        retry_policy=LinearRetry(backoff=0, retry_total=1, random_jitter_range=0),
    )
    return Ledger(blobs.get_container_client(RECEIPTS))


@pytest.mark.parametrize("begun", [False, True], ids=["the first one", "the next one"])
def test_a_write_whose_answer_was_lost_is_known_for_its_own(machine: Cloud, ledger: Ledger, *, begun: bool) -> None:
    over = ledger.write(receipt(reason="before"), Entry()) if begun else Entry()
    claim = receipt().claimed(MONDAY, TUESDAY)
    assert forgetful(machine, lambda: None).write(claim, over) == ledger.read(NAME)
    assert ledger.read(NAME).receipt == claim


def test_a_write_whose_answer_was_lost_is_not_mistaken_for_the_one_after_it(machine: Cloud, ledger: Ledger) -> None:
    def overtake() -> None:
        ledger.write(receipt().claimed(MONDAY, TUESDAY), ledger.read(NAME))

    mine = receipt().claimed(MONDAY, TUESDAY)
    with pytest.raises(Overtaken):
        forgetful(machine, overtake).write(mine, Entry())
    assert ledger.read(NAME).receipt != mine


# Removing


def test_what_was_read_is_removed(ledger: Ledger) -> None:
    ledger.remove(NAME, ledger.write(receipt(), Entry()))
    assert ledger.read(NAME) == Entry()


def test_what_was_written_meanwhile_stays(ledger: Ledger) -> None:
    mine = ledger.write(receipt(reason="mine"), Entry())
    theirs = ledger.write(receipt(reason="theirs"), mine)
    ledger.remove(NAME, mine)
    assert ledger.read(NAME) == theirs


def test_where_nothing_was_read_nothing_is_removed(ledger: Ledger) -> None:
    theirs = ledger.write(receipt(), Entry())
    ledger.remove(NAME, Entry())
    assert ledger.read(NAME) == theirs


def test_what_is_gone_already_is_removed_without_complaint(container: ContainerClient, ledger: Ledger) -> None:
    entry = ledger.write(receipt(), Entry())
    container.delete_blob(NAME)
    ledger.remove(NAME, entry)
    assert ledger.read(NAME) == Entry()


def test_a_removal_whose_answer_was_lost_is_a_removal(machine: Cloud, ledger: Ledger) -> None:
    forgetful(machine, lambda: None).remove(NAME, ledger.write(receipt(), Entry()))
    assert ledger.read(NAME) == Entry()


# As a listing shows it


def test_a_listing_tells_enough_without_a_download(ledger: Ledger) -> None:
    reason = "“josé” is not there: 50% of it, <or> “less”."
    postponed = replace(receipt(), outcome=Outcome.RETRYING, due=TUESDAY, code="no-such-target", reason=reason)
    ledger.write(postponed, Entry())
    ((token, (line,)),) = ledger.pages()
    assert token == ""
    assert line == Line(NAME, "0x8DE1", "retrying", TUESDAY, "no-such-target", reason, line.written)
    assert line.written is not None


@pytest.mark.parametrize("character", ["a", "é", "\U0001f600", "\ud800", "%"])
def test_of_a_reason_that_no_listing_can_hold_it_has_the_beginning(ledger: Ledger, character: str) -> None:
    ledger.write(replace(receipt(), reason=f"Why: {character * 9_000}"), Entry())
    ((_, (line,)),) = ledger.pages()
    assert line.reason.startswith("Why: ")
    assert line.reason.endswith("…")


def test_the_metadata_hold_the_hash_too(container: ContainerClient, ledger: Ledger) -> None:
    ledger.write(replace(receipt(), sha256="ab" * 32), Entry())
    assert container.get_blob_client(NAME).get_blob_properties().metadata == {
        "etag": "0x8DE1",
        "outcome": "synced",
        "sha256": "ab" * 32,
    }


def test_a_listing_comes_in_pages_and_goes_on_from_any(machine: Cloud, ledger: Ledger) -> None:
    for name in NAMES:
        ledger.write(receipt(name), Entry())
    pages = list(Ledger(in_small_pages(machine, RECEIPTS)).pages())
    assert [line.photo for _, lines in pages for line in lines] == sorted(NAMES)
    assert list(Ledger(in_small_pages(machine, RECEIPTS)).pages(pages[1][0])) == pages[1:]


@pytest.mark.parametrize(
    ("metadata", "line"),
    [
        (None, Line(NAME, "", "", None)),
        ({}, Line(NAME, "", "", None)),
        ({"etag": "0x1", "outcome": "synced"}, Line(NAME, "0x1", "synced", None)),
        ({"Etag": "0x1", "OUTCOME": "synced"}, Line(NAME, "0x1", "synced", None)),
        ({"due": TUESDAY.isoformat()}, Line(NAME, "", "", TUESDAY)),
        ({"due": "tomorrow"}, Line(NAME, "", "", None)),
        ({"due": "2026-11-24T11:30:00"}, Line(NAME, "", "", None)),
    ],
)
def test_what_a_listing_does_not_tell_is_empty(metadata: dict[str, str] | None, line: Line) -> None:
    blob = BlobProperties(metadata=metadata)
    blob.name = NAME
    assert Line.of(blob) == line


@pytest.mark.parametrize(
    ("outcome", "is_final"),
    [("synced", True), ("unchanged", True), ("rejected", True), ("failed", True), ("retrying", False), ("", False)],
)
def test_only_what_is_known_to_be_over_is_final(outcome: str, *, is_final: bool) -> None:
    assert Line(NAME, "0x1", outcome, None).is_final is is_final
