import base64
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.cloud import Cloud
from local.faults import Fault
from pages import in_small_pages
from photo_sync.bookmark import Place
from photo_sync.ledger import Ledger, Line
from photo_sync.listing import Cursor
from photo_sync.reconcile import MIN_AGE, Limits, Tally, before, everything, is_lost, merge, reconcile, reconcile_hourly
from photo_sync.retries import Retries, Retry
from photo_sync.settings import PHOTOS, RECEIPTS, RETRIES, RETRIES_POISON, UPLOADS_POISON, Settings
from photo_sync.storage import Photos, Upload
from photo_sync.sync import PhotoSync
from photo_sync.wiring import connect
from pictures import plain

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ALL = frozenset({"synced", "unchanged", "rejected", "failed"})


def an_upload(name: str, etag: str = "0x1", age: timedelta = HOUR) -> Upload:
    return Upload(name, etag, 7, NOW - age)


def a_line(name: str, outcome: str = "synced", due: datetime | None = None, etag: str = "0x1") -> Line:
    return Line(name, etag, outcome, due)


# The two listings in step


def cursor(receipts: Sequence[str], page: int = 2) -> Cursor[Line]:
    """Receipts of these names, in pages."""
    lines = [a_line(name) for name in receipts]
    return Cursor([(str(start), lines[start : start + page]) for start in range(0, len(lines), page)])


def merged(photos: Sequence[str], receipts: Sequence[str], page: int = 2) -> list[tuple[str, str | None]]:
    """The names of the photos that `merge` yields, its uploads all at once and its lines in pages."""
    pairs = merge((an_upload(name) for name in photos), cursor(receipts, page))
    return [(upload.name, line.photo if line else None) for _, upload, line in pairs if upload]


def gone(photos: Sequence[str], receipts: Sequence[str], page: int = 2) -> list[str]:
    """The names of the receipts that are yielded as those of files that are gone, those behind the last file too."""
    lines = cursor(receipts, page)
    pairs = [*merge((an_upload(name) for name in photos), lines), *before(None, lines)]
    return [photo for photo, upload, _ in pairs if upload is None]


def looked_up(photos: Sequence[str], receipts: Sequence[str]) -> list[tuple[str, str | None]]:
    """The same in the obvious way, with all receipts in memory."""
    known = dict(zip(receipts, receipts, strict=True))
    return [(name, known.get(name)) for name in photos]


@pytest.mark.parametrize(
    ("photos", "receipts", "expected"),
    [
        ("", "", ""),
        ("abc", "abc", "abc"),
        ("abc", "", "---"),
        ("", "abc", ""),
        ("abc", "b", "-b-"),
        ("b", "abc", "b"),
        ("ace", "bdf", "---"),
        ("bdf", "ace", "---"),
        ("abcdef", "acf", "a-c--f"),
        ("acf", "abcdef", "acf"),
        ("a", "z", "-"),
        ("z", "a", "-"),
    ],
)
def test_each_photo_comes_with_its_receipt_or_with_none(photos: str, receipts: str, expected: str) -> None:
    pairs = merged(photos, receipts)
    assert [name for name, _ in pairs] == list(photos)
    assert "".join(receipt or "-" for _, receipt in pairs) == expected


@pytest.mark.parametrize(
    ("photos", "receipts", "expected"),
    [("", "", ""), ("abc", "abc", ""), ("", "abc", "abc"), ("b", "abc", "ac"), ("ace", "bdf", "bdf"), ("z", "a", "a")],
)
def test_each_receipt_whose_file_is_gone_comes_once(photos: str, receipts: str, expected: str) -> None:
    assert gone(photos, receipts) == list(expected)


NAMES = st.sets(st.text("ab/.~", max_size=4) | st.text(max_size=3), max_size=30)


