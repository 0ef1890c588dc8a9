"""What docs/operations.md says is what the code tells, the alerts ask and the templates grant."""

import re

import kusto
from bicep import Bicep
from documents import OPERATIONS
from granted import APP, ASSIGNED, OPERATOR, TOPIC
from photo_sync.graph import ROLES
from photo_sync.receipts import Receipt
from photo_sync.settings import PHOTOS, RECEIPTS, RETRIES, RETRIES_POISON, UPLOADS_POISON


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]*)`", cell)


def test_the_fields_of_both_events_are_explained(events: dict[str, set[str]]) -> None:
    for table, event in zip(OPERATIONS.tables("The log"), ("photo", "hourly"), strict=True):
        assert {name for row in table for name in names(row[0])} == events[event]


def test_the_query_that_is_shown_can_be_run() -> None:
    (query,) = OPERATIONS.blocks("kusto")
    reading = kusto.read({"shown": query})["shown"]
    assert reading.mistakes == []
    assert set(reading.members) <= set(Receipt.__dataclass_fields__)


def test_every_alert_has_its_section_and_every_section_its_alert() -> None:
    text = Bicep("alerts.bicep").text
    titles = [alert["title"] for alert in Bicep("alerts.bicep").all("var")["alerts"].value]
    titles += re.findall(r"description: 'What to do: docs/operations.md, “([^$”]+)”.'", text)
    assert re.findall(r"^### (.*)$", OPERATIONS.section("Alerts"), re.MULTILINE) == titles


def test_the_graph_permissions_are_those_that_are_granted() -> None:
    graph, _ = OPERATIONS.tables("Permissions")
    told = {names(row[0])[0]: names(row[1])[0] for row in graph}
    assert told == {kind: role for kind, role in ROLES.items() if kind != "me"}


def test_the_roles_in_azure_are_those_that_are_assigned_and_on_what_is_told() -> None:
    _, azure = OPERATIONS.tables("Permissions")
    who = {"the app": APP, "the topic": TOPIC, "operators": OPERATOR}
    what = {
        "the storage account": "account",
        "Application Insights": "insights",
        f"`{PHOTOS}`": "account::blobs::photos",
        f"`{RECEIPTS}`": "account::blobs::receipts",
        f"`{RETRIES}`": "account::queues::retries",
        "`photo-dead-letters`": "account::blobs::deadLetters",
    }
    told = {(who[row[0]], row[1].strip("*"), what[row[2]]) for row in azure}
    assert told == {(principal, role, scope) for _, principal, role, scope in ASSIGNED}


def test_the_queues_to_look_into_are_those_of_what_was_given_up() -> None:
    section = OPERATIONS.section("Messages stay in a poison queue")
    assert set(re.findall(r"--queue-name (\S+)", section)) == {UPLOADS_POISON, RETRIES_POISON}
