"""The part of a condition that arrays cannot decide: small closures over one bar's columns and the account.

A case only asks whether its condition holds, and unknown does not hold. So each truth becomes two closures, one that
says whether it holds and one whether it fails; if neither does, it is unknown (Kleene's logic). The largest parts that
do not read the position come from columns and are tested first: they are cheap and usually decide.
"""

import operator
from collections.abc import Callable
from math import nan

from ideacards.expressions.columns import Columns, is_position_free
from ideacards.expressions.nodes import (
    And,
    Arithmetic,
    ArithmeticOp,
    BarNumber,
    BarsSince,
    Clock,
    Compare,
    CompareOp,
    Constant,
    CountTrue,
    Function,
    FunctionCall,
    InSession,
    Negative,
    Not,
    NumberExpr,
    NumberFact,
    Or,
    PositionNumber,
    PositionTruth,
    Series,
    Truth,
    TruthExpr,
    TruthFact,
    ValueWhen,
)
from ideacards.position_view import ExitReason, PositionView

__all__ = ["NumberAt", "Test", "gate_and_rest", "predicate_of"]

Test = Callable[[int, PositionView], bool]
NumberAt = Callable[[int, PositionView], float]

_COMPARE: dict[CompareOp, tuple[Callable[[float, float], bool], Callable[[float, float], bool]]] = {
    CompareOp.LT: (operator.lt, operator.ge),
    CompareOp.LE: (operator.le, operator.gt),
    CompareOp.GT: (operator.gt, operator.le),
    CompareOp.GE: (operator.ge, operator.lt),
    CompareOp.EQ: (operator.eq, lambda left, right: left < right or left > right),  # != holds for an unknown number
    CompareOp.NE: (lambda left, right: left < right or left > right, operator.eq),
}
_TRUTH_FACTS: dict[TruthFact, Test] = {
    TruthFact.FLAT: lambda i, view: view.qty_sign == 0 and not view.has_entry_in_flight,
    TruthFact.LONG: lambda i, view: view.qty_sign > 0,
    TruthFact.SHORT: lambda i, view: view.qty_sign < 0,
}
_REASONS = tuple(ExitReason)
_NUMBER_FACTS: dict[NumberFact, NumberAt] = {
    NumberFact.SIZE: lambda i, view: view.size,
    NumberFact.ENTRY_PRICE: lambda i, view: nan if view.entry_price is None else view.entry_price,
    NumberFact.EQUITY: lambda i, view: view.equity,
    NumberFact.DIRECTION: lambda i, view: float(view.qty_sign) if view.qty_sign else nan,
    NumberFact.ENTRY_BAR: lambda i, view: view.entry_bar,
    NumberFact.RISK_PERCENT: lambda i, view: view.risk_percent,
    NumberFact.BEST_PRICE: lambda i, view: view.moving.best_price(i),
    NumberFact.WORST_PRICE: lambda i, view: view.moving.worst_price(i),
    NumberFact.ENTRIES_TODAY: lambda i, view: view.moving.entries_today(i),
    NumberFact.EXIT_BAR: lambda i, view: view.exit_bar,
    NumberFact.LOSS_BAR: lambda i, view: view.loss_bar,
    NumberFact.LAST_EXIT: lambda i, view: nan if view.last_exit is None else _REASONS.index(view.last_exit),
    NumberFact.LAST_RESULT: lambda i, view: view.last_result,
    NumberFact.DRAWDOWN: lambda i, view: view.drawdown,
}


def gate_and_rest(expr: TruthExpr) -> tuple[And, And]:
    """`expr` as a conjunction: what the arrays alone decide, and the rest (either may be the empty `And`, true)."""
    parts = _conjuncts(expr)
    return And(tuple(filter(is_position_free, parts))), And(tuple(p for p in parts if not is_position_free(p)))


