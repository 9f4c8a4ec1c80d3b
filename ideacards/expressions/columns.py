"""Expressions over history: a float64 column for a number (NaN = unknown), a three-valued one for a truth.

Everything is elementwise IEEE arithmetic, so a range of one bar gives the same bytes as the whole history at once.
A truth is carried as two masks, where it holds and where it fails; neither means unknown, and Kleene's tables become
and/or of masks. Account facts have no column and are unknown here.
"""

import array
from collections.abc import Callable, Iterable
from math import isnan

import numpy as np

from ideacards.bars import BoolArray, FloatArray, IntArray, blocks_of
from ideacards.expressions.history import Anchors, Masks, Source, anchors_of, count_masks
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
    Expr,
    Function,
    FunctionCall,
    InSession,
    Negative,
    Not,
    NumberExpr,
    Or,
    PositionNumber,
    PositionTruth,
    Series,
    Truth,
    TruthExpr,
    ValueWhen,
    children,
    leaves,
)
from ideacards.sessions import clock_column, session_column

__all__ = [
    "Columns",
    "Source",
    "is_position_free",
    "number_column",
    "truth_column",
    "undefined_count",
    "undefined_mask",
]


CLOSES = "ts_close"  # the series of close times (UTC ms), which no card can name


def is_position_free(expr: Expr) -> bool:
    """Whether the expression reads no fact of the account, so that the arrays decide it."""
    return not any(isinstance(leaf, PositionNumber | PositionTruth) for leaf in leaves(expr))


def number_column(expr: NumberExpr, source: Source, start: int, stop: int) -> FloatArray:
    """The value (float64, NaN = unknown) at exec bars [start, stop); unknown before the first bar."""
    with np.errstate(all="ignore"):
        return _number(expr, source, start, stop)


def truth_column(expr: TruthExpr, source: Source, start: int, stop: int) -> "np.ndarray[tuple[int], np.dtype[np.int8]]":
    """int8 at exec bars [start, stop): 1 holds, 0 fails, -1 unknown."""
    column = np.empty(stop - start, dtype=np.int8)
    with np.errstate(all="ignore"):
        for first, end in blocks_of(start, stop):
            holds, fails = _truth(expr, source, first, end)
            unknown = ~(holds | fails)  # holds and fails are never both
            np.subtract(holds.view(np.int8), unknown.view(np.int8), out=column[first - start : end - start])
    return column


def undefined_mask(expr: Expr, source: Source, start: int, stop: int) -> BoolArray:
    """Where any series in it is undefined or any divisor that the arrays alone decide is zero."""
    mask = np.zeros(stop - start, dtype=bool)
    for part in _parts(expr):
        mask |= _undefined_itself(part, source, start, stop)
    return mask


def _parts(expr: Expr) -> dict[Expr, None]:
    """What in it may be undefined by itself, each once: series, looks back, and quotients whose divisor is arrays'."""
    found: dict[Expr, None] = {}
    if isinstance(expr, Series | BarsSince | ValueWhen):
        found[expr] = None
    if isinstance(expr, Arithmetic) and expr.op is ArithmeticOp.DIVIDE and is_position_free(expr.right):
        found[expr] = None
    for child in children(expr):
        found |= _parts(child)
    return found


def _undefined_itself(part: Expr, source: Source, start: int, stop: int) -> BoolArray:
    if isinstance(part, Series | BarsSince | ValueWhen):
        return np.isnan(number_column(part, source, start, stop))
    assert isinstance(part, Arithmetic)
    is_zero: BoolArray = number_column(part.right, source, start, stop) == 0
    return is_zero


