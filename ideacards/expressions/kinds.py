"""What a number is: a price, a ratio, a count... Numbers of different kinds are neither compared nor added.

A number written in the card, and a feature whose kind is not known, fit anything. The table refuses what cannot be
meant (`close > strength`), and lets everything else pass.
"""

from collections.abc import Mapping
from enum import Enum

from ideacards.expressions.nodes import (
    Arithmetic,
    ArithmeticOp,
    BarNumber,
    BarsSince,
    Clock,
    Constant,
    FunctionCall,
    Negative,
    NumberExpr,
    NumberFact,
    PositionNumber,
    Series,
    ValueWhen,
)

__all__ = ["BAR_KINDS", "NumberKind", "fits", "kind_of"]


class NumberKind(Enum):
    """The value says it in words."""

    ANY = "a number"
    PRICE = "a price"
    RATIO = "a ratio"
    COUNT = "a count"
    TIME = "a time"
    QUANTITY = "a quantity"
    MONEY = "an amount of money"


_PURE = (NumberKind.RATIO, NumberKind.COUNT)
BAR_KINDS = dict.fromkeys(("open", "high", "low", "close", "hl2", "hlc3", "ohlc4"), NumberKind.PRICE) | {
    "volume": NumberKind.QUANTITY
}
_FACTS = {
    NumberFact.SIZE: NumberKind.QUANTITY,
    NumberFact.ENTRY_PRICE: NumberKind.PRICE,
    NumberFact.EQUITY: NumberKind.MONEY,
    NumberFact.DIRECTION: NumberKind.RATIO,
    NumberFact.ENTRY_BAR: NumberKind.COUNT,
    NumberFact.RISK_PERCENT: NumberKind.RATIO,
    NumberFact.BEST_PRICE: NumberKind.PRICE,
    NumberFact.WORST_PRICE: NumberKind.PRICE,
    NumberFact.ENTRIES_TODAY: NumberKind.COUNT,
    NumberFact.EXIT_BAR: NumberKind.COUNT,
    NumberFact.LOSS_BAR: NumberKind.COUNT,
    NumberFact.LAST_EXIT: NumberKind.COUNT,
    NumberFact.LAST_RESULT: NumberKind.MONEY,
    NumberFact.DRAWDOWN: NumberKind.RATIO,
}


def fits(left: NumberKind, right: NumberKind) -> bool:
    """Whether two numbers can be compared and added."""
    return left is right or NumberKind.ANY in (left, right) or (left in _PURE and right in _PURE)


def _joined(left: NumberKind, right: NumberKind) -> NumberKind:
    """The kind of the sum of two numbers that fit."""
    if left is right or right is NumberKind.ANY:
        return left
    return right if left is NumberKind.ANY else NumberKind.RATIO


def kind_of(expr: NumberExpr, kinds: Mapping[str, NumberKind]) -> NumberKind:
    """The kind of a sound expression; `kinds` are those of the card's series."""
    match expr:
        case Constant():
            return NumberKind.ANY
        case Series():
            return kinds.get(expr.name, BAR_KINDS.get(expr.name, NumberKind.ANY))
        case Clock():
            return NumberKind.TIME
        case PositionNumber():
            return _FACTS[expr.fact]
        case BarsSince() | BarNumber():
            return NumberKind.COUNT
        case ValueWhen():
            return kind_of(expr.value, kinds)
        case Negative():
            return kind_of(expr.operand, kinds)
        case FunctionCall():
            found = kind_of(expr.arguments[0], kinds)
            for argument in expr.arguments[1:]:
                found = _joined(found, kind_of(argument, kinds))
            return found
        case Arithmetic():
            return _arithmetic(expr.op, kind_of(expr.left, kinds), kind_of(expr.right, kinds))


def _arithmetic(op: ArithmeticOp, left: NumberKind, right: NumberKind) -> NumberKind:
    match op:
        case ArithmeticOp.ADD | ArithmeticOp.SUBTRACT:
            return _joined(left, right)
        case ArithmeticOp.MULTIPLY:
            return _product(left, right)
        case ArithmeticOp.DIVIDE:
            return _quotient(left, right)


def _product(left: NumberKind, right: NumberKind) -> NumberKind:
    if {left, right} == {NumberKind.PRICE, NumberKind.QUANTITY}:
        return NumberKind.MONEY
    for one, other in ((left, right), (right, left)):
        if one is NumberKind.ANY or (one in _PURE and other is not NumberKind.ANY):
            return other
    return NumberKind.ANY


def _quotient(left: NumberKind, right: NumberKind) -> NumberKind:
    if left is right and left is not NumberKind.ANY:
        return NumberKind.RATIO
    if right is NumberKind.ANY or right in _PURE:
        return left
    if left is NumberKind.MONEY and right in (NumberKind.PRICE, NumberKind.QUANTITY):
        return NumberKind.QUANTITY if right is NumberKind.PRICE else NumberKind.PRICE
    return NumberKind.ANY