def predicate_of(expr: TruthExpr, columns: Columns, wanted: bool) -> Test:
    """Does `expr` hold (or, with `wanted` false, fail) at bar i for this account? Never both, neither if unknown."""
    if is_position_free(expr):
        column, code = columns.truth(expr), int(wanted)
        return lambda i, view: column[i] == code
    match expr:
        case PositionTruth():
            fact = _TRUTH_FACTS[expr.fact]
            return fact if wanted else lambda i, view: not fact(i, view)
        case Compare():
            compare = _COMPARE[expr.op][0 if wanted else 1]
            left, right = number_at(expr.left, columns), number_at(expr.right, columns)
            return lambda i, view: compare(left(i, view), right(i, view))
        case Not():
            return predicate_of(expr.operand, columns, not wanted)
        case And():
            return _grouped(And, expr.operands, columns, wanted)
        case Or():
            return _grouped(Or, expr.operands, columns, wanted)
        case Truth() | InSession() | CountTrue():
            raise AssertionError("it is position-free")


def number_at(expr: NumberExpr, columns: Columns) -> NumberAt:
    """The value of `expr` at bar i for this account, NaN if unknown."""
    if isinstance(expr, Constant):
        value = float(expr.value)
        return lambda i, view: value
    if is_position_free(expr):
        column = columns.number(expr)
        return lambda i, view: column[i]
    match expr:
        case PositionNumber():
            return _NUMBER_FACTS[expr.fact]
        case Negative():
            operand = number_at(expr.operand, columns)
            return lambda i, view: -operand(i, view)
        case Arithmetic():
            return _arithmetic(expr.op, number_at(expr.left, columns), number_at(expr.right, columns))
        case FunctionCall():
            return _call(expr.function, [number_at(argument, columns) for argument in expr.arguments])
        case Series() | Clock() | BarNumber() | BarsSince() | ValueWhen():
            raise AssertionError("it is position-free")


def _conjuncts(expr: TruthExpr) -> list[TruthExpr]:
    if isinstance(expr, And):
        return [part for operand in expr.operands for part in _conjuncts(operand)]
    return [expr]


def _grouped(group: type[And] | type[Or], operands: tuple[TruthExpr, ...], columns: Columns, wanted: bool) -> Test:
    free = tuple(filter(is_position_free, operands))
    parts: list[TruthExpr] = [group(free)] if free else []
    parts += [operand for operand in operands if not is_position_free(operand)]
    tests = [predicate_of(part, columns, wanted) for part in parts]
    need_all = (group is And) == wanted
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        if need_all:
            return lambda i, view: first(i, view) and second(i, view)
        return lambda i, view: first(i, view) or second(i, view)
    if need_all:
        return lambda i, view: all(test(i, view) for test in tests)
    return lambda i, view: any(test(i, view) for test in tests)


def _arithmetic(op: ArithmeticOp, left: NumberAt, right: NumberAt) -> NumberAt:
    match op:
        case ArithmeticOp.ADD:
            return lambda i, view: left(i, view) + right(i, view)
        case ArithmeticOp.SUBTRACT:
            return lambda i, view: left(i, view) - right(i, view)
        case ArithmeticOp.MULTIPLY:
            return lambda i, view: left(i, view) * right(i, view)
        case ArithmeticOp.DIVIDE:
            return lambda i, view: _quotient(left(i, view), right(i, view))


def _quotient(left: float, right: float) -> float:
    return nan if right == 0 else left / right


def _call(function: Function, arguments: list[NumberAt]) -> NumberAt:
    match function:
        case Function.ABS:
            (argument,) = arguments
            return lambda i, view: abs(argument(i, view))
        case Function.MIN:
            return lambda i, view: _extreme(operator.lt, [argument(i, view) for argument in arguments])
        case Function.MAX:
            return lambda i, view: _extreme(operator.gt, [argument(i, view) for argument in arguments])


def _extreme(beats: Callable[[float, float], bool], values: list[float]) -> float:
    result = values[0]
    for value in values[1:]:
        if beats(value, result) or value != value:
            result = value
    return result
