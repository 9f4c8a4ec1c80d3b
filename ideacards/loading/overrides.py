"""`--set PATH=VALUE`: one node of a card's tree replaced or added before anything is checked.

The steps of a path are keys, or for list items their `id` or index; a parameter's name alone is the path of its value.
All steps but the last must exist. Whether a new last key is allowed is checked later, by the loader.
"""

import re
from collections.abc import Sequence

from ideacards.errors import CardError, Problem, UnknownPath, nearest
from ideacards.loading.parameters import parameter_path
from ideacards.loading.tree import ListNode, MapNode, Node, Place, item_id, relocate
from ideacards.loading.yaml_text import parse_tree

__all__ = ["OVERRIDE_FILE", "apply_overrides", "node_at"]

OVERRIDE_FILE = "--set"


def apply_overrides(root: Node | None, overrides: Sequence[str]) -> None:
    """Change the tree in place, in the order given; CardError with every override that cannot be applied."""
    problems: list[Problem] = []
    for text in overrides:
        try:
            _apply(root, text)
        except CardError as error:
            problems += error.problems
    if problems:
        raise CardError(problems)


def node_at(root: Node | None, path: str) -> Node | None:
    """The node at a path whose steps are joined by dots, None if the tree has none."""
    node = root
    try:
        for step in path.split("."):
            node = _child(node, step, path)
    except CardError:
        return None
    return node


def _apply(root: Node | None, text: str) -> None:
    path, equals, value_text = text.partition("=")
    path = parameter_path(root, path.strip()) or path
    steps = path.strip().split(".")
    if not equals or not all(steps):
        raise _refusal(text, "expected PATH=VALUE", "like features.fast.length=9")
    value = _value(path.strip(), value_text)
    node = root
    for depth, step in enumerate(steps[:-1]):
        node = _child(node, step, ".".join(steps[: depth + 1]))
    last = steps[-1]
    if isinstance(node, MapNode):
        node[last] = value
        node.key_places[last] = value.place
    elif isinstance(node, ListNode):
        node[_index(node, last, path)] = value
    else:
        raise _nothing_under(".".join(steps))


def _value(path: str, text: str) -> Node:
    place = Place(OVERRIDE_FILE)
    try:
        value = parse_tree(text, OVERRIDE_FILE)
    except CardError as error:
        (fault,) = error.problems
        raise _refusal(path, fault.what, fault.hint) from None
    if value is None:
        raise _refusal(path, "the value is empty", "write PATH=VALUE")
    relocate(value, place)
    return value


def _child(node: Node | None, step: str, path: str) -> Node:
    if isinstance(node, MapNode):
        if step not in node:
            raise _unknown(path, f"no `{step}` here", nearest(step, node))
        return node[step]
    if isinstance(node, ListNode):
        return node[_index(node, step, path)]
    raise _nothing_under(path)


def _index(node: ListNode, step: str, path: str) -> int:
    names = [item_id(child) for child in node]
    if step in names:
        return names.index(step)
    if re.fullmatch(r"\d{1,9}", step, re.ASCII) and int(step) < len(node):
        return int(step)
    known = [name if name is not None else str(index) for index, name in enumerate(names)]
    raise _unknown(path, f"no item `{step}` here", nearest(step, known))


def _nothing_under(path: str) -> CardError:
    above = path.rpartition(".")[0]
    return _unknown(path, f"there is nothing under `{above}`", "set the whole of it")


def _unknown(path: str, what: str, hint: str) -> CardError:
    return CardError([UnknownPath(OVERRIDE_FILE, None, None, path, f"unknown path: {what}", hint)])


def _refusal(path: str, what: str, hint: str) -> CardError:
    return CardError([Problem(OVERRIDE_FILE, None, None, path, what, hint)])