@given(photos=NAMES, receipts=NAMES, page=st.integers(1, 7))
def test_in_step_they_tell_what_a_dictionary_would(photos: set[str], receipts: set[str], page: int) -> None:
    assert merged(sorted(photos), sorted(receipts), page) == looked_up(sorted(photos), sorted(receipts))
    assert gone(sorted(photos), sorted(receipts), page) == sorted(receipts - photos)


def utf16(name: str) -> bytes:
    """What JavaScript and .NET may order by: beyond U+FFFF, Python's order is another one."""
    return name.encode("utf-16-be", errors="surrogatepass")


STRANGE = st.sets(st.text("az\u00e9\uff21\uffee\U0001f642\U0001f600", max_size=4), max_size=30)


@given(photos=STRANGE, receipts=STRANGE, page=st.integers(1, 7))
def test_names_in_an_order_of_storage_s_own_are_looked_at_too_often_at_worst(
    photos: set[str], receipts: set[str], page: int
) -> None:
    uploads, lines = sorted(photos, key=utf16), sorted(receipts, key=utf16)
    assert_never_too_few(merged(uploads, lines, page), looked_up(uploads, lines))


@given(
    photos=st.permutations("abcdefgh").flatmap(lambda order: st.lists(st.sampled_from(order), unique=True)),
    receipts=st.permutations("abcdefgh"),
)
def test_whatever_the_order_no_photo_is_passed_over(photos: list[str], receipts: list[str]) -> None:
    assert_never_too_few(merged(photos, receipts), looked_up(photos, receipts))


def assert_never_too_few(pairs: list[tuple[str, str | None]], expected: list[tuple[str, str | None]]) -> None:
    """Every photo is there, with its own receipt or with none, never with another's."""
    assert [name for name, _ in pairs] == [name for name, _ in expected]
    assert all(found in {None, known} for (_, found), (_, known) in zip(pairs, expected, strict=True))


def test_after_names_in_another_order_the_listings_are_in_step_again() -> None:
    names = ["\U0001f642", "\uff21", "\uffee", *(f"{number}" for number in range(3))]
    uploads, receipts = sorted(names, key=utf16), sorted([*names, "\U0001f642z"], key=utf16)
    assert [name for name, receipt in merged(uploads, receipts) if receipt is None] == ["\uff21", "\uffee"]
    assert [name for name, receipt in merged(receipts, receipts) if receipt is None] == []


# What is wanted

LATER, LONG_AGO, JUST_NOW = NOW + MINUTE, NOW - MIN_AGE - TICK, NOW - MIN_AGE


@pytest.mark.parametrize(
    ("age", "line", "lost"),
    [
        (HOUR, None, True),
        (MIN_AGE + TICK, None, True),
        (MIN_AGE, None, False),
        (timedelta(0), None, False),
        (-HOUR, None, False),
        *[(HOUR, a_line("a", outcome), False) for outcome in sorted(ALL)],
        (HOUR, a_line("a", "retrying", LATER), False),
        (HOUR, a_line("a", "retrying", NOW), False),
        (HOUR, a_line("a", "retrying", JUST_NOW), False),
        (HOUR, a_line("a", "retrying", LONG_AGO), True),
        (HOUR, a_line("a", "retrying", None), True),
        (HOUR, a_line("a", "", None), True),
        (HOUR, a_line("a", "somehow", None), True),
        # The receipt is of another upload.
        *[(HOUR, a_line("a", outcome, etag="0x2"), True) for outcome in sorted(ALL)],
        (MIN_AGE, a_line("a", "synced", etag="0x2"), False),
        (HOUR, a_line("a", "retrying", LONG_AGO, etag="0x2"), True),
        (HOUR, a_line("a", "retrying", NOW, etag="0x2"), True),
        (HOUR, a_line("a", "retrying", LATER, etag="0x2"), False),
        (HOUR, a_line("a", "", etag=""), True),
    ],
)
def test_what_nothing_is_going_to_settle_is_lost(age: timedelta, line: Line | None, *, lost: bool) -> None:
    assert is_lost(an_upload("a", age=age), line, now=NOW, removes=False) is lost


