"""The rows of docs/settings.md, from the settings themselves: a person decides under which heading each stands."""

import re
from pathlib import Path
from typing import Final

from photo_sync.environment import Setting
from photo_sync.errors import SettingsError
from photo_sync.settings import SETTINGS, Settings

PAGE: Final = Path(__file__).with_name("settings.md")
_ROW: Final = re.compile(r"^\| `(\w+)` \|.*$", re.MULTILINE)


def renewed(text: str) -> str:
    """Return the page's text, each row as the code has that setting now; raises `KeyError` for one that is gone."""
    rows = {setting.name: _row(setting) for setting in SETTINGS}
    return _ROW.sub(lambda found: rows[found[1]], text)


def settings(text: str) -> list[str]:
    """Return the names of the settings that the page has a row for."""
    return _ROW.findall(text)


def _row(setting: Setting) -> str:
    """The row of a setting: its name, what it is and what it may be, its default."""
    default = f" `{setting.default}`" if setting.default else ""
    return f"| `{setting.name}` | {setting.meaning}{_range(setting)} |{default} |"


def _range(setting: Setting) -> str:
    """What a number may be: what the app itself says of one that is not."""
    try:
        Settings.from_env({setting.name: "no number"}, needs_storage=False)
    except SettingsError as error:
        found = re.search(r"whole number from (\d+) to (\d+)", str(error))
        return "; {:,} to {:,}".format(*map(int, found.groups())) if found else ""
    return ""