def undefined_count(exprs: Iterable[Expr], source: Source, start: int, stop: int) -> int:
    """How many bars of [start, stop) `undefined_mask` marks, added up over `exprs`.

    Most columns have no undefined value in the range: those are found once, and what reads only them costs nothing.
    """
    complete: dict[Series, bool] = {}

    def is_complete(series: Series) -> bool:
        if series not in complete:
            complete[series] = _is_complete(source(series.name)[max(start - series.lag, 0) : max(stop - series.lag, 0)])
        return complete[series] and start >= series.lag

    return sum(_undefined_bars(expr, source, start, stop, is_complete) for expr in exprs) if start < stop else 0


def _is_complete(column: FloatArray) -> bool:
    """Whether no value is NaN: the lowest of values is NaN as soon as one of them is."""
    with np.errstate(all="ignore"):
        return not len(column) or not isnan(column.min())


def _undefined_bars(expr: Expr, source: Source, start: int, stop: int, is_complete: Callable[[Series], bool]) -> int:
    suspects = [part for part in _parts(expr) if not (isinstance(part, Series) and is_complete(part))]
    if not suspects:
        return 0
    count = 0
    for first, end in blocks_of(start, stop):
        mask = np.zeros(end - first, dtype=bool)
        for part in suspects:
            mask |= _undefined_itself(part, source, first, end)
        count += int(np.count_nonzero(mask))
    return count


def _number(expr: NumberExpr, source: Source, start: int, stop: int) -> FloatArray:
    match expr:
        case Constant():
            return np.full(stop - start, float(expr.value))
        case Series():
            return _lagged(source(expr.name), expr.lag, start, stop)
        case Clock():
            return _of_closes(lambda closes: clock_column(expr.part, expr.zone, closes), source, expr.lag, start, stop)
        case BarNumber():
            return np.arange(start - expr.lag, stop - expr.lag, dtype=np.float64)
        case BarsSince():
            anchors = anchors_of(expr.condition, source, _truth, start, stop)
            return np.where(anchors < 0, np.nan, np.arange(start, stop) - anchors)
        case ValueWhen():
            return _value_when(expr, source, start, stop)
        case PositionNumber():
            return np.full(stop - start, np.nan)
        case Negative():
            return -_number(expr.operand, source, start, stop)
        case Arithmetic():
            left = _number(expr.left, source, start, stop)
            return _combined(expr.op, left, _number(expr.right, source, start, stop))
        case FunctionCall():
            values = [_number(argument, source, start, stop) for argument in expr.arguments]
            return _called(expr.function, values)


def _lagged(column: FloatArray, lag: int, start: int, stop: int) -> FloatArray:
    missing = min(max(lag - start, 0), stop - start)
    known = column[max(start - lag, 0) : max(stop - lag, 0)]
    return np.concatenate([np.full(missing, np.nan), known]) if missing else known


def _of_closes(column: Callable[[IntArray], FloatArray], source: Source, lag: int, start: int, stop: int) -> FloatArray:
    """A column that close times decide, `lag` bars ago; NaN before the first bar."""
    missing = min(max(lag - start, 0), stop - start)
    closes = source(CLOSES)[max(start - lag, 0) : max(stop - lag, 0)].astype(np.int64)
    return np.concatenate([np.full(missing, np.nan), column(closes)])


def _value_when(expr: ValueWhen, source: Source, start: int, stop: int) -> FloatArray:
    """The value at each bar's anchor; of the anchors before `start` there is only one."""
    anchors = anchors_of(expr.condition, source, _truth, start, stop)
    values = np.full(stop - start, np.nan)
    inside = anchors >= start
    if inside.any():
        values[inside] = _number(expr.value, source, start, stop)[anchors[inside] - start]
    carried = (anchors >= 0) & ~inside
    if carried.any():
        place = int(anchors[carried][0])
        values[carried] = _number(expr.value, source, place, place + 1)[0]
    return values


def _combined(op: ArithmeticOp, left: FloatArray, right: FloatArray) -> FloatArray:
    match op:
        case ArithmeticOp.ADD:
            return left + right
        case ArithmeticOp.SUBTRACT:
            return left - right
        case ArithmeticOp.MULTIPLY:
            return left * right
        case ArithmeticOp.DIVIDE:
            return np.where(right == 0, np.nan, left / right)


