"""The project's documents, as the tests read them: tables, commands, headings and links."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]


@dataclass(frozen=True)
class Document:
    """A Markdown file of the project's."""

    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @property
    def headings(self) -> list[str]:
        """The headings of all levels."""
        return re.findall(r"^#+ (.*)$", _prose(self.text), re.MULTILINE)

    @property
    def links(self) -> list[str]:
        """What is linked that is not on the web: files, and places in them."""
        return [link for link in re.findall(r"\]\(([^)]+)\)", self.text) if "://" not in link]

    def section(self, heading: str) -> str:
        """What stands below a heading, down to the next one that is as high."""
        level, rest = re.split(rf"^(#+) {re.escape(heading)}$", self.text, maxsplit=1, flags=re.MULTILINE)[1:]
        return re.split(rf"^#{{1,{len(level)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]

    def tables(self, heading: str) -> list[list[list[str]]]:
        """The cells of each table below a heading, without a table's own two header lines."""
        found = re.findall(r"(?:^\|.*\n)+", _prose(self.section(heading)), re.MULTILINE)
        return [
            [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
            for table in found
        ]

    def blocks(self, language: str) -> list[str]:
        """The code blocks in a language."""
        return re.findall(rf"```{language}\n(.*?)```", self.text, re.DOTALL)

    def commands(self) -> list[str]:
        """The commands for a shell, without what is remarked beside them."""
        lines = [line for block in self.blocks("sh") for line in block.splitlines()]
        return [re.split(r"\s{2,}# ", line)[0].strip() for line in lines]


README: Final = Document(ROOT / "README.md")
DEPLOY: Final = Document(ROOT / "docs" / "deploy.md")
HOW_IT_WORKS: Final = Document(ROOT / "docs" / "how-it-works.md")
NAMING: Final = Document(ROOT / "docs" / "naming.md")
OPERATIONS: Final = Document(ROOT / "docs" / "operations.md")
DOCUMENTS: Final = [
    README,
    *map(Document, sorted((ROOT / "docs").glob("*.md"))),
    Document(ROOT / "local" / "README.md"),
]


def _prose(text: str) -> str:
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def anchor(heading: str) -> str:
    """What GitHub makes of a heading, for links to it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
