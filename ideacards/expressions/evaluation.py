"""A condition at one bar as a tree: what each clause came to, with the values that decided it.

It evaluates by the columns and closures that decisions are made by, clause by clause, so it cannot say another thing
than the card's run does.
"""

from collections.abc import Iterator
from math import isinf, isnan

import attrs

from ideacards.expressions.closures import number_at, predicate_of
from ideacards.expressions.columns import Columns, truth_column
from ideacards.expressions.nodes import (
    And,
    Compare,
    CompareOp,
    Constant,
    CountTrue,
    Expr,
    InSession,
    Not,
    NumberExpr,
    Or,
    PositionTruth,
    Truth,
    TruthExpr,
    children,
)
from ideacards.expressions.wording import text_of
from ideacards.position_view import PositionView

__all__ = ["Clause", "evaluated", "number_text"]

_ORDERS = (CompareOp.LT, CompareOp.LE, CompareOp.GT, CompareOp.GE)


@attrs.frozen
class Clause:
    """A condition or a part of one; `holds` is None where it is unknown.

    `detail` tells the values, and of a comparison that does not hold by how much. `parts` are the conditions in it.
    """

    text: str
    holds: bool | None
    detail: str
    parts: tuple["Clause", ...] = ()


def evaluated(expr: TruthExpr, columns: Columns, index: int, view: PositionView) -> Clause:
    """The condition at the close of bar `index`, with the account as `view` shows it there."""
    holds = _outcome(expr, columns, index, view)
    return Clause(
        text_of(expr),
        holds,
        _detail(expr, columns, index, view, holds),
        tuple(evaluated(part, columns, index, view) for part in _conditions_in(expr)),
    )


def _outcome(expr: TruthExpr, columns: Columns, index: int, view: PositionView) -> bool | None:
    if predicate_of(expr, columns, wanted=True)(index, view):
        return True
    return False if predicate_of(expr, columns, wanted=False)(index, view) else None


def _conditions_in(expr: TruthExpr) -> tuple[TruthExpr, ...]:
    match expr:
        case And() | Or():
            return expr.operands if len(expr.operands) > 1 else ()
        case Not() | CountTrue():
            return (expr.operand,)
    return ()


def _detail(expr: TruthExpr, columns: Columns, index: int, view: PositionView, holds: bool | None) -> str:
    match expr:
        case Compare():
            return _compared(expr, columns, index, view, holds)
        case CountTrue():
            return _counted(expr, columns, index)
        case PositionTruth():
            return _account(view)
        case Truth() | InSession() | And() | Or() | Not():
            return ""


def _compared(expr: Compare, columns: Columns, index: int, view: PositionView, holds: bool | None) -> str:
    left, right = (number_at(side, columns)(index, view) for side in (expr.left, expr.right))
    text = f"{number_text(left)} {expr.op} {number_text(right)}"
    if holds is None:
        unknown = dict.fromkeys(_unknown_in(expr, columns, index, view))
        return f"{text}; unknown: {', '.join(unknown)}" if unknown else text
    if holds is False and expr.op in _ORDERS and not isinf(left - right):
        gap = abs(left - right)
        share = f", {number_text(100 * gap / abs(right))} % of the right side" if right else ""
        text += f"; short by {number_text(gap)}{share}" if gap else "; the two are equal"
    inner = ", ".join(f"{name} {number_text(value)}" for name, value in _values_in(expr, columns, index, view))
    return f"{text} (with {inner})" if inner else text


def _counted(expr: CountTrue, columns: Columns, index: int) -> str:
    first = max(0, index + 1 - expr.bars)
    column = truth_column(expr.operand, columns.source, first, index + 1).tolist()
    text = f"held at {column.count(1)} of the last {expr.bars} bars, {expr.least} needed"
    missing = expr.bars - len(column)
    unknown = column.count(-1) + missing
    return f"{text}; unknown at {unknown}" if unknown else text


def _account(view: PositionView) -> str:
    if view.qty_sign:
        side = "long" if view.qty_sign > 0 else "short"
        return f"the position is {side}, {number_text(view.size)} at {number_text(view.entry_price or 0.0)}"
    return "there is no position, but an entry is in flight" if view.has_entry_in_flight else "there is no position"


def _values_in(expr: Compare, columns: Columns, index: int, view: PositionView) -> Iterator[tuple[str, float]]:
    """The named numbers inside the two sides, where a side is more than a name."""
    seen: dict[str, float] = {}
    for side in (expr.left, expr.right):
        for leaf in _named_in(side):
            if leaf is not side:
                seen[text_of(leaf)] = number_at(leaf, columns)(index, view)
    yield from seen.items()


def _named_in(expr: NumberExpr) -> Iterator[NumberExpr]:
    """Names and calls that look back, outermost first; what stands inside such a call is left to it."""
    text = text_of(expr)
    is_made_of_others = any(sign in text for sign in " ,") and not text.startswith(("bars_since(", "value_when("))
    if not is_made_of_others and not text.startswith(("-", "abs(")):
        if not isinstance(expr, Constant):
            yield expr
        return
    for child in children(expr):
        yield from _named_in(child)  # type: ignore[arg-type]  # below such a number there are numbers only


def _unknown_in(expr: Expr, columns: Columns, index: int, view: PositionView) -> Iterator[str]:
    """The names in it that have no value, and the quotients that divide by zero."""
    for side in children(expr):
        named = list(_named_in(side))  # type: ignore[arg-type]
        none = [text_of(leaf) for leaf in named if isnan(number_at(leaf, columns)(index, view))]
        yield from none
        if not none and isnan(number_at(side, columns)(index, view)):  # type: ignore[arg-type]
            yield f"{text_of(side)} (a division by zero)"


def number_text(value: float) -> str:
    """Ten digits at most: enough to see a difference, not the float's last ones."""
    if isnan(value):
        return "unknown"
    return f"{value:.10g}"
