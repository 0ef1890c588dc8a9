"""Bicep files as the tests read them: what is declared, and the values that are written out in them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

INFRA: Final = Path(__file__).parents[1] / "infra"
_PARSER: Final = Parser(Language(tree_sitter_bicep.language()))
_DECLARATIONS: Final = {
    "parameter_declaration": "param",
    "variable_declaration": "var",
    "type_declaration": "type",
    "resource_declaration": "resource",
    "module_declaration": "module",
    "output_declaration": "output",
}


class Expression(str):
    """What only Azure works out, as it is written."""

    __slots__ = ()


@dataclass(frozen=True)
class Declaration:
    """A parameter, resource or the like: its name, what its decorators say, and its value where it is written out."""

    kind: str
    name: str
    node: Node
    decorators: dict[str, Any]

    @property
    def text(self) -> str:
        return _text(self.node)

    @property
    def type(self) -> str:
        """A resource's type without its version, a module's file."""
        literals = (_value(child) for child in self.node.named_children if child.type == "string")
        return str(next(literals, "")).partition("@")[0]

    @cached_property
    def value(self) -> Any:  # noqa: ANN401 - JSON has no narrower type
        return _value(self.node.named_children[-1])

    @property
    def objects(self) -> list[dict[str, Any]]:
        """All objects that are written out in it, however deep."""
        return [_value(node) for node in _walk(self.node) if node.type == "object"]

    def said(self, name: str) -> Any:  # noqa: ANN401 - a property has any value
        """The value of the first property of that name in it, however deep."""
        properties = [node for node in _walk(self.node) if node.type == "object_property" and _key(node) == name]
        assert properties, f"{self.name} says nothing of {name}"
        return _value(properties[0].named_children[-1])


class Bicep:
    """One file. The grammar does not know `extension`, and reads a parameter file's values as variables."""

    def __init__(self, name: str) -> None:
        self.path = INFRA / name
        self.text = self.path.read_text("utf-8")
        known = re.sub(r"(?m)^extension\b", "//", self.text)
        if self.path.suffix == ".bicepparam":
            known = re.sub(r"(?m)^param\b", "var", re.sub(r"(?m)^using\b", "//", known))
        self._root = _PARSER.parse(known.encode()).root_node

    @property
    def has_error(self) -> bool:
        return self._root.has_error

    @cached_property
    def declarations(self) -> list[Declaration]:
        return list(_declarations(self._root))

    def all(self, kind: str) -> dict[str, Declaration]:
        """The declarations of a kind, by name."""
        return {found.name: found for found in self.declarations if found.kind == kind}

    def resources(self, type_: str) -> list[Declaration]:
        """The resources of a type that are made here, and not only named."""
        return [
            found for found in self.all("resource").values() if found.type == type_ and " existing " not in found.text
        ]


def _declarations(root: Node) -> Iterator[Declaration]:
    decorators: dict[str, Any] = {}
    for node in _walk(root):
        if node.type == "decorators":
            calls = [_call(child.named_children[0]) for child in node.named_children]
            decorators = dict(calls)
        elif node.type in _DECLARATIONS:
            name = next(child for child in node.named_children if child.type in {"identifier", "compatible_identifier"})
            yield Declaration(_DECLARATIONS[node.type], _text(name), node, decorators)
            decorators = {}


def _call(node: Node) -> tuple[str, Any]:
    name, arguments = node.named_children
    return _text(name), _value(arguments.named_children[0]) if arguments.named_children else None


def _value(node: Node) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """What a literal says; the body of a condition or a loop; anything else as it is written."""
    match node.type:
        case "object":
            properties = [child for child in node.named_children if child.type == "object_property"]
            written = [child for child in properties if child.named_children[0].type != "resource_declaration"]
            return {_key(child): _value(child.named_children[-1]) for child in written}
        case "array":
            return [_value(child) for child in node.named_children if child.type != "comment"]
        case "string" if not any(child.type == "interpolation" for child in node.named_children):
            return "".join(_text(child).removeprefix("\\") for child in node.named_children)
        case "number" | "boolean":
            return json.loads(_text(node))
        case "if_statement" | "for_statement":
            return _value(node.named_children[-1])
    return Expression(_text(node))


def _key(node: Node) -> str:
    return _text(node.named_children[0]).strip("'")


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.named_children:
        yield from _walk(child)


def _text(node: Node) -> str:
    return (node.text or b"").decode()
