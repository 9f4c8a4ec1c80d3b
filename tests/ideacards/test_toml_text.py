"""TOML as a tree with places: the tree says what tomllib says, and each node stands where it is written."""

import random
import tomllib
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from ideacards.errors import CardError
from ideacards.loading.toml_text import parse_toml
from ideacards.loading.tree import ListNode, MapNode, Node, ScalarKind

SOUND = r'''# a comment with = and [brackets]
title = "a \"quoted\" # text" # and a comment
literal = 'C:\path'
several = """
one " two "" three \
   four""""
raw = \'\'\'
[no.table]
x = 'y'\'\'\'
"quoted key" = 1
"with.dot" = 2
'a' = -1_000
hex = 0xff
octal = 0o17
small = +1.5e-3
endless = -inf
day = 2025-01-31
at = 2025-01-31T01:02:03Z
apart = 2025-01-31 01:02:03.5
time = 01:02:03
flag = true
list = [1, [2, 3], # a comment
  {x = 1, y.z = "}"}, ]
nothing = []
inline = { a.b = 1, c = [ ] }
dotted . key = 1
dotted.other = 2

[table]
key = 1
[ table . "in quotes" ]
key = 2
[deep.er.est]
key = 3
[deep]
key = 4
[[items]]
key = 5
[items.below]
key = 6
[[items]]
[items.below]
key = 7
[[items.below.more]]
key = 8
'''.replace("\\'", "'")


def value_of(node: Node) -> Any:
    """What the tree says in Python's values: numbers as Decimal, None for times, `inf` and `nan`."""
    if isinstance(node, MapNode):
        return {key: value_of(child) for key, child in node.items()}
    if isinstance(node, ListNode):
        return [value_of(child) for child in node]
    match node.kind:
        case ScalarKind.BOOL:
            return node.text == "true"
        case ScalarKind.NUMBER:
            return Decimal(node.text)
        case ScalarKind.DATE:
            return date.fromisoformat(node.text)
        case ScalarKind.TEXT:
            return node.text
    return None


def plain(value: Any) -> Any:
    """What tomllib says, in the same values."""
    if isinstance(value, dict):
        return {key: plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [plain(child) for child in value]
    if isinstance(value, datetime | time) or (isinstance(value, Decimal) and not value.is_finite()):
        return None
    return Decimal(value) if type(value) is int else value


def by_tomllib(text: str) -> Any:
    return plain(tomllib.loads(text, parse_float=Decimal))


def test_the_tree_says_what_tomllib_says() -> None:
    assert value_of(parse_toml(SOUND, "a.toml")) == by_tomllib(SOUND)


def test_line_ends_of_windows_change_nothing_but_stay_in_no_text() -> None:
    found = value_of(parse_toml(SOUND.replace("\n", "\r\n"), "a.toml"))
    assert found == value_of(parse_toml(SOUND, "a.toml"))


def places(node: Node) -> dict[str, tuple[int | None, int | None]]:
    found = {node.path: (node.place.line, node.place.column)}
    for child in node.values() if isinstance(node, MapNode) else node if isinstance(node, ListNode) else ():
        found |= places(child)
    return found


def test_each_node_and_key_has_its_place() -> None:
    text = 'a = 1\n [b."c d"]\nx.y = [ 2,\n  { z = 3 } ]\n[[e]]\n[[e]]\nf = "\u00e4"\n'
    root = parse_toml(text, "a.toml")
    assert places(root) == {
        "": (1, 1),
        "a": (1, 5),
        "b": (2, 3),
        "b.c d": (2, 5),
        "b.c d.x": (3, 1),
        "b.c d.x.y": (3, 7),
        "b.c d.x.y.0": (3, 9),
        "b.c d.x.y.1": (4, 3),
        "b.c d.x.y.1.z": (4, 9),
        "e": (5, 3),
        "e.0": (5, 3),
        "e.1": (6, 3),
        "e.1.f": (7, 5),
    }
    b = root["b"]
    assert isinstance(b, MapNode)
    assert (b.key_places["c d"].line, b.key_places["c d"].column) == (2, 5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\na = 2", "2:1: key `a` stands twice; first on line 1"),
        ("a = {b = 1, b = 2}", "1:13: key `b` stands twice; first on line 1"),
        ("[a]\n[b]\n[a]", "3:2: key `a` stands twice; first on line 1"),
        ("a = 1\n[a.b]", "2:2: key `a` stands twice; first on line 1"),
        ("a = 1\na.b = 2", "2:1: key `a` stands twice; first on line 1"),
        ("a = []\n[[a]]", "2:3: key `a` stands twice; first on line 1"),
        ("a = 1\nb = ", "2:5: broken TOML: Invalid value; look for a quote, bracket or equals sign near here"),
        ("a = [1, 2", "1:10: broken TOML: Unclosed array; look for a quote, bracket or equals sign near here"),
        ("a = 2025-02-30", "1:5: broken TOML: Invalid date or datetime; look for"),
        ("a\x07 = 1", "1:2: broken TOML: Expected '=' after a key in a key/value pair; look for"),
        (f"a = {'[' * 5000}", " nested deeper than 100; no file needs that"),
        (f"a = {'[' * 101}{']' * 101}", "1:105: nested deeper than 100; no file needs that"),
        (f"{'a.' * 101}a = 1", "1:1: nested deeper than 100; no file needs that"),
        (f"a = {'1' * 5000}", "1:5005: broken TOML: Exceeds the limit"),
    ],
)
def test_what_is_no_toml_is_one_problem_with_its_place(text: str, said: str) -> None:
    with pytest.raises(CardError) as caught:
        parse_toml(text, "a.toml")
    (problem,) = caught.value.problems
    assert problem.text().startswith(f"a.toml:{said}")


def test_the_walk_takes_every_text_that_tomllib_takes() -> None:
    """Lines of the sound text moved, doubled and dropped: a text is refused, or both readers take it and agree."""
    dice = random.Random(1)
    taken = 0
    for _ in range(3000):
        lines = SOUND.splitlines()
        for _ in range(dice.randint(1, 4)):
            at, to = dice.randrange(len(lines)), dice.randrange(len(lines))
            lines[at:at] = [] if dice.random() < 0.5 else [lines[to]]
            lines[to : to + 1] = []
        text = "\n".join(lines)
        with suppress(CardError):
            assert value_of(parse_toml(text, "a.toml")) == by_tomllib(text)
            taken += 1
    assert taken > 500
