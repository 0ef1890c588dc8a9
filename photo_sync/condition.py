"""What makes storage refuse a write where somebody else was faster."""

from typing import TypedDict

from azure.core import MatchConditions


class Condition(TypedDict, total=False):
    """The arguments by which the clients of Azure Storage are told it."""

    etag: str
    match_condition: MatchConditions


def over(version: str) -> Condition:
    """Return the condition that a blob still has this ETag; with an empty one, that there is no blob."""
    if not version:
        return {"match_condition": MatchConditions.IfMissing}
    return {"etag": version, "match_condition": MatchConditions.IfNotModified}
