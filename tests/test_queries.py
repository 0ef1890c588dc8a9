"""What the alerts and the workbook ask the log is what the code tells it; Microsoft's own parser reads the queries."""

import json
import re

import pytest

import kusto
from bicep import INFRA, Bicep
from local.cloud import Cloud
from local.directory import CONTACT
from photo_sync.graph import FAULTS
from photo_sync.receipts import Outcome
from photo_sync.reconcile import reconcile_hourly
from photo_sync.settings import PHOTOS, Settings
from photo_sync.wiring import connect
from pictures import plain

ALERTS = {path.stem: path.read_text("utf-8") for path in sorted((INFRA / "queries").glob("*.kql"))}
WORKBOOK = json.loads((INFRA / "workbook.json").read_text("utf-8"))
CHARTS = {item["name"]: item["content"] for item in WORKBOOK["items"] if item["type"] == 3}
QUERIES = ALERTS | {name: chart["query"].replace("{Range:grain}", "1h") for name, chart in CHARTS.items()}
TEMPLATES = {"alerts.bicep": ALERTS, "workbook.bicep": CHARTS}


@pytest.fixture(scope="module")
def readings() -> dict[str, kusto.Reading]:
    return kusto.read(QUERIES)


@pytest.fixture
def events(machine: Cloud, caplog: pytest.LogCaptureFixture) -> dict[str, set[str]]:
    """What each event holds, by its name, as the app tells it when it is run."""
    caplog.set_level("INFO", "photo_sync")
    job = connect(Settings.from_env(machine.settings))
    for name in ("users/ada@contoso.com.jpg", f"contacts/{CONTACT}.png", "people/ada.jpg"):
        machine.blobs.get_blob_client(PHOTOS, name).upload_blob(plain())
        job.sync(name)
    reconcile_hourly(job)
    told = [json.loads(message) for message in caplog.messages]
    assert all(set(event) == set(next(one for one in told if one["event"] == event["event"])) for event in told)
    return {event["event"]: set(event) for event in told}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_one_that_can_be_run(readings: dict[str, kusto.Reading], name: str) -> None:
    assert readings[name].mistakes == []


@pytest.mark.parametrize(
    ("query", "mistake"),
    [
        ("AppTrace | take 1", "1:1 The name 'AppTrace' does not refer to any known table"),
        ("AppTraces\n| where Mesage == ''", "2:9 The name 'Mesage' does not refer to any known column"),
        ("AppTraces | extend a = tostrng(Message)", "1:24 The name 'tostrng' does not refer to any known function"),
        ("AppTraces | where (Message == ''", "1:33 Expected: )"),
        ("", "1:1 No query with a result."),
    ],
)
def test_a_query_that_cannot_be_run_is_seen(query: str, mistake: str) -> None:
    assert kusto.read({"it": query})["it"].mistakes[0].startswith(mistake)


def test_every_field_that_is_asked_for_is_told(readings: dict[str, kusto.Reading], events: dict[str, set[str]]) -> None:
    asked = {"photo", "hourly"}
    assert set(events) == asked
    for name, query in QUERIES.items():
        (event,) = re.findall(r"Message startswith '\{\"event\":\"(\w+)\"'", query)
        assert set(readings[name].members) <= events[event], name


def test_a_field_that_nobody_tells_is_seen() -> None:
    asked = kusto.read({"it": "AppTraces | extend e = parse_json(Message) | where e.outcom == 'x' and e['y'] > 1"})
    assert asked["it"].members == ["outcom", "y"]


def test_every_outcome_and_code_that_is_compared_is_one_that_there_is(readings: dict[str, kusto.Reading]) -> None:
    gate = re.findall(r'TryLater\(\s*"([\w-]+)"', (INFRA.parent / "photo_sync" / "throttle.py").read_text("utf-8"))
    known: dict[str, set[str]] = {"outcome": set(Outcome), "code": {fault.code for fault in FAULTS} | set(gate)}
    compared = [(field, words) for reading in readings.values() for field, words in reading.values.items()]
    assert compared
    for field, words in compared:
        assert set(words) <= known[field], (field, words)


def test_an_alert_asks_of_one_app_and_one_topic() -> None:
    for name, query in QUERIES.items():
        assert "AppRoleName == 'FUNCTION_APP'" in query, name
        assert "union" not in query, name  # which alert rules do not take
    for name, queries in TEMPLATES.items():
        text = Bicep(name).text
        used = {word for query in queries.values() for word in re.findall(r"FUNCTION_APP|EVENT_TOPIC", str(query))}
        assert all(f"'{word}'" in text for word in used), name


def test_every_alert_has_its_query_and_every_query_its_alert() -> None:
    alerts = Bicep("alerts.bicep").all("var")["alerts"].value
    assert {alert["name"] for alert in alerts} == set(ALERTS)
    for alert in alerts:
        assert alert["query"] == f"loadTextContent('queries/{alert['name']}.kql')"


def test_an_alert_that_tells_reasons_apart_has_them() -> None:
    for alert in Bicep("alerts.bicep").all("var")["alerts"].value:
        assert ("Code = " in ALERTS[alert["name"]]) is alert["byCode"], alert["name"]


def test_an_alert_looks_back_as_far_as_its_query_does() -> None:
    """Azure cuts off what is older than the window, whatever the query asks."""
    hours = {"PT30M": 0.5, "PT2H": 2, "PT4H": 4, "P2D": 48}
    for alert in Bicep("alerts.bicep").all("var")["alerts"].value:
        ago = [
            int(number) * {"h": 1, "m": 1 / 60}[unit]
            for number, unit in re.findall(r"ago\((\d+)([hm])\)", ALERTS[alert["name"]])
        ]
        assert max(ago, default=0) < hours[alert["over"]], alert["name"]


def test_every_event_and_outcome_has_its_place_in_the_workbook(readings: dict[str, kusto.Reading]) -> None:
    shown = {member for name in CHARTS for member in readings[name].members}
    assert {
        "outcome",
        "code",
        "reason",
        "latency_ms",
        "read_ms",
        "make_ms",
        "send_ms",
        "status",
        "first_tried",
    } <= shown
    colours = CHARTS["outcomes-over-time"]["chartSettings"]["seriesLabelSettings"]
    assert {series["seriesName"] for series in colours} == set(Outcome)


def test_the_workbook_asks_in_the_time_range_that_it_shows() -> None:
    (parameters,) = [item["content"]["parameters"] for item in WORKBOOK["items"] if item["type"] == 9]
    assert [parameter["name"] for parameter in parameters] == ["Range"]
    assert {chart["timeContextFromParameter"] for chart in CHARTS.values()} == {"Range"}
    assert WORKBOOK["fallbackResourceIds"] == ["WORKSPACE_ID"]