@pytest.mark.parametrize(
    ("line", "removes", "lost"),
    [
        (None, True, False),
        # With SYNC_DELETES every photo goes, without it what never became one is cleared away.
        *[(a_line("a", outcome), True, True) for outcome in sorted(ALL)],
        *[(a_line("a", outcome), False, True) for outcome in ("rejected", "failed")],
        *[(a_line("a", outcome), False, False) for outcome in ("synced", "unchanged")],
        (a_line("a", "retrying", LONG_AGO), False, True),
        (a_line("a", "retrying", None), False, True),
        *[(a_line("a", "retrying", due), True, False) for due in (LATER, NOW, JUST_NOW)],
        # It is settled, or tried again anyway.
        *[(a_line("a", outcome, etag=""), True, False) for outcome in ("removed", "failed")],
        (a_line("a", "retrying", LATER, etag=""), True, False),
        (a_line("a", "retrying", LONG_AGO, etag=""), True, True),
        # Somebody else's.
        *[(a_line("a", outcome), True, False) for outcome in ("", "somehow")],
    ],
)
def test_the_receipt_of_a_deleted_file_is_lost_until_something_came_of_that(
    line: Line | None, *, removes: bool, lost: bool
) -> None:
    assert is_lost(None, line, now=NOW, removes=removes) is lost


@pytest.mark.parametrize(("minutes", "lost"), [(59, True), (60, False), (61, False)])
def test_how_old_what_is_lost_must_be_can_be_told(minutes: int, *, lost: bool) -> None:
    min_age = timedelta(minutes=minutes)
    assert is_lost(an_upload("a", age=HOUR), None, now=NOW, removes=False, min_age=min_age) is lost


# Against storage

WHO = ("ada", "alan", "grace", "hedy", "katherine", "linus", "radia")
USERS = [f"users/{who}@contoso.com.jpg" for who in WHO]


@pytest.fixture
def job(machine: Cloud) -> PhotoSync:
    """The job as it is wired in Azure, an hour from now, its listings in pages of two."""
    assert machine.settings.items() <= dict(os.environ).items()
    return replace(
        connect(Settings.from_env(os.environ)),
        photos=Photos(in_small_pages(machine, PHOTOS), 10**6),
        ledger=Ledger(in_small_pages(machine, RECEIPTS)),
        now=lambda: datetime.now(UTC) + HOUR,
    )


def upload(machine: Cloud, *names: str) -> None:
    for name in names:
        machine.blobs.get_blob_client(PHOTOS, name).upload_blob(plain(), overwrite=True)


def queued(machine: Cloud) -> list[Retry]:
    """What is in photo-retries, which is empty afterwards."""
    found, queue = list[Retry](), machine.queues.get_queue_client(RETRIES)
    for message in queue.receive_messages(messages_per_page=32):
        found.append(Retry.from_json(base64.b64decode(message.content)))
        queue.delete_message(message)
    return sorted(found, key=lambda retry: retry.photo)


def test_what_has_no_receipt_is_looked_at_again_and_nothing_else(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, *USERS)
    for name in USERS[::2]:
        job.sync(name)
    assert reconcile_hourly(job) == Tally(compared=7, queued=3)
    assert queued(machine) == [Retry(name) for name in USERS[1::2]]


def test_what_is_looked_at_again_is_settled_and_the_next_run_finds_nothing(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, *USERS)
    assert reconcile_hourly(job) == Tally(compared=7, queued=7)
    for retry in queued(machine):
        job.sync(retry.photo, force=retry.force)
    assert reconcile_hourly(job) == Tally(compared=7, queued=0)
    assert all(machine.graph.directory.known_user(f"{who}@contoso.com").photo for who in WHO)


