"""The parameters of a card: named numbers with bounds, usable wherever a number stands.

`--set fast=20` sets one by its name alone. A text that is a parameter's name carries the parameter's value, which
counts where a number is expected; anywhere else the text stays what it is.
"""

from decimal import Decimal
from typing import Annotated

import attrs

from ideacards.card import Parameter
from ideacards.decimals import plain_text
from ideacards.errors import CardError, Problem
from ideacards.expressions.scope import grammar_words
from ideacards.loading.rules import Number, Word, problem_at, refuse
from ideacards.loading.structuring import read
from ideacards.loading.tree import MapNode, Node, Scalar, ScalarKind, nodes_below

__all__ = ["PARAMETER_NAME", "WrittenParameter", "fill_in", "parameter_path", "read_parameters"]

PARAMETER_NAME = Word("[A-Za-z_][A-Za-z0-9_]{0,63}", "a parameter name", "letters, digits and _, no digit first")
_KEY, _VALUE = "parameters", "default"


@attrs.frozen
class WrittenParameter:
    """A number and the bounds within which it may be set."""

    default: Annotated[Decimal, Number()]
    min: Annotated[Decimal, Number()] | None = None
    max: Annotated[Decimal, Number()] | None = None


def parameter_path(root: Node | None, name: str) -> str | None:
    """Where the value of the card's parameter of that name stands, None if it has no such parameter."""
    parameters = root.get(_KEY) if isinstance(root, MapNode) else None
    is_one = isinstance(parameters, MapNode) and isinstance(parameters.get(name), MapNode)
    return f"{_KEY}.{name}.{_VALUE}" if is_one else None


def read_parameters(top: MapNode, taken: tuple[str, ...], problems: list[Problem]) -> list[Parameter]:
    """The sound parameters in card order; faults are added to `problems`. `taken` are names of something else."""
    node = top.get(_KEY)
    found: list[Parameter] = []
    for name, child in node.items() if isinstance(node, MapNode) else ():
        try:
            assert isinstance(node, MapNode)
            _check_name(node, name, taken)
            found.append(_read_one(name, child))
        except CardError as error:
            problems += error.problems
    return found


def _check_name(node: MapNode, name: str, taken: tuple[str, ...]) -> None:
    place = node.key_places[name]
    if not PARAMETER_NAME.matches(name):
        raise refuse(node[name], f"`{name}` is not {PARAMETER_NAME.meaning}", PARAMETER_NAME.hint, place)
    if name in grammar_words():
        raise refuse(node[name], f"`{name}` is a word of the grammar", "give the parameter another name", place)
    if name in taken:
        raise refuse(node[name], f"`{name}` is a key or a feature too", "give the parameter another name", place)


def _read_one(name: str, node: Node) -> Parameter:
    written = read(node, WrittenParameter)
    assert isinstance(node, MapNode)
    low, value, high = written.min, written.default, written.max
    if low is not None and high is not None and low > high:
        raise refuse(node["max"], f"max {plain_text(high)} is below min {plain_text(low)}", "exchange them")
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = (("at least", low), ("at most", high))
        allowed = " and ".join(f"{word} {plain_text(bound)}" for word, bound in bounds if bound is not None)
        raise CardError([problem_at(node[_VALUE], f"{name} = {plain_text(value)} is out of range", allowed)])
    return Parameter(name, value, low, high)


def fill_in(top: MapNode, parameters: list[Parameter]) -> None:
    """Give each text that is a parameter's name the parameter's value, for where a number is expected."""
    values = _texts(top.get(_KEY)) | {one.name: plain_text(one.value) for one in parameters}
    if not values:
        return
    for key, child in top.items():
        for node in nodes_below(child) if key != _KEY else ():
            if isinstance(node, Scalar) and node.kind is ScalarKind.TEXT and node.text in values:
                node.number = values[node.text]


def _texts(node: Node | None) -> dict[str, str]:
    """The defaults as written, also of parameters with a fault, so that one fault is reported once."""
    found: dict[str, str] = {}
    for name, child in node.items() if isinstance(node, MapNode) else ():
        value = child.get(_VALUE) if isinstance(child, MapNode) else None
        if isinstance(value, Scalar) and value.kind is ScalarKind.NUMBER:
            found[name] = value.text
    return found
