"""The simulation keeps Graph's limits, takes the app's own decisions, and docs/scale.md tells its figures."""

import json
import random
from pathlib import Path

import pytest

from photo_sync.answer import PAUSE
from photo_sync.backoff import GIVE_UP, SLOWLY
from photo_sync.errors import TryLater
from photo_sync.reconcile import Limits as Queued
from photo_sync.settings import SETTINGS
from photo_sync.turn import Turn
from simulation.agenda import Agenda
from simulation.bill import CALLS, Bill
from simulation.cases import TABLES, Case
from simulation.graph import IDENTITY, MAILBOX, OUTLOOK, Limits, Quota, Reply, SimulatedGraph, Trouble, verdict
from simulation.host import POLL_SECONDS, Fleet, Host
from simulation.photos import SimulatedPhotos
from simulation.run import HEADINGS, cells, run
from simulation.script import Script
from simulation.what_if import WhatIf

ROOT = Path(__file__).parents[1]
HOST = json.loads((ROOT / "host.json").read_text("utf-8"))["extensions"]
HOUR = 3600.0


def graph(limits: Limits, agenda: Agenda, troubles: tuple[Trouble, ...] = (), unknown: int = 0) -> SimulatedGraph:
    return SimulatedGraph(limits, agenda.clock, random.Random(0), troubles, unknown)  # noqa: S311 - moods, no secrets


# Graph


def test_one_more_at_a_time_than_graph_allows_is_refused_until_one_is_done() -> None:
    outlook = graph(OUTLOOK, Agenda())
    replies = [outlook.put(0)[0] for _ in range(5)]
    assert [reply.status for reply in replies] == [200, 200, 200, 200, 429]
    outlook.leave(replies[4])
    assert outlook.put(0)[0].status == 429
    outlook.leave(replies[0])
    assert outlook.put(0)[0].status == 200


def test_one_request_more_than_a_quota_is_told_when_there_is_room_again() -> None:
    quota = Quota(most=2, seconds=100)
    assert [quota.take(0), quota.take(30), quota.take(40)] == [0, 0, 90]
    assert quota.take(141) == 0


def test_a_request_that_was_refused_counts_too() -> None:
    quota = Quota(most=1, seconds=100)
    assert [quota.take(0), quota.take(99), quota.take(101)] == [0, 100, 100]


@pytest.mark.parametrize(("limits", "most", "seconds"), [(IDENTITY, 3_000, 150), (MAILBOX, 1_875, 300)])
def test_no_more_than_microsoft_publishes_is_served_in_any_period(limits: Limits, most: int, seconds: float) -> None:
    agenda = Agenda()
    served = []
    asked = graph(limits, agenda)
    for agenda.now in (number / 30 for number in range(30 * 400)):
        reply, _ = asked.put(0)
        asked.leave(reply)
        served += [agenda.now] if reply.status == 200 else []
    assert max(sum(begin <= time < begin + seconds for time in served) for begin in served[::100]) == most


def test_bad_hours_have_one_answer_only() -> None:
    agenda = Agenda()
    down = graph(OUTLOOK, agenda, (Trouble(10, 20, Reply(503)),))
    answers = []
    for agenda.now in (9, 10, 19, 20):
        answers.append(down.put(0)[0].status)
    assert answers == [200, 503, 503, 200]


def test_so_many_of_a_hundred_are_unknown() -> None:
    agenda = Agenda()
    asked = graph(IDENTITY, agenda, unknown=5)
    assert [asked.put(person)[0].status for person in range(200)].count(404) == 10


def test_what_an_answer_means_the_app_says() -> None:
    assert verdict(Reply(200)) == (None, None)
    assert verdict(Reply(429)).pause == PAUSE
    assert verdict(Reply(429, retry_after=7)).pause == 7
    assert verdict(Reply(503)).pause is None
    unknown = verdict(Reply(404, "Request_ResourceNotFound")).fault
    assert isinstance(unknown, TryLater)
    assert unknown.backoff is SLOWLY


# The clock and the host


def test_events_come_in_the_order_of_their_time_then_of_their_entry() -> None:
    agenda = Agenda()
    seen: list[str] = []
    for time, name in ((2, "c"), (1, "a"), (1, "b")):
        agenda.at(time, seen.append, name)
    agenda.run(until=lambda: False, longest=10)
    assert seen == ["a", "b", "c"]
    assert agenda.now == 2


def test_a_fleet_is_by_default_as_the_app_is_set() -> None:
    fleet = Fleet(1)
    assert fleet.places == HOST["blobs"]["maxDegreeOfParallelism"]
    assert fleet.places == HOST["queues"]["batchSize"] + HOST["queues"]["newBatchThreshold"]
    assert HOST["queues"]["maxPollingInterval"] == f"00:00:{POLL_SECONDS:02g}"
    assert str(fleet.concurrency) == next(one.default for one in SETTINGS if one.name == "GRAPH_CONCURRENCY")


@pytest.mark.parametrize(("seconds", "billed"), [(0.2, 1.0), (1.0, 1.0), (1.01, 1.1), (60.0, 60.0)])
def test_a_second_is_billed_at_least_then_each_tenth(seconds: float, billed: float) -> None:
    host = Host(Fleet(1), Agenda())
    host.bill(seconds)
    assert host.billed == pytest.approx(billed)


def test_what_still_runs_at_the_end_is_billed() -> None:
    """A single instance, never without work, is billed for as long as it all took."""
    figures = run(Case(1_000, IDENTITY, Fleet(1)))
    assert figures.gb_seconds == pytest.approx(figures.hours * HOUR * 2, rel=0.02)


