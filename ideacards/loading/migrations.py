"""Schema versions of cards, and the way from an older one to the newest.

A card says `schema: N`; without it, it is of version 1. The loader reads the newest version alone. A migration turns a
card's text of one version into the next by edits at places that the tree names, so comments and layout stay.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from ideacards.errors import CardError, Problem
from ideacards.loading.rules import Whole, refuse
from ideacards.loading.tree import MapNode, Node, Place, Scalar, ScalarKind, described
from ideacards.loading.yaml_text import parse_tree

__all__ = [
    "FIRST_SCHEMA",
    "MIGRATIONS",
    "NEWEST_SCHEMA",
    "Edit",
    "Migration",
    "SchemaVersion",
    "migrated",
    "version_of",
]

FIRST_SCHEMA = 1  # of cards that do not say
NEWEST_SCHEMA = 1
SCHEMA_KEY = "schema"


@attrs.frozen
class Edit:
    """At a place of the text, `old` becomes `new`; both are within one line."""

    place: Place
    old: str
    new: str


Migration = Callable[[MapNode], Sequence[Edit]]
MIGRATIONS: dict[int, Migration] = {}  # by the version that it starts from


@attrs.frozen
class SchemaVersion:
    """The version of the schema; only the newest is read."""

    def read(self, node: Node) -> int:
        found = Whole(0).read(node)
        if found < NEWEST_SCHEMA:
            raise refuse(node, f"schema {found} is older than {NEWEST_SCHEMA}", "`coldframe migrate CARD` rewrites it")
        if found > NEWEST_SCHEMA:
            hint = f"this program reads schema {NEWEST_SCHEMA}: a newer Coldframe wrote the card"
            raise refuse(node, f"schema {found} is not known", hint)
        return found

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "enum": [NEWEST_SCHEMA]}


def version_of(text: str, file: str) -> int:
    """The version that a card's text states, FIRST_SCHEMA if none; CardError if it is no card or no version."""
    return _version(_root(text, file))


def migrated(
    text: str, file: str, newest: int = NEWEST_SCHEMA, migrations: Mapping[int, Migration] | None = None
) -> str:
    """The card's text in the newest schema, unchanged if it is that already; CardError if there is no way to it."""
    known = MIGRATIONS if migrations is None else migrations
    version = version_of(text, file)
    if version > newest:
        raise _no_way(text, file, f"schema {version} is newer than {newest}", "a newer Coldframe wrote the card")
    while version < newest:
        if version not in known:
            raise _no_way(text, file, f"there is no migration from schema {version}", "write it for the newest schema")
        text = _with_version(_edited(text, known[version](_root(text, file))), file, version + 1)
        version += 1
    return text


def _no_way(text: str, file: str, what: str, hint: str) -> CardError:
    node = _root(text, file).get(SCHEMA_KEY)
    place = Place(file) if node is None else node.place
    return CardError([Problem(file, place.line, place.column, SCHEMA_KEY, what, hint)])


def _root(text: str, file: str) -> MapNode:
    root = parse_tree(text, file)
    if not isinstance(root, MapNode):
        found = "nothing" if root is None else described(root)
        raise CardError(
            [Problem(file, None, None, "", f"expected a card, found {found}", "a mapping of id, market...")]
        )
    return root


def _version(root: MapNode) -> int:
    node = root.get(SCHEMA_KEY)
    if node is None:
        return FIRST_SCHEMA
    if not (isinstance(node, Scalar) and node.kind is ScalarKind.NUMBER):
        raise refuse(node, f"expected a whole number, found {described(node)}", "like `schema: 1`")
    return Whole(0).read(node)


def _edited(text: str, edits: Sequence[Edit]) -> str:
    """The text with every edit made, the last one first, so that earlier places stay where they are."""
    lines = text.splitlines(keepends=True)
    for edit in sorted(edits, key=lambda edit: (edit.place.line or 0, edit.place.column or 0), reverse=True):
        assert edit.place.line is not None
        assert edit.place.column is not None
        line, start = lines[edit.place.line - 1], edit.place.column - 1
        if not line.startswith(edit.old, start):
            raise ValueError(f"line {edit.place.line} does not have `{edit.old}` at column {edit.place.column}")
        lines[edit.place.line - 1] = line[:start] + edit.new + line[start + len(edit.old) :]
    return "".join(lines)


def _with_version(text: str, file: str, version: int) -> str:
    root = _root(text, file)
    node = root.get(SCHEMA_KEY)
    if isinstance(node, Scalar):
        return _edited(text, [Edit(node.place, node.text, str(version))])
    first = next(iter(root.key_places.values()))
    is_flow = text.splitlines()[(root.place.line or 1) - 1].startswith("{", (root.place.column or 1) - 1)
    return _edited(text, [Edit(first, "", f"{SCHEMA_KEY}: {version}{', ' if is_flow else chr(10)}")])
