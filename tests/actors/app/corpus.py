"""Mutated inputs for the strict loader: the same faults of keys, types and nesting, written as YAML or as TOML."""

import json
import random
from collections.abc import Iterator
from typing import Any

__all__ = ["as_toml", "as_yaml", "mutated_text", "mutated_tree"]

Tree = dict[str, Any]

_VALUES: tuple[Any, ...] = (
    "",
    "a text",
    "12",
    "true",
    "1.5bp",
    "\u00e4\u2028",
    0,
    -1,
    12,
    10**14,
    10**40,
    True,
    False,
    [],
    {},
    [1],
    {"x": 1},
)
_PIECES = ('"', "'", "[", "]", "{", "}", ":", "=", "#", ".", ",", "-", "- ", "\n", "\n\n", "  ", "\t", "&a", "*a", "<<")
_MORE_PIECES = (
    "!!x",
    "---\n",
    "1e999",
    "0x1",
    "_",
    "nan",
    "\x00",
    "\x85",
    "\ufeff",
    "\u2028",
    "\\u12",
    '"""',
    "'''",
    "[[",
    "\r",
)


def mutated_tree(tree: Tree, dice: random.Random) -> Tree:
    """A copy with one to three faults: keys misspelt, dropped or added, values of another type or nested deeper."""
    copy: Tree = json.loads(json.dumps(tree))
    for _ in range(dice.randint(1, 3)):
        parent, key = dice.choice(list(_places(copy)))
        match dice.randrange(5):
            case 0 if isinstance(parent, dict):
                at = dice.randrange(len(key) + 1)
                parent[key[:at] + dice.choice("abx_") + key[at + 1 :]] = parent.pop(key)
            case 1:
                del parent[key]
            case 2:
                parent[key] = dice.choice(([parent[key]], {"inner": parent[key]}, [[parent[key]] * 2]))
            case _:
                parent[key] = json.loads(json.dumps(dice.choice(_VALUES)))
        if not copy:
            break
    return copy


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in items:
        yield node, key
        yield from _places(child)


def mutated_text(text: str, dice: random.Random) -> str:
    """The text with one to four pieces of it dropped, doubled, moved or written over."""
    for _ in range(dice.randint(1, 4)):
        start = dice.randrange(len(text) + 1)
        stop = start + dice.choice((0, 1, 1, 2, 5, 20))
        to = dice.randrange(len(text) + 1)
        match dice.randrange(4):
            case 0:
                text = text[:start] + text[stop:]
            case 1:
                text = text[:to] + text[start:stop] + text[to:]
            case 2:
                lines = text.split("\n")
                lines.insert(dice.randrange(len(lines)), dice.choice(lines))
                text = "\n".join(lines)
            case _:
                text = text[:start] + dice.choice(_PIECES + _MORE_PIECES) + text[stop:]
    return text


def as_yaml(value: Any) -> str:
    """The value as YAML of one line; JSON is YAML."""
    return json.dumps(value)


def as_toml(tree: Tree) -> str:
    """The mapping as TOML, a line a key."""
    return "".join(f"{json.dumps(key)} = {_inline(value)}\n" for key, value in tree.items())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_inline(child)}" for key, child in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)