def test_a_function_has_no_more_instances_than_are_allowed() -> None:
    agenda = Agenda()
    sent: list[int] = []
    host = Host(Fleet(3), agenda)
    function = host.add(lambda _function, _instance, message: sent.append(message), target=1)
    function.ready.extend(range(100))
    agenda.at(0, host.scale)
    agenda.run(until=lambda: False, longest=HOUR)
    assert len(function.instances) == 3
    assert sent == list(range(12))


# Receipts


def test_a_photo_is_given_up_when_the_app_says_so() -> None:
    agenda, tries = Agenda(), 0
    photos = SimulatedPhotos(1, agenda.clock)
    fault = TryLater("service-fault", "Microsoft Graph had a fault of its own.")
    delay: float | None = 0.0
    while delay is not None:
        agenda.now += delay
        photos.take(0)
        photos.begin(0)
        photos.claim(0)
        delay, tries = photos.postpone(0, fault, chance=1.0), tries + 1
    assert (photos.failed, photos.left) == (1, 0)
    assert agenda.now <= GIVE_UP.total_seconds() < agenda.now + HOUR
    assert tries > 20


def test_nobody_works_on_a_photo_that_is_being_sent_or_not_due_or_done() -> None:
    agenda = Agenda()
    photos = SimulatedPhotos(1, agenda.clock)
    assert [photos.take(0), photos.take(0)] == [Turn.WORK, Turn.WAIT]
    photos.begin(0)
    photos.postpone(0, TryLater("throttled", "", retry_after=60), chance=0)
    assert photos.take(0) is Turn.END
    agenda.now = 100
    assert photos.take(0) is Turn.WORK
    photos.settle(0, synced=True)
    assert photos.take(0) is Turn.END


# All of it together


@pytest.mark.parametrize("limits", [OUTLOOK, IDENTITY, MAILBOX], ids=lambda limits: str(limits.name))
@pytest.mark.parametrize("by", [Fleet(1, 2), Fleet(2), Fleet(100), Script(1, 0)], ids=str)
def test_a_thousand_people_end_with_everybody_synced(limits: Limits, by: Fleet | Script) -> None:
    figures = run(Case(1_000, limits, by))
    assert (figures.synced, figures.failed) == (1_000, 0)


def test_the_same_case_has_the_same_figures() -> None:
    case = Case(1_000, OUTLOOK, Fleet(2))
    assert run(case) == run(case)


def test_settings_that_fit_meet_hardly_a_429_where_a_script_meets_hundreds() -> None:
    assert run(Case(2_000, OUTLOOK, Fleet(1, 2))).refused <= 20
    assert run(Case(2_000, OUTLOOK, Script(16, 5))).refused > 500
    assert run(Case(2_000, OUTLOOK, Script(16, 0))).refused > 10_000


def test_in_a_pause_that_graph_asks_for_few_requests_go_out() -> None:
    """Half an hour of “come back in two minutes”: fifteen times, each instance asks again with a request or two."""
    hours = (Trouble(60, 1_860, Reply(429, "TooManyRequests", 120)),)
    assert run(Case(2_000, OUTLOOK, Fleet(1, 2), troubles=hours)).refused <= 15 * 4
    assert run(Case(2_000, OUTLOOK, Script(4, 5), troubles=hours)).refused > 1_000


def test_who_is_unknown_is_given_up_and_everybody_else_is_synced() -> None:
    figures = run(Case(1_000, OUTLOOK, Fleet(1, 2), unknown=5))
    assert (figures.synced, figures.failed) == (950, 50)


@pytest.mark.parametrize("how", ["hourly", "command"])
def test_a_container_that_was_full_before_is_synced_without_any_event(how: str) -> None:
    assert run(Case(1_000, OUTLOOK, Fleet(1, 2), how=how)).synced == 1_000


def test_each_hour_no_more_is_queued_than_the_app_queues() -> None:
    hours = [
        run(Case(7_000, IDENTITY, Fleet(5), how="hourly", what_if=WhatIf(limits=Queued(waiting=waiting)))).hours
        for waiting in (1_000, 10_000)
    ]
    assert hours[0] > 1.0 > hours[1]


def test_every_kind_of_run_has_a_price() -> None:
    kinds = {kind for by in (Fleet(2), Fleet(1, 2)) for kind in run(Case(1_000, OUTLOOK, by, unknown=5)).runs}
    assert kinds <= set(CALLS)
    assert Bill(3_600, {"sent": 1_000}).gb_seconds == 7_200


# The figures that are told


def told(heading: str) -> list[list[str]]:
    """The rows of the table below a heading of docs/scale.md."""
    section = (ROOT / "docs" / "scale.md").read_text("utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    begin = table.index(list(HEADINGS))
    return table[begin + 2 :]


def test_the_comparison_is_told_as_it_is_limited() -> None:
    assert f"{Queued().waiting:,} photos an hour" in (ROOT / "docs" / "scale.md").read_text("utf-8")


@pytest.mark.parametrize("heading", TABLES)
def test_the_tables_are_about_what_is_simulated(heading: str) -> None:
    shown = [row[:4] for row in told(heading)]
    assert shown == [[f"{case.people:,}", case.limits.name, str(case.by), case.day] for case in TABLES[heading]]


@pytest.mark.parametrize("heading", [heading for heading, table in TABLES.items() if any(c.is_quick for c in table)])
def test_the_figures_are_those_of_a_run(heading: str) -> None:
    """The quick ones are run anew; where this fails, put the tables that `make simulate` prints into docs/scale.md."""
    shown = told(heading)
    quick = [number for number, case in enumerate(TABLES[heading]) if case.is_quick]
    again = [cells(TABLES[heading][number], run(TABLES[heading][number])) for number in quick]
    assert [shown[number] for number in quick] == again
