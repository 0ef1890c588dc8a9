"""A pattern that names files otherwise than they are named on disk: `users/{stem}@contoso.com`."""

from dataclasses import dataclass
from string import Formatter
from typing import Final

from photo_sync.errors import SettingsError
from photo_sync.folder.stem import split
from photo_sync.target import EXTENSIONS

FIELDS: Final = ("stem", "name", "folder", "extension")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A name with fields: {name} is the file's own, {stem} that without its {extension}, {folder} where it is."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """Read a pattern; raises `SettingsError`, with a sentence, for a field that there is not, or none at all."""
        known = ", ".join(f"{{{field}}}" for field in FIELDS)
        try:
            parts = list(Formatter().parse(text))
        except ValueError as error:
            raise SettingsError([f"--rename “{text}”: a “{{” or “}}” is alone. The fields are {known}."]) from error
        fields = [field for _, field, _, _ in parts if field is not None]
        unknown = [field for field in fields if field not in FIELDS]
        if unknown or any(spec or conversion for _, _, spec, conversion in parts):
            told = f"“{{{unknown[0]}}}” is no field" if unknown else "a field takes no “:” or “!”"
            raise SettingsError([f"--rename “{text}”: {told}. The fields are {known}."])
        if not {"stem", "name"} & set(fields):
            raise SettingsError([f"--rename “{text}” would name all files alike. Put {{stem}} into it."])
        return cls(text)

    def name(self, path: str) -> str:
        """Return the name for a file, by its path from the root; its extension is added where the name has none."""
        folder, _, own = path.rpartition("/")
        stem, written = split(own)
        name = self.text.format(stem=stem, name=own, folder=folder, extension=written.removeprefix("."))
        return name if name.lower().endswith((*EXTENSIONS, written.lower())) else name + written
