"""The core language of conditions: a closed tree of numbers and truths. Evaluators know nothing else.

The checker writes what the card's grammar offers in these terms: a chained comparison is an `And` of comparisons, a
cross compares now and one bar before. Nodes are values (equal trees are equal), so the same condition is computed once.
"""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum

import attrs

__all__ = [
    "And",
    "Arithmetic",
    "ArithmeticOp",
    "Compare",
    "CompareOp",
    "Constant",
    "Expr",
    "Function",
    "FunctionCall",
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
    "children",
    "lagged",
    "leaves",
]


class NumberFact(StrEnum):
    """Numbers of the account at the deciding close; the entry price is unknown while flat."""

    SIZE = "position.size"
    ENTRY_PRICE = "position.entry_price"
    EQUITY = "equity"


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
    """There is no equality of numbers."""

    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


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
class Truth:
    """true or false."""

    value: bool


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


NumberExpr = Constant | Series | PositionNumber | Negative | Arithmetic | FunctionCall
TruthExpr = Truth | PositionTruth | Compare | And | Or | Not
Expr = NumberExpr | TruthExpr


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly below."""
    match expr:
        case Negative() | Not():
            return (expr.operand,)
        case Arithmetic() | Compare():
            return (expr.left, expr.right)
        case FunctionCall():
            return expr.arguments
        case And() | Or():
            return expr.operands
        case _:
            return ()


def leaves(expr: Expr) -> Iterator[Expr]:
    """Constants, series and facts of the account, left to right."""
    if isinstance(expr, Constant | Series | PositionNumber | Truth | PositionTruth):
        yield expr
    for child in children(expr):
        yield from leaves(child)


def lagged(expr: NumberExpr, bars: int) -> NumberExpr:
    """`expr` as it was so many exec bars earlier; ValueError if it reads the account, whose past is not kept."""
    match expr:
        case Series():
            return Series(expr.name, expr.lag + bars)
        case PositionNumber():
            raise ValueError(f"{expr.fact} has no past")
        case Negative():
            return Negative(lagged(expr.operand, bars))
        case Arithmetic():
            return Arithmetic(expr.op, lagged(expr.left, bars), lagged(expr.right, bars))
        case FunctionCall():
            return FunctionCall(expr.function, tuple(lagged(argument, bars) for argument in expr.arguments))
        case Constant():
            return expr
