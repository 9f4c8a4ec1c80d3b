"""A YAML or TOML text as a tree of nodes that know their place: the loader reads it instead of dicts and lists.

A scalar keeps its text, so a number never passes through a float; its kind stands beside the text.
"""

from collections.abc import Iterator
from enum import Enum

import attrs

from ideacards.errors import CardError, Problem

__all__ = [
    "MAX_NESTING",
    "ListNode",
    "MapNode",
    "Node",
    "Place",
    "Scalar",
    "ScalarKind",
    "claim",
    "described",
    "item_id",
    "label",
    "nodes_below",
    "relocate",
]

MAX_NESTING = 100  # levels of mappings and lists


@attrs.frozen
class Place:
    """Line and column are 1-based, None for a value from the command line."""

    file: str
    line: int | None = None
    column: int | None = None


class ScalarKind(Enum):
    """What a scalar is: by YAML 1.2's core schema, or by TOML.

    Integers and decimals are one kind, quoted scalars are always text. TOML alone has dates, and OTHER: times, `inf`
    and `nan`.
    """

    NULL = "nothing"
    BOOL = "bool"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    OTHER = "other"


@attrs.define(eq=False)
class Scalar:
    """A leaf. `is_verbatim`: the file has exactly this text at `text_place`, so an offset in it is a column there.

    `number` is what the text stands for where a number is expected: the value of the card's parameter of that name.
    """

    place: Place
    text: str
    kind: ScalarKind
    text_place: Place
    is_verbatim: bool
    path: str = ""
    number: str = ""


class MapNode(dict[str, "Node"]):
    """A mapping; `key_places` has the place of each key."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.path = ""
        self.key_places: dict[str, Place] = {}


class ListNode(list["Node"]):
    """A list."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.path = ""


Node = Scalar | MapNode | ListNode


def described(node: Node) -> str:
    """What a node is, for a message: `the number 5`, `a list`."""
    if isinstance(node, MapNode):
        return "a mapping"
    if isinstance(node, ListNode):
        return "a list"
    if node.kind is ScalarKind.NULL:
        return "nothing"
    shown = node.text if len(node.text) <= 40 else node.text[:37] + "..."
    if node.number:
        return f"the parameter {shown} = {node.number}"
    words = {ScalarKind.NUMBER: f"the number {shown}", ScalarKind.TEXT: f"the text `{shown}`"}
    return words.get(node.kind, shown)


def claim(node: MapNode, key: str, place: Place) -> None:
    """Note where a key of the mapping stands; CardError if the mapping has the key already."""
    if key in node.key_places:
        hint = f"first on line {node.key_places[key].line}"
        raise CardError([Problem(place.file, place.line, place.column, "", f"key `{key}` stands twice", hint)])
    node.key_places[key] = place


def label(node: Node, path: str = "") -> None:
    """Write each node's path into it: keys and indices joined by dots, items with an `id` under that id."""
    node.path = path
    if isinstance(node, MapNode):
        for key, child in node.items():
            label(child, f"{path}.{key}" if path else key)
    elif isinstance(node, ListNode):
        for index, child in enumerate(node):
            step = item_id(child) or str(index)
            label(child, f"{path}.{step}" if path else step)


def relocate(node: Node, place: Place) -> None:
    """Give a node and all nodes below it another place, for values that are not in a file."""
    node.place = place
    if isinstance(node, Scalar):
        node.text_place = place
    elif isinstance(node, MapNode):
        node.key_places = dict.fromkeys(node, place)
    for child in node.values() if isinstance(node, MapNode) else node if isinstance(node, ListNode) else ():
        relocate(child, place)


def nodes_below(node: Node) -> Iterator[Node]:
    """The node and all below it, in reading order."""
    yield node
    for child in node.values() if isinstance(node, MapNode) else node if isinstance(node, ListNode) else ():
        yield from nodes_below(child)


def item_id(node: Node) -> str | None:
    """The text of a mapping's `id`, if it has one."""
    identity = node.get("id") if isinstance(node, MapNode) else None
    return identity.text if isinstance(identity, Scalar) and identity.text else None
