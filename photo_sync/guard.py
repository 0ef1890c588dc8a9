"""Whose photos must never be touched: the app's permission reaches everybody in the tenant, administrators too."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """The names that are allowed, all where there are none, and those that are denied, which wins."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
