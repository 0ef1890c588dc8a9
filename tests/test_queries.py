"""What the alerts and the workbook ask the log is what the code tells it; Microsoft's own parser reads the queries."""

import base64
import json
import re

import pytest

import kusto
from bicep import INFRA, Bicep
from local.cloud import Cloud
from photo_sync.drop import Drop
from photo_sync.errors import Rejected, TryLater
from photo_sync.graph import FAULTS
from photo_sync.receipts import Outcome
from photo_sync.removal import TOO_MANY
from photo_sync.retries import Retry
from photo_sync.round_trip import round_trip
from photo_sync.settings import PHOTOS, RETRIES, Settings
from photo_sync.target import Target
from photo_sync.throttle import Throttle
from photo_sync.wiring import connect

ALERTS = {path.stem: path.read_text("utf-8") for path in sorted((INFRA / "queries").glob("*.kql"))}
WORKBOOK = json.loads((INFRA / "workbook.json").read_text("utf-8"))
CHARTS = {item["name"]: item["content"] for item in WORKBOOK["items"] if item["type"] == 3}
QUERIES = ALERTS | {name: chart["query"].replace("{Range:grain}", "1h") for name, chart in CHARTS.items()}
TEMPLATES = {"alerts.bicep": ALERTS, "workbook.bicep": CHARTS}


@pytest.fixture(scope="module")
def readings() -> dict[str, kusto.Reading]:
    return kusto.read(QUERIES)


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


def gate_codes() -> set[str]:
    """The codes of those that are turned away before Graph: by a crowd, and by a pause."""
    gate = Throttle(1, patience=0)
    with gate.slot(), pytest.raises(TryLater) as crowded, gate.slot():
        pass
    gate.pause(60)
    with pytest.raises(TryLater) as paused:
        gate.check()
    return {crowded.value.code, paused.value.code}


def test_every_outcome_and_code_that_is_compared_is_one_that_there_is(readings: dict[str, kusto.Reading]) -> None:
    codes = {fault.code for fault in FAULTS} | gate_codes() | {TOO_MANY}
    known: dict[str, set[str]] = {"outcome": set(Outcome), "code": codes}
    compared = [(field, words) for reading in readings.values() for field, words in reading.values.items()]
    assert compared
    for field, words in compared:
        assert set(words) <= known[field], (field, words)


def test_the_doctors_probe_is_not_told_as_a_photo_that_somebody_has_to_mend(machine: Cloud) -> None:
    settings = Settings.from_env(machine.settings)
    round_trip(connect(settings), Drop(machine.blobs.get_container_client(PHOTOS)), seconds=0)
    (order,) = machine.queues.get_queue_client(RETRIES).peek_messages(max_messages=2)
    probe = Retry.from_json(base64.b64decode(order.content)).photo
    (left_out,) = re.findall(r"tostring\(photo\.photo\) !startswith_cs '(.+)'", ALERTS["rejected"])
    assert probe.startswith(left_out)
    with pytest.raises(Rejected):
        Target.parse(f"{left_out}ada@contoso.com.jpg")  # so that nobody's photo is left out with it


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


def test_an_alert_fires_on_any_row_and_tells_whoever_is_named() -> None:
    template = Bicep("alerts.bicep")
    (rule,) = template.resources("Microsoft.Insights/scheduledQueryRules")
    criteria = rule.said("criteria")["allOf"][0]
    assert (criteria["timeAggregation"], criteria["operator"], criteria["threshold"]) == ("Count", "GreaterThan", 0)
    assert rule.said("actions") == {"actionGroups": "empty(email) ? [] : [mail.id]"}
    (metric,) = template.resources("Microsoft.Insights/metricAlerts")
    assert metric.said("actions") == "empty(email) ? [] : [{ actionGroupId: mail.id }]"
    assert template.all("resource")["mail"].said("emailReceivers")[0]["emailAddress"] == "email"


def test_what_event_grid_counts_is_asked_for_by_its_names() -> None:
    """Microsoft Learn, "Azure Event Grid monitoring data reference": both are told to a workspace, too."""
    assert "MetricName == 'MatchedEventCount'" in ALERTS["nothing-synced"]
    assert Bicep("alerts.bicep").all("resource")["deadLetters"].said("metricName") == "DeadLetteredCount"
    assert Bicep("topic.bicep").all("resource")["metrics"].said("metrics") == [
        {"category": "AllMetrics", "enabled": True}
    ]


def test_an_alert_that_tells_reasons_apart_has_them() -> None:
    for alert in Bicep("alerts.bicep").all("var")["alerts"].value:
        assert ("Code = " in ALERTS[alert["name"]]) is alert["byCode"], alert["name"]


def test_an_alert_looks_back_as_far_as_its_query_does() -> None:
    """Azure cuts off what is older than the window, whatever the query asks."""
    hours = {"PT30M": 0.5, "PT2H": 2, "PT4H": 4, "P1D": 24}
    for alert in Bicep("alerts.bicep").all("var")["alerts"].value:
        ago = [
            int(number) * {"h": 1, "m": 1 / 60}[unit]
            for number, unit in re.findall(r"ago\((\d+)([hm])\)", ALERTS[alert["name"]])
        ]
        assert max(ago, default=0) <= hours[alert["over"]], alert["name"]


def test_every_event_and_outcome_has_its_place_in_the_workbook(readings: dict[str, kusto.Reading]) -> None:
    shown = {member for name in CHARTS for member in readings[name].members}
    assert {
        "outcome",
        "code",
        "reason",
        "status",
        "first_tried",
        "latency_ms",
        "read_ms",
        "make_ms",
        "send_ms",
    } <= shown
    colours = CHARTS["outcomes-over-time"]["chartSettings"]["seriesLabelSettings"]
    assert {series["seriesName"] for series in colours} == set(Outcome)


def test_the_workbook_asks_in_the_time_range_that_it_shows() -> None:
    (parameters,) = [item["content"]["parameters"] for item in WORKBOOK["items"] if item["type"] == 9]
    assert [parameter["name"] for parameter in parameters] == ["Range"]
    assert {chart["timeContextFromParameter"] for chart in CHARTS.values()} == {"Range"}
    assert WORKBOOK["fallbackResourceIds"] == ["WORKSPACE_ID"]
