"""The tables of docs/command-line.md, from the commands' own help: a person writes what else stands in each section."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from photo_sync.cli import app

PAGE: Final = Path(__file__).with_name("command-line.md")
_SECTION: Final = re.compile(r"^## ([a-z]+)$.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_TABLE: Final = re.compile(r"(\| say \| what it is \|\n\|---\|---\|\n)(?:\|.*\n)*")


def commands() -> dict[str, TyperCommand]:
    """Return the commands that there are."""
    group = get_command(app)
    known = group.commands if isinstance(group, TyperGroup) else {}
    return {name: command for name, command in known.items() if isinstance(command, TyperCommand)}


def options(command: TyperCommand) -> set[str]:
    """Return what can be said to a command that begins with a dash."""
    return {name for option in command.params for name in (*option.opts, *option.secondary_opts) if name[0] == "-"}


def renewed(text: str) -> str:
    """Return the page's text, the table in each command's section as the code has it now.

    Raises `KeyError` for a command that is gone.
    """
    rows = {name: "".join(map(_row, _told(command))) for name, command in commands().items()}
    return _SECTION.sub(lambda section: _TABLE.sub(lambda table: table[1] + rows[section[1]], section[0]), text)


def sections(text: str) -> dict[str, int]:
    """Return the commands that the page has a section for, and how many tables each has."""
    return {section[1]: len(_TABLE.findall(section[0])) for section in _SECTION.finditer(text)}


def _row(told: tuple[str, str | None]) -> str:
    said, meaning = told
    return f"| {said} | {escape(meaning or '', quote=False)} |\n"


def _told(command: TyperCommand) -> Iterator[tuple[str, str | None]]:
    """What can be said to a command, and what that is."""
    for parameter in command.params:
        if isinstance(parameter, TyperArgument):
            yield f"`{parameter.metavar or str(parameter.name).upper()}`", parameter.help
        if isinstance(parameter, TyperOption):
            value = "" if parameter.is_flag else f" {parameter.metavar or '…'}"
            names = [*sorted(parameter.opts, key=len, reverse=True), *parameter.secondary_opts]
            yield ", ".join(f"`{name}{value}`" for name in names), f"{parameter.help}{_default(parameter)}"


def _default(option: TyperOption) -> str:
    if option.is_flag or option.default in {None, ""}:
        return ""
    default = f"{option.default:g}" if isinstance(option.default, float) else option.default
    return f" Default: `{default}`."
