"""cattrs made strict: tree nodes become attrs classes, nothing is coerced, and every fault is kept with its place.

The rule of a leaf reads it: that of `Annotated[..., Rule]`, or for a plain type the rule in `rule_of`. A class takes
exactly its attributes as keys (an attribute `else_` is the key `else`).
"""

import re
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, Any, TypeVar, get_args, get_origin

import attrs
from cattrs import ClassValidationError, Converter, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, override

from ideacards.errors import CardError, Problem, UnknownPath, nearest
from ideacards.hints import WORDS
from ideacards.loading.rules import Day, Flag, OneOf, Rule, Text, of_kind, problem_at, refuse
from ideacards.loading.tree import ListNode, MapNode, Node, Scalar, described

__all__ = ["key_of", "read", "rule_of"]

T = TypeVar("T")

_PLAIN_RULES: dict[Any, Rule] = {str: Text(), bool: Flag(), date: Day()}


def key_of(attribute: "attrs.Attribute[Any]") -> str:
    """The key under which an attribute stands in a card."""
    return attribute.name.rstrip("_")


def rule_of(kind: Any) -> Rule | None:
    """The rule of a leaf's type, None for a class of attrs or a tuple."""
    if get_origin(kind) is Annotated:
        rule: Rule = get_args(kind)[1]
        return rule
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return OneOf(tuple(kind))
    return _PLAIN_RULES.get(kind)


def read(node: Node, kind: type[T]) -> T:
    """The node as an attrs class of `kind`; CardError with all that is wrong with it."""
    return _CONVERTER.structure(node, kind)


def _leaf_hook(kind: Any) -> Any:
    return lambda node, _: _read_leaf(node, kind)


def _read_leaf(node: Node, kind: Any) -> Any:
    rule = rule_of(kind)
    assert rule is not None
    return rule.read(node)


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _tuple_hook(kind: Any) -> Any:
    item = get_args(kind)[0]

    def hook(node: Node, _: Any) -> Any:
        items: list[Any] = []
        problems: list[Problem] = []
        for child in of_kind(node, ListNode, "a list"):
            try:
                items.append(_CONVERTER.structure(child, item))
            except CardError as error:
                problems += error.problems
        if problems:
            raise CardError(problems)
        return tuple(items)

    return hook


def _class_hook(kind: Any) -> Any:
    keys = {attribute.name: key_of(attribute) for attribute in attrs.fields(kind)}
    renames: Any = {name: override(rename=key) for name, key in keys.items() if name != key}
    structure = make_dict_structure_fn(
        kind, _CONVERTER, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True, **renames
    )

    def hook(node: Node, _: Any) -> Any:
        found = _mapping(node, list(keys.values()))
        try:
            return structure(found, kind)
        except ClassValidationError as group:
            raise CardError(_problems(group, found, list(keys.values()))) from None

    return hook


def _mapping(node: Node, keys: list[str]) -> MapNode:
    """The node as a mapping; `1%` where one with `percent` is expected gets its own hint."""
    expected = f"a mapping of {', '.join(keys)}"
    if isinstance(node, Scalar) and "percent" in keys and (share := re.fullmatch(r"-?([\d.]+) *%", node.text)):
        raise refuse(node, f"expected {expected}, found {described(node)}", f"write `{{percent: {share[1]}}}`")
    return of_kind(node, MapNode, expected)


def _problems(group: ClassValidationError, node: MapNode, keys: list[str]) -> list[Problem]:
    problems: list[Problem] = []
    misspelt = _misspelt(group, keys)
    for error in group.exceptions:
        match error:
            case CardError():
                problems += error.problems
            case KeyError() if error.args[0] in misspelt:
                continue  # the unknown key is reported, with this one as its hint
            case KeyError():
                problems.append(problem_at(node, f"`{error.args[0]}` is missing", "add it here"))
            case ForbiddenExtraKeysError():
                problems += [_unknown_key(node, key, keys) for key in node if key in error.extra_fields]
            case _:
                raise error
    return problems


def _misspelt(group: ClassValidationError, keys: list[str]) -> list[str]:
    """The known keys that the unknown ones were probably meant to be."""
    unknown = [error for error in group.exceptions if isinstance(error, ForbiddenExtraKeysError)]
    wrong = [key for error in unknown for key in error.extra_fields]
    elsewhere = [row.word for row in WORDS for key in wrong if row.typed == key.lower() and row.word in keys]
    return [*elsewhere, *(name for key in wrong for name in get_close_matches(key, keys, n=1))]


def _unknown_key(node: MapNode, key: str, keys: list[str]) -> Problem:
    place = node.key_places[key]
    path = f"{node.path}.{key}" if node.path else key
    return UnknownPath(place.file, place.line, place.column, path, f"unknown key `{key}`", nearest(key, keys))


_CONVERTER = Converter(detailed_validation=True)
_CONVERTER.register_structure_hook_factory(attrs.has, _class_hook)
for _kind in _PLAIN_RULES:  # cattrs looks these up, and StrEnums by `str`, before it asks the factories
    _CONVERTER.register_structure_hook(_kind, _read_leaf)
_CONVERTER.register_structure_hook_factory(_is_tuple, _tuple_hook)
_CONVERTER.register_structure_hook_factory(lambda kind: rule_of(kind) is not None, _leaf_hook)