def test_a_newer_upload_and_a_retry_whose_message_was_lost_are_looked_at_again(machine: Cloud, job: PhotoSync) -> None:
    overwritten, forgotten, later, settled = USERS[:4]
    upload(machine, *USERS[:4])
    job.sync(overwritten)
    job.sync(settled)
    upload(machine, overwritten)
    machine.graph.faults.set([Fault(status=503)])
    replace(job, now=lambda: datetime.now(UTC)).sync(forgotten)
    job.sync(later)
    queued(machine)
    machine.queues.get_queue_client(RETRIES).clear_messages()
    assert reconcile_hourly(job) == Tally(compared=4, queued=2)
    assert queued(machine) == [Retry(overwritten), Retry(forgotten)]


def test_what_was_uploaded_just_now_is_left_to_its_event(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, *USERS)
    assert reconcile_hourly(replace(job, now=lambda: datetime.now(UTC))) == Tally(compared=7, queued=0)


def test_what_was_synced_stays_written_down_when_its_file_is_gone(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, *USERS)
    for name in USERS:
        job.sync(name)
        if name != USERS[3]:
            machine.blobs.get_blob_client(PHOTOS, name).delete_blob()
    assert reconcile_hourly(job) == Tally(compared=1, queued=0)


def test_with_sync_deletes_the_deletions_that_no_event_told_of_are_queued(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, *USERS)
    for name in USERS:
        job.sync(name)
    for name in (USERS[0], USERS[3], USERS[6]):
        machine.blobs.get_blob_client(PHOTOS, name).delete_blob()
    assert reconcile_hourly(replace(job, sync_deletes=True)) == Tally(compared=4, queued=3)
    assert queued(machine) == [Retry(USERS[0]), Retry(USERS[3]), Retry(USERS[6])]


def test_the_receipt_of_a_refused_file_goes_when_the_file_is_gone(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, "people/ada.jpg")
    job.sync("people/ada.jpg")
    machine.blobs.get_blob_client(PHOTOS, "people/ada.jpg").delete_blob()
    assert reconcile_hourly(job) == Tally(queued=1)
    assert queued(machine) == [Retry("people/ada.jpg")]
    assert job.sync("people/ada.jpg") is None
    assert reconcile_hourly(job) == Tally()


def test_where_there_is_nothing_there_is_nothing_to_do(job: PhotoSync) -> None:
    assert reconcile_hourly(job) == Tally()


def test_by_order_of_a_person_photos_are_sent_again(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, *USERS[:3])
    assert reconcile(job, everything, force=True) == Tally(compared=3, queued=3)
    assert queued(machine) == [Retry(name, force=True) for name in USERS[:3]]


def test_names_that_storage_orders_in_its_own_way_are_all_looked_at(machine: Cloud, job: PhotoSync) -> None:
    names = [f"users/{who}@contoso.com.jpg" for who in ("\U0001f642", "\uff21da", "\uffee", "zoë", "\U0001f600")]
    upload(machine, *names)
    assert reconcile_hourly(job) == Tally(compared=5, queued=5)
    assert queued(machine) == [Retry(name) for name in sorted(names)]


# Limits, and going on


def compared_by(job: PhotoSync, limits: Limits) -> list[Tally]:
    """Every run that it takes from the beginning to the end."""
    tallies = [reconcile(job, everything, limits=limits)]
    while (place := tallies[-1].rest) is not None:
        tallies.append(reconcile(job, everything, limits=limits, place=place))
    return tallies


def test_a_run_stops_between_two_pages_when_enough_is_queued(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, *USERS)
    tally = reconcile(job, everything, limits=Limits(waiting=3))
    assert (tally.compared, tally.queued) == (4, 4)
    assert tally.rest is not None
    assert queued(machine) == [Retry(name) for name in USERS[:4]]


