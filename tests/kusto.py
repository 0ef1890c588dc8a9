"""Kusto queries, read by Microsoft's own language service: what is wrong with one, and what it asks of an event."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.node import node

# What Azure Monitor documents of the tables that are asked: the columns that may be used.
TABLES = {
    "AppTraces": "(TimeGenerated: datetime, Message: string, SeverityLevel: int, AppRoleName: string, "
    "OperationName: string, OperationId: string, Properties: dynamic, ItemCount: int, _ResourceId: string)",
    "AzureMetrics": "(TimeGenerated: datetime, Resource: string, ResourceId: string, MetricName: string, "
    "Total: real, Count: real, Average: real, Minimum: real, Maximum: real, TimeGrain: string)",
}


@dataclass(frozen=True)
class Reading:
    """What stands in a query: mistakes, the members of events that it asks for, the words they are compared with."""

    mistakes: list[str]
    members: list[str]
    values: dict[str, list[str]]


def read(queries: Mapping[str, str]) -> dict[str, Reading]:
    """Read queries, all in one go: the language service takes a second to start."""
    run = subprocess.run(  # noqa: S603 - the program is ours
        [node(), str(Path(__file__).with_name("kusto.mjs"))],
        input=json.dumps({"tables": TABLES, "queries": dict(queries)}),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {name: Reading(**told) for name, told in json.loads(run.stdout).items()}