def _called(function: Function, values: list[FloatArray]) -> FloatArray:
    result = values[0]
    match function:
        case Function.ABS:
            return np.abs(result)
        case Function.MIN:
            for value in values[1:]:
                result = np.where((value < result) | np.isnan(value), value, result)
        case Function.MAX:
            for value in values[1:]:
                result = np.where((value > result) | np.isnan(value), value, result)
    return result


def _truth(expr: TruthExpr, source: Source, start: int, stop: int) -> Masks:
    count = stop - start
    match expr:
        case Truth():
            return np.full(count, expr.value), np.full(count, not expr.value)
        case PositionTruth():
            return np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        case InSession():
            inside = _of_closes(
                lambda closes: session_column(expr.session, closes).astype(np.float64), source, expr.lag, start, stop
            )
            return inside == 1, inside == 0
        case CountTrue():
            return count_masks(expr, source, _truth, start, stop)
        case Compare():
            left = _number(expr.left, source, start, stop)
            return _compared(expr.op, left, _number(expr.right, source, start, stop))
        case Not():
            holds, fails = _truth(expr.operand, source, start, stop)
            return fails, holds
        case And():
            if not expr.operands:
                return np.ones(count, dtype=bool), np.zeros(count, dtype=bool)
            holds, fails = _truth(expr.operands[0], source, start, stop)
            for operand in expr.operands[1:]:
                each_holds, each_fails = _truth(operand, source, start, stop)
                holds, fails = holds & each_holds, fails | each_fails
            return holds, fails
        case Or():
            fails, holds = _truth(And(tuple(Not(operand) for operand in expr.operands)), source, start, stop)
            return holds, fails


def _compared(op: CompareOp, left: FloatArray, right: FloatArray) -> Masks:
    match op:
        case CompareOp.LT:
            return left < right, left >= right
        case CompareOp.LE:
            return left <= right, left > right
        case CompareOp.GT:
            return left > right, left <= right
        case CompareOp.GE:
            return left >= right, left < right
        case CompareOp.EQ:
            return left == right, (left < right) | (left > right)
        case CompareOp.NE:
            return (left < right) | (left > right), left == right


class Columns:
    """The columns an executor reads, each computed once and grown in place as bars arrive.

    Plain Python sequences, as one bar's value is read at a time: a truth is a byte (1, 0, 255 for unknown), a number a
    float.
    """

    def __init__(self, source: Source) -> None:
        self.source = Anchors(source, _truth)
        self._truths: dict[TruthExpr, bytearray] = {}
        self._numbers: dict[NumberExpr, array.array[float]] = {}

    @property
    def stop(self) -> int:
        """The first bar that is not computed yet."""
        return self.source.stop

    def truth(self, expr: TruthExpr) -> bytearray:
        """The growing column of a position-free truth."""
        if expr not in self._truths:
            self.source.keep(expr)
            self._truths[expr] = bytearray(truth_column(expr, self.source, 0, self.stop).tobytes())
        return self._truths[expr]

    def number(self, expr: NumberExpr) -> "array.array[float]":
        """The growing column of a position-free number."""
        if expr not in self._numbers:
            self.source.keep(expr)
            self._numbers[expr] = array.array("d", number_column(expr, self.source, 0, self.stop).tobytes())
        return self._numbers[expr]

    def extend(self, stop: int) -> None:
        """Compute what has come up to exec bar `stop`, exclusive."""
        before = self.stop
        with np.errstate(all="ignore"):
            self.source.extend(stop)
        for truth, known in self._truths.items():
            known.extend(truth_column(truth, self.source, before, stop).tobytes())
        for number, values in self._numbers.items():
            values.frombytes(number_column(number, self.source, before, stop).tobytes())
