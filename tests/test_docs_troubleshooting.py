"""docs/troubleshooting.md has an entry for every code that a receipt or a command can name, and for no other."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from documents import ROOT, Document
from photo_sync.errors import Rejected, TryLater
from photo_sync.fault import Fault

TROUBLES = Document(ROOT / "docs" / "troubleshooting.md")
TREES = {path: ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "photo_sync").rglob("*.py"))}
WORDS = {
    target.id: node.value
    for tree in TREES.values()
    for node in tree.body
    for target in ([node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", []))
    if isinstance(target, ast.Name) and isinstance(node, ast.Assign | ast.AnnAssign) and node.value
}
"""What stands in the modules under a name of its own."""


def said(tree: ast.AST) -> Iterator[ast.expr]:
    """What is given as a code, wherever: first to what is raised or to a row of the table of faults, or by name."""
    kinds = {kind.__name__ for kind in (Rejected, TryLater, Fault)}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id in kinds and call.args:
            yield call.args[0]
        yield from (keyword.value for keyword in call.keywords if keyword.arg == "code")


def words(given: ast.expr) -> set[str]:
    """The codes that this can be; none where it is one that was read from somewhere, so stands elsewhere too."""
    match given:
        case ast.Constant(value=str(word)):
            return {word}
        case ast.IfExp():
            return words(given.body) | words(given.orelse)
        case ast.Name() if given.id in WORDS:
            return words(WORDS[given.id])
        case ast.Attribute(attr="code") | ast.Name(id="code"):
            return set()
    raise AssertionError(f"Which code is that? {ast.unparse(given)}")


def codes(path: Path) -> set[str]:
    """The codes that a module has."""
    return set().union(*map(words, said(TREES[path])))


def test_every_code_has_its_entry_and_every_entry_its_code() -> None:
    known = set().union(*map(codes, TREES))
    told = [heading.strip("`") for heading in TROUBLES.headings if heading.startswith("`")]
    assert sorted(told) == sorted(known)


@pytest.mark.parametrize("heading", [heading for heading in TROUBLES.headings if heading.startswith("`")])
def test_every_entry_says_what_to_do(heading: str) -> None:
    assert "**Do:**" in TROUBLES.section(heading)