def test_a_run_that_goes_on_reads_no_receipts_from_before(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, *USERS)
    for name in USERS:
        job.sync(name)
    place = reconcile(job, everything, limits=Limits(waiting=3)).rest
    assert place is not None
    lines = [line for _, page in job.ledger.pages(place.receipts) for line in page]
    assert USERS[1] not in {line.photo for line in lines}
    assert set(USERS[4:]) <= {line.photo for line in lines}


def test_what_waits_already_counts(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, *USERS)
    job.retries.send(Retry("users/somebody@contoso.com.jpg"), after=60)
    tally = reconcile(job, everything, limits=Limits(waiting=3))
    assert (tally.compared, tally.queued) == (2, 2)


def test_while_the_queue_is_full_a_run_stays_where_it_is(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, *USERS)
    place = reconcile(job, everything, limits=Limits(waiting=3)).rest
    assert place is not None
    assert reconcile(job, everything, limits=Limits(waiting=3), place=place) == Tally(rest=place)


def test_a_run_stops_when_it_has_taken_its_time(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, *USERS)
    assert reconcile(job, everything, limits=Limits(seconds=-1)) == Tally(rest=Place("", ""))


@pytest.mark.parametrize("synced", [0, 2, 5, 7])
def test_run_after_run_every_photo_is_compared_once_with_its_receipt(
    machine: Cloud, job: PhotoSync, synced: int
) -> None:
    upload(machine, *USERS)
    for name in USERS[:synced]:
        job.sync(name)
    wanted = partial(is_lost, now=job.now(), removes=False)
    seen, place = list[tuple[str, bool]](), Place()

    def look(upload: Upload | None, line: Line | None) -> bool:
        assert upload is not None
        seen.append((upload.name, wanted(upload, line)))
        return True

    for _ in range(4):
        queued(machine)
        place = reconcile(job, look, limits=Limits(waiting=1), place=place).rest or Place()
    assert seen == [(name, index >= synced) for index, name in enumerate(USERS)]


def test_the_next_hour_goes_on_where_this_one_had_to_stop(machine: Cloud, job: PhotoSync) -> None:
    upload(machine, *USERS)
    place = reconcile(job, everything, limits=Limits(waiting=3)).rest
    assert place is not None
    job.ledger.bookmark.put(place)
    machine.queues.get_queue_client(RETRIES).clear_messages()
    assert reconcile_hourly(job) == Tally(compared=3, queued=3)
    assert queued(machine) == [Retry(name) for name in USERS[4:]]
    assert job.ledger.bookmark.take() == Place()


class Full(Retries):
    """A queue in which more waits than an hourly run may add to."""

    def waiting(self) -> int:
        return Limits().waiting


def test_the_hour_that_has_to_stop_leaves_its_place_to_the_next(
    machine: Cloud, job: PhotoSync, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    upload(machine, *USERS)
    place = reconcile(job, everything, limits=Limits(waiting=3)).rest
    assert place is not None
    job.ledger.bookmark.put(place)
    full = replace(job, retries=Full(partial(machine.queues.get_queue_client, RETRIES)))
    for _ in range(3):
        assert reconcile_hourly(full) == Tally(rest=place)
    assert '"queued":0,"done":false,"retries":20000' in caplog.text
    assert job.ledger.bookmark.take() == place


def test_the_log_tells_how_many_were_compared_and_queued(
    machine: Cloud, job: PhotoSync, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    upload(machine, *USERS)
    caplog.clear()
    reconcile_hourly(job)
    (record,) = caplog.records
    told = {"event": "hourly", "compared": 7, "queued": 7, "done": True, "retries": 7, "poison": 0}
    assert json.loads(record.getMessage()) == told


def test_the_log_tells_how_many_messages_the_host_gave_up_that_nobody_took(
    machine: Cloud, job: PhotoSync, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for name in (RETRIES_POISON, UPLOADS_POISON, UPLOADS_POISON):
        machine.queues.get_queue_client(name).send_message("eA==")
    reconcile_hourly(job)
    assert '"poison":3' in caplog.text
