"""What docs/operations.md says is what the code tells, the alerts ask and the templates grant."""

import json
import re
from datetime import UTC, datetime

import kusto
from bicep import INFRA, Bicep
from documents import OPERATIONS
from photo_sync.graph import ROLES
from photo_sync.receipts import Receipt
from photo_sync.storage import Upload
from photo_sync.telemetry import photo_event

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]*)`", cell)


def test_the_fields_of_both_events_are_explained() -> None:
    photo, hourly = OPERATIONS.tables("The log")
    event = json.loads(photo_event(Receipt.start(Upload("a", "b", 1, NOW), None, "1", NOW)))
    assert {name for row in photo for name in names(row[0])} == set(event)
    source = (INFRA.parent / "photo_sync" / "reconcile.py").read_text("utf-8")
    (call,) = re.findall(r'log_event\("hourly", (.*)\)\n', source)
    assert {name for row in hourly for name in names(row[0])} == {"event", *re.findall(r"(\w+)=", call)}


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


def test_the_roles_in_azure_are_those_that_are_assigned() -> None:
    _, azure = OPERATIONS.tables("Permissions")
    holders = {"identity.bicep": "the app", "topic.bicep": "the topic", "operator.bicep": "operators"}
    assigned = [
        (holder, re.findall(r"roles\['([^']*)'\]", found.value["name"])[0])
        for template, holder in holders.items()
        for found in Bicep(template).resources("Microsoft.Authorization/roleAssignments")
    ]
    assert [(row[0], row[1].strip("*")) for row in azure] == assigned
