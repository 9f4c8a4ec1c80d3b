"""The core language of conditions: a closed tree of numbers and truths. Evaluators know nothing else.

The checker writes what the card's grammar offers in these terms: a chained comparison is an `And` of comparisons, a
cross compares now and one bar before. Nodes are values (equal trees are equal), so the same condition is computed once.
"""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import overload

import attrs

from ideacards.sessions import ClockPart, Session

__all__ = [
    "And",
    "Arithmetic",
    "ArithmeticOp",
    "BarNumber",
    "BarsSince",
    "Clock",
    "Compare",
    "CompareOp",
    "Constant",
    "CountTrue",
    "Expr",
    "Function",
    "FunctionCall",
    "InSession",
    "Negative",
    "Not",
    "NumberExpr",
    "NumberFact",
    "Or",
    "PositionNumber",
    "PositionTruth",
    "Series",
    "Truth",
    "TruthExpr",
    "TruthFact",
    "ValueWhen",
    "children",
    "lagged",
    "leaves",
]


class NumberFact(StrEnum):
    """Numbers of the account at the deciding close; those of a position are unknown while flat."""

    SIZE = "position.size"
    ENTRY_PRICE = "position.entry_price"
    EQUITY = "equity"
    DIRECTION = "position.direction"  # 1 for a long, -1 for a short
    ENTRY_BAR = "position.entry_bar"
    RISK_PERCENT = "position.risk_percent"
    BEST_PRICE = "position.best_price"
    WORST_PRICE = "position.worst_price"
    ENTRIES_TODAY = "position.entries_today"
    EXIT_BAR = "position.exit_bar"
    LOSS_BAR = "position.loss_bar"
    LAST_EXIT = "position.last_exit"  # the place of its word among the reasons
    LAST_RESULT = "position.last_result"
    DRAWDOWN = "drawdown"


class TruthFact(StrEnum):
    """Truths of the account; flat also means no entry of this card in flight."""

    FLAT = "position.flat"
    LONG = "position.long"
    SHORT = "position.short"


class ArithmeticOp(StrEnum):
    """Division by zero is unknown."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"


class CompareOp(StrEnum):
    """Equality is for whole numbers: the checker refuses it for prices and ratios."""

    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    EQ = "=="
    NE = "!="


class Function(StrEnum):
    """Functions from numbers to a number."""

    ABS = "abs"
    MIN = "min"
    MAX = "max"


@attrs.frozen
class Constant:
    """A number as the card writes it."""

    value: Decimal


@attrs.frozen
class Series:
    """A bar column or a feature's output, `lag` exec bars ago."""

    name: str
    lag: int = 0


@attrs.frozen
class Clock:
    """A part of the local time in `zone` at the close, `lag` exec bars ago."""

    part: ClockPart
    zone: str
    lag: int = 0


@attrs.frozen
class BarNumber:
    """The number of the bar, the first being 0, less `lag`; only a difference of two of them says anything."""

    lag: int = 0


@attrs.frozen
class PositionNumber:
    """A number of the account."""

    fact: NumberFact


@attrs.frozen
class Negative:
    """Unary minus."""

    operand: "NumberExpr"


@attrs.frozen
class Arithmetic:
    """left op right."""

    op: ArithmeticOp
    left: "NumberExpr"
    right: "NumberExpr"


@attrs.frozen
class FunctionCall:
    """A function of numbers: one argument for abs, at least two for min and max."""

    function: Function
    arguments: tuple["NumberExpr", ...]


@attrs.frozen
class BarsSince:
    """Exec bars since `condition` last held, 0 at that bar; unknown if it never did or may have since."""

    condition: "TruthExpr"


@attrs.frozen
class ValueWhen:
    """`value` at the bar that `BarsSince` counts from."""

    condition: "TruthExpr"
    value: "NumberExpr"


@attrs.frozen
class Truth:
    """true or false."""

    value: bool


@attrs.frozen
class InSession:
    """Whether the close, `lag` exec bars ago, lies in the session."""

    session: Session
    lag: int = 0


@attrs.frozen
class PositionTruth:
    """A truth of the account."""

    fact: TruthFact


@attrs.frozen
class Compare:
    """left op right; unknown if either side is."""

    op: CompareOp
    left: "NumberExpr"
    right: "NumberExpr"


@attrs.frozen
class And:
    """False if any operand is false, else unknown if any is unknown, else true."""

    operands: tuple["TruthExpr", ...]


@attrs.frozen
class Or:
    """True if any operand is true, else unknown if any is unknown, else false."""

    operands: tuple["TruthExpr", ...]


@attrs.frozen
class Not:
    """Unknown if the operand is."""

    operand: "TruthExpr"


@attrs.frozen
class CountTrue:
    """Whether `operand` held at `least` of the last `bars` exec bars, this one included.

    It fails once too many of them have failed; a bar before the first is unknown.
    """

    bars: int
    least: int
    operand: "TruthExpr"


NumberExpr = (
    Constant
    | Series
    | Clock
    | BarNumber
    | PositionNumber
    | Negative
    | Arithmetic
    | FunctionCall
    | BarsSince
    | ValueWhen
)
TruthExpr = Truth | InSession | PositionTruth | Compare | And | Or | Not | CountTrue
Expr = NumberExpr | TruthExpr


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly below."""
    match expr:
        case Negative() | Not() | CountTrue():
            return (expr.operand,)
        case Arithmetic() | Compare():
            return (expr.left, expr.right)
        case FunctionCall():
            return expr.arguments
        case And() | Or():
            return expr.operands
        case BarsSince():
            return (expr.condition,)
        case ValueWhen():
            return (expr.condition, expr.value)
        case _:
            return ()


def leaves(expr: Expr) -> Iterator[Expr]:
    """Constants, series, times and facts of the account, left to right."""
    if isinstance(expr, Constant | Series | Clock | BarNumber | PositionNumber | Truth | InSession | PositionTruth):
        yield expr
    for child in children(expr):
        yield from leaves(child)


@overload
def lagged(expr: NumberExpr, bars: int) -> NumberExpr: ...
@overload
def lagged(expr: TruthExpr, bars: int) -> TruthExpr: ...
def lagged(expr: Expr, bars: int) -> Expr:
    """`expr` as it was so many exec bars earlier; ValueError if it reads the account, whose past is not kept."""
    match expr:
        case Series() | Clock() | BarNumber() | InSession():
            return attrs.evolve(expr, lag=expr.lag + bars)
        case PositionNumber() | PositionTruth():
            raise ValueError(f"{expr.fact} has no past")
        case Constant() | Truth():
            return expr
        case Negative():
            return Negative(lagged(expr.operand, bars))
        case Arithmetic():
            return Arithmetic(expr.op, lagged(expr.left, bars), lagged(expr.right, bars))
        case FunctionCall():
            return FunctionCall(expr.function, tuple(lagged(argument, bars) for argument in expr.arguments))
        case BarsSince():
            return BarsSince(lagged(expr.condition, bars))
        case ValueWhen():
            return ValueWhen(lagged(expr.condition, bars), lagged(expr.value, bars))
        case Compare():
            return Compare(expr.op, lagged(expr.left, bars), lagged(expr.right, bars))
        case Not():
            return Not(lagged(expr.operand, bars))
        case And():
            return And(tuple(lagged(operand, bars) for operand in expr.operands))
        case Or():
            return Or(tuple(lagged(operand, bars) for operand in expr.operands))
        case CountTrue():
            return CountTrue(expr.bars, expr.least, lagged(expr.operand, bars))
