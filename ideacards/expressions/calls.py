"""The functions of the language, each written in terms of the core: comparisons, windows and looks back.

A function that looks back is refused for facts of the account, whose past is not kept.
"""

import ast
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol, TypeVar, cast

from ideacards.expressions.nodes import (
    And,
    Arithmetic,
    ArithmeticOp,
    BarsSince,
    Compare,
    CompareOp,
    Constant,
    CountTrue,
    Expr,
    Function,
    FunctionCall,
    NumberExpr,
    Truth,
    TruthExpr,
    ValueWhen,
    lagged,
)

__all__ = ["MAX_WINDOW", "NUMBER_CALLS", "PERCENT", "TRUTH_CALLS", "ArgumentReader"]

MAX_WINDOW = 10_000  # bars
PERCENT = "percent"
_HOLE = Constant(Decimal(0))
_MOST = 32
E = TypeVar("E", bound=Expr)


class ArgumentReader(Protocol):
    """What a function needs of the checker that reads its arguments."""

    def truth(self, node: ast.expr, depth: int) -> TruthExpr: ...

    def number(self, node: ast.expr, depth: int) -> NumberExpr: ...

    def alike(self, nodes: list[ast.expr], found: list[NumberExpr], verb: str) -> None:
        """Complain if the numbers are not of one kind."""

    def whole(self, node: ast.expr, least: int, most: int, meaning: str) -> int:
        """A whole number that the card states; 0 after a complaint."""

    def complain(self, node: ast.expr, what: str, *hint: str) -> None: ...


TruthCall = Callable[[ArgumentReader, ast.Call, int], TruthExpr]
NumberCall = Callable[[ArgumentReader, ast.Call, int], NumberExpr]


def _takes(walk: ArgumentReader, node: ast.Call, form: str, least: int, most: int | None = None) -> bool:
    most = least if most is None else most
    is_plain = not node.keywords and not any(isinstance(argument, ast.Starred) for argument in node.args)
    if is_plain and least <= len(node.args) <= most:
        return True
    name = form.partition("(")[0]
    count = str(least) if least == most else f"{least} to {most}"
    what = f"`{name}` takes {count} plain argument{'s' if most > 1 else ''}, found {len(node.args)}"
    walk.complain(node, what, f"write `{form}`")
    return False


def _past(walk: ArgumentReader, node: ast.expr, expr: E, bars: int, name: str, example: str) -> E:
    """`expr` so many bars earlier; a complaint if it has no past."""
    try:
        return cast(E, lagged(cast(Any, expr), bars))
    except ValueError as error:
        walk.complain(node, str(error), f"`{name}` looks back: give it {example}")
        return expr


def _numbers(walk: ArgumentReader, nodes: list[ast.expr], depth: int, verb: str) -> list[NumberExpr]:
    found = [walk.number(node, depth + 1) for node in nodes]
    walk.alike(nodes, found, verb)
    return found


def _cross(now: CompareOp, before: CompareOp, name: str) -> TruthCall:
    def call(walk: ArgumentReader, node: ast.Call, depth: int) -> TruthExpr:
        if not _takes(walk, node, f"{name}(fast, slow)", 2):
            return Truth(False)
        left, right = _numbers(walk, node.args, depth, "do not cross")
        earlier = [_past(walk, node, each, 1, name, "bar columns, features and numbers") for each in (left, right)]
        return And((Compare(now, left, right), Compare(before, *earlier)))

    return call


def _trend(op: CompareOp, name: str) -> TruthCall:
    """Each of the last n bars is beyond the bar before it."""

    def call(walk: ArgumentReader, node: ast.Call, depth: int) -> TruthExpr:
        if not _takes(walk, node, f"{name}(close, 3)", 2):
            return Truth(False)
        value = walk.number(node.args[0], depth + 1)
        bars = walk.whole(node.args[1], 1, MAX_WINDOW, "a number of bars")
        before = _past(walk, node, value, 1, name, "bar columns, features and numbers")
        return CountTrue(bars, bars, Compare(op, value, before))

    return call


def _between(walk: ArgumentReader, node: ast.Call, depth: int) -> TruthExpr:
    if not _takes(walk, node, "between(close, lower, upper)", 3):
        return Truth(False)
    value, lower, upper = _numbers(walk, node.args, depth, "do not compare")
    return And((Compare(CompareOp.GE, value, lower), Compare(CompareOp.LE, value, upper)))


