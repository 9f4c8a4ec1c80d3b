"""A second implementation of expressions: it walks its own trees, one bar at a time, in Kleene's three-valued logic.

Trees are tuples, written out as text for the engine. It shares no code with the engine: unknown is None here, a cross
looks back by index, a chain of comparisons stays a chain.
"""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ideacards.position_view import PositionView

__all__ = ["Tree", "is_undefined", "number", "text_of", "truth"]

Tree = tuple[Any, ...]
Data = Mapping[str, Sequence[float]]

ARITHMETIC: dict[str, Callable[[float, float], float]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def text_of(tree: Tree) -> str:
    """The tree in the card's grammar, parentheses everywhere."""
    match tree:
        case ("number", text) | ("fact", text):
            return str(text)
        case ("literal", value):
            return "true" if value else "false"
        case ("series", name, lag):
            return f"{name}[{lag}]" if lag else str(name)
        case ("negative", operand):
            return f"(-{text_of(operand)})"
        case ("not", operand):
            return f"(not {text_of(operand)})"
        case ("arithmetic", op, left, right):
            return f"({text_of(left)} {op} {text_of(right)})"
        case ("call" | "cross", name, arguments):
            return f"{name}({', '.join(map(text_of, arguments))})"
        case ("and" | "or" as word, operands):
            return "(" + f" {word} ".join(map(text_of, operands)) + ")"
        case ("chain", terms, ops):
            tail = "".join(f" {op} {text_of(term)}" for op, term in zip(ops, terms[1:], strict=True))
            return f"({text_of(terms[0])}{tail})"
    raise AssertionError(tree)


def number(tree: Tree, data: Data, i: int, view: PositionView) -> float | None:
    """The value at bar i, None if unknown."""
    match tree:
        case ("number", text):
            return float(text)
        case ("fact", name):
            facts = {"position.size": view.size, "position.entry_price": view.entry_price, "equity": view.equity}
            return facts[name]
        case ("series", name, lag):
            return _known(data[name][i - lag]) if i >= lag else None
        case ("negative", operand):
            value = number(operand, data, i, view)
            return None if value is None else -value
        case ("arithmetic", op, left, right):
            a, b = number(left, data, i, view), number(right, data, i, view)
            if a is None or b is None or (op == "/" and b == 0):
                return None
            return _known(a / b if op == "/" else ARITHMETIC[op](a, b))
        case ("call", name, arguments):
            values = [number(argument, data, i, view) for argument in arguments]
            known = [value for value in values if value is not None]
            if len(known) < len(values):
                return None
            return abs(known[0]) if name == "abs" else min(known) if name == "min" else max(known)
    raise AssertionError(tree)


def truth(tree: Tree, data: Data, i: int, view: PositionView) -> bool | None:
    """True, False, or None for unknown."""
    match tree:
        case ("literal", value):
            return bool(value)
        case ("fact", name):
            is_flat = view.qty_sign == 0 and not view.has_entry_in_flight
            facts = {"position.flat": is_flat, "position.long": view.qty_sign > 0, "position.short": view.qty_sign < 0}
            return facts[name]
        case ("not", operand):
            value = truth(operand, data, i, view)
            return None if value is None else not value
        case ("and", operands):
            return _conjunction([truth(operand, data, i, view) for operand in operands])
        case ("or", operands):
            values = [truth(operand, data, i, view) for operand in operands]
            return True if True in values else None if None in values else False
        case ("chain", terms, ops):
            numbers = [number(term, data, i, view) for term in terms]
            return _conjunction([_compared(*pair) for pair in zip(ops, numbers, numbers[1:], strict=False)])
        case ("cross", name, (left, right)):
            now, before = (">", "<=") if name == "crosses_above" else ("<", ">=")
            is_now = _compared(now, number(left, data, i, view), number(right, data, i, view))
            was = _compared(before, number(left, data, i - 1, view), number(right, data, i - 1, view))
            return _conjunction([is_now, was])
    raise AssertionError(tree)


def is_undefined(tree: Tree, data: Data, i: int, view: PositionView) -> bool:
    """Does it read an undefined value, or divide by a zero that the arrays alone decide?"""
    match tree:
        case ("series", _, _):
            return number(tree, data, i, view) is None
        case ("cross", _, arguments):
            return any(is_undefined(each, data, bar, view) for each in arguments for bar in (i, i - 1))
        case ("arithmetic", "/", _, divisor) if not _asks_account(divisor) and number(divisor, data, i, view) == 0:
            return True
    return any(is_undefined(each, data, i, view) for each in _below(tree))


def _asks_account(tree: Tree) -> bool:
    return tree[0] == "fact" or any(_asks_account(each) for each in _below(tree))


def _below(tree: Tree) -> Sequence[Tree]:
    match tree:
        case ("negative" | "not", operand):
            return [operand]
        case ("arithmetic", _, left, right):
            return [left, right]
        case ("call" | "cross", _, trees) | ("and" | "or", trees) | ("chain", trees, _):
            return list(trees)
    return []


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _compared(op: str, left: float | None, right: float | None) -> bool | None:
    return None if left is None or right is None else COMPARE[op](left, right)


def _conjunction(values: Sequence[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True