def _near(walk: ArgumentReader, node: ast.Call, depth: int) -> TruthExpr:
    """|x - y| <= within, or <= |y| x percent / 100."""
    form = "near(close, level, 0.5 * noise)"
    share = node.keywords[0] if len(node.keywords) == 1 and len(node.args) == 2 else None
    if share is not None and share.arg == PERCENT:
        left, right = _numbers(walk, node.args, depth, "do not compare")
        within = walk.number(share.value, depth + 1)
        if not (isinstance(within, Constant) and 0 <= within.value <= 100):
            walk.complain(share.value, "a percentage here is a number from 0 to 100", f"write `{form}` for a distance")
        whole = Arithmetic(ArithmeticOp.MULTIPLY, FunctionCall(Function.ABS, (right,)), within)
        bound: NumberExpr = Arithmetic(ArithmeticOp.DIVIDE, whole, Constant(Decimal(100)))
    elif node.keywords:
        name = node.keywords[0].arg or "**"
        walk.complain(node, f"`near` has no argument `{name}`", f"write `{form}` or `near(close, level, percent=0.5)`")
        return Truth(False)
    else:
        if not _takes(walk, node, form, 3):
            return Truth(False)
        left, right, bound = _numbers(walk, node.args, depth, "do not compare")
    distance = FunctionCall(Function.ABS, (Arithmetic(ArithmeticOp.SUBTRACT, left, right),))
    return Compare(CompareOp.LE, distance, bound)


def _condition(walk: ArgumentReader, node: ast.expr, depth: int, name: str) -> TruthExpr:
    """A condition of history alone."""
    found = walk.truth(node, depth + 1)
    _past(walk, node, found, 1, name, "a condition of bars, features and times")
    return found


def _window(name: str, needs_all: bool) -> TruthCall:
    def call(walk: ArgumentReader, node: ast.Call, depth: int) -> TruthExpr:
        if not _takes(walk, node, f"{name}(3, close > open)", 2):
            return Truth(False)
        bars = walk.whole(node.args[0], 1, MAX_WINDOW, "a number of bars")
        if not bars:
            return Truth(False)
        return CountTrue(bars, bars if needs_all else 1, _condition(walk, node.args[1], depth, name))

    return call


def _count_true(walk: ArgumentReader, node: ast.Call, depth: int) -> TruthExpr:
    if not _takes(walk, node, "count_true(10, 6, close > open)", 3):
        return Truth(False)
    bars = walk.whole(node.args[0], 1, MAX_WINDOW, "a number of bars")
    least = bars and walk.whole(node.args[1], 1, bars, "how many of them at least")
    if not least:
        return Truth(False)
    return CountTrue(bars, least, _condition(walk, node.args[2], depth, "count_true"))


def _sequence(walk: ArgumentReader, node: ast.Call, depth: int) -> TruthExpr:
    """The second holds now, the first held at one of the n bars before."""
    if not _takes(walk, node, "sequence(close > upper, close < middle, 10)", 3):
        return Truth(False)
    first, second = (_condition(walk, each, depth, "sequence") for each in node.args[:2])
    bars = walk.whole(node.args[2], 1, MAX_WINDOW, "a number of bars")
    earlier = _past(walk, node.args[0], first, 1, "sequence", "conditions of bars, features and times")
    return And((second, CountTrue(bars, 1, earlier)))


def _bars_since(walk: ArgumentReader, node: ast.Call, depth: int) -> NumberExpr:
    if not _takes(walk, node, "bars_since(crosses_above(fast, slow))", 1):
        return _HOLE
    return BarsSince(_condition(walk, node.args[0], depth, "bars_since"))


def _value_when(walk: ArgumentReader, node: ast.Call, depth: int) -> NumberExpr:
    if not _takes(walk, node, "value_when(crosses_above(fast, slow), close)", 2):
        return _HOLE
    condition = _condition(walk, node.args[0], depth, "value_when")
    value = walk.number(node.args[1], depth + 1)
    _past(walk, node.args[1], value, 1, "value_when", "a bar column, a feature or a number")
    return ValueWhen(condition, value)


def _plain(function: Function) -> NumberCall:
    least, most = (1, 1) if function is Function.ABS else (2, _MOST)
    form = "abs(close - open)" if function is Function.ABS else f"{function}(fast, slow)"

    def call(walk: ArgumentReader, node: ast.Call, depth: int) -> NumberExpr:
        if not _takes(walk, node, form, least, most):
            return _HOLE
        return FunctionCall(function, tuple(_numbers(walk, node.args, depth, "do not compare")))

    return call


TRUTH_CALLS: dict[str, TruthCall] = {
    "crosses_above": _cross(CompareOp.GT, CompareOp.LE, "crosses_above"),
    "crosses_below": _cross(CompareOp.LT, CompareOp.GE, "crosses_below"),
    "between": _between,
    "near": _near,
    "rising": _trend(CompareOp.GT, "rising"),
    "falling": _trend(CompareOp.LT, "falling"),
    "held_for": _window("held_for", needs_all=True),
    "within_last": _window("within_last", needs_all=False),
    "count_true": _count_true,
    "sequence": _sequence,
}
NUMBER_CALLS: dict[str, NumberCall] = {
    **{str(function): _plain(function) for function in Function},
    "bars_since": _bars_since,
    "value_when": _value_when,
}
