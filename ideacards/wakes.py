"""Wake sets: at which bars can a card emit at all, by trading state; the simulator need not call it at the others.

Each condition is evaluated twice, for the bars where it may hold and where it may fail, with the facts of the trading
state filled in: the position's truths become constants; while flat, size is zero and the entry price unknown. A
comparison with an unknown number may go either way, so a set may be too large, never too small. While a position is
held, its size, entry price, entry bar and risk are constant, and the set is narrowed by them, a stretch of bars at a
time: so unrealised percent becomes a price level, and bars in the trade a bar count. Equity, drawdown and the best and
worst price change at any bar and are never known.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import isnan, nan

import attrs
import numpy as np

from ideacards.bars import BoolArray
from ideacards.card import Block, Card
from ideacards.expressions.closures import gate_and_rest
from ideacards.expressions.columns import Columns, is_position_free, truth_column
from ideacards.expressions.nodes import (
    And,
    Arithmetic,
    Compare,
    Constant,
    CountTrue,
    FunctionCall,
    InSession,
    Negative,
    Not,
    NumberExpr,
    NumberFact,
    Or,
    PositionNumber,
    PositionTruth,
    Truth,
    TruthExpr,
    TruthFact,
    leaves,
)
from ideacards.feeds import WakeColumn, WakeSet, WakeState

__all__ = ["HELD_FACTS", "wake_set"]

_TRUE, _FALSE = np.ones(1, dtype=bool), np.zeros(1, dtype=bool)  # a column that is the same at every bar
_SIZE, _ENTRY_PRICE = NumberFact.SIZE, NumberFact.ENTRY_PRICE
HELD_FACTS = (NumberFact.ENTRY_BAR, NumberFact.RISK_PERCENT)  # in the order in which they are told with a position
_FIRST_STRETCH, _LONGEST_STRETCH = 64, 16_384


@attrs.frozen
class _Known:
    """Known account facts: truths, and the numbers that stay constant (NaN: known to be unknown)."""

    truths: Mapping[TruthFact, bool]
    numbers: Mapping[NumberFact, float]


def _truths(flat: bool = False, long: bool = False, short: bool = False) -> dict[TruthFact, bool]:
    return {TruthFact.FLAT: flat, TruthFact.LONG: long, TruthFact.SHORT: short}


_OF_POSITION = (
    _ENTRY_PRICE,
    NumberFact.DIRECTION,
    NumberFact.BEST_PRICE,
    NumberFact.WORST_PRICE,
    *HELD_FACTS,
)
_NOTHING_HELD = {_SIZE: 0.0} | dict.fromkeys(_OF_POSITION, nan)
_OF_STATE = {
    WakeState.FLAT: _Known(_truths(flat=True), _NOTHING_HELD),
    WakeState.RESTING: _Known(_truths(), _NOTHING_HELD),
    WakeState.LONG: _Known(_truths(long=True), {NumberFact.DIRECTION: 1.0}),
    WakeState.SHORT: _Known(_truths(short=True), {NumberFact.DIRECTION: -1.0}),
}
_HELD = (WakeState.LONG, WakeState.SHORT)


def wake_set(card: Card, columns: Columns, first_index: int) -> WakeSet:
    """The card's wake set over the bars that `columns` hold; none before `first_index`."""
    masks: dict[WakeState, BoolArray] = {}
    for state, known in _OF_STATE.items():
        may = _may_emit(card, known, columns, 0, columns.stop)
        wakes = np.zeros(columns.stop, dtype=bool)
        if may is not _FALSE:
            wakes[first_index:] = may if may is _TRUE else may[first_index:]
        masks[state] = wakes
    masks[WakeState.FLAT] |= masks[WakeState.RESTING]
    return WakeSet(
        flat=masks[WakeState.FLAT],
        long=masks[WakeState.LONG],
        short=masks[WakeState.SHORT],
        resting=masks[WakeState.RESTING],
        narrow=_Narrowing(card, columns) if _reads_holding(card) else None,
        is_watched=any(emit.metadata.is_watched for emit in card.emits()),
    )


def _reads_holding(card: Card) -> bool:
    whens = [case.when for block in card.blocks for case in block.cases]
    found = [leaf for when in whens for leaf in leaves(when) if isinstance(leaf, PositionNumber)]
    return any(leaf.fact in (_SIZE, _ENTRY_PRICE, *HELD_FACTS) for leaf in found)


@attrs.frozen(eq=False)
class _Narrowing:
    """Makes the column of a held position out of its size, entry price and, where they are told, HELD_FACTS."""

    card: Card
    columns: Columns

    def __call__(
        self, state: WakeState, outer: bytes, size: float, entry_price: float | None, held: tuple[float, ...]
    ) -> WakeColumn:
        numbers = dict(_OF_STATE[state].numbers)
        numbers |= {_SIZE: size, _ENTRY_PRICE: nan if entry_price is None else entry_price}
        numbers |= dict(zip(HELD_FACTS, held, strict=False))
        return _Narrowed(self.card, self.columns, outer, _Known(_OF_STATE[state].truths, numbers))


@attrs.define(eq=False)
class _Narrowed:
    """A part of `outer`, narrowed in stretches that grow, because the next wake is usually near.

    It keeps the last stretch, because a card that may emit at every bar asks at every bar.
    """

    card: Card
    columns: Columns
    outer: bytes
    known: _Known
    _looked_at: bytes = b""
    _first: int = 0  # the bar of `_looked_at[0]`

    def find(self, byte: int, start: int, stop: int) -> int:
        """As bytes.find: the first bar of [start, stop) at which the card may emit, -1 if there is none."""
        stretch = _FIRST_STRETCH
        while start < stop:
            first, end = self._first, self._first + len(self._looked_at)
            if first <= start < end:
                found = self._looked_at.find(byte, start - first, min(stop, end) - first)
                if found >= 0:
                    return first + found
                stretch = min(max(stretch, 4 * len(self._looked_at)), _LONGEST_STRETCH)
                start = end
            elif (start := self.outer.find(byte, start, stop)) >= 0:
                self._look_at(start, min(len(self.outer), start + stretch))
            else:
                return -1
        return -1

    def _look_at(self, start: int, end: int) -> None:
        wakes = np.frombuffer(self.outer, dtype=bool, count=end - start, offset=start)
        self._looked_at = (wakes & _may_emit(self.card, self.known, self.columns, start, end)).tobytes()
        self._first = start


def _may_emit(card: Card, known: _Known, columns: Columns, start: int, stop: int) -> BoolArray:
    may = _FALSE
    for block in card.blocks:
        may = _or(may, _block_may_emit(block, known, columns, start, stop))
    return may


def _block_may_emit(block: Block, known: _Known, columns: Columns, start: int, stop: int) -> BoolArray:
    if block.otherwise is not None:
        return _TRUE
    may = _FALSE
    for case in block.cases:
        if case.emit is not None:
            may = _or(may, _may(case.when, True, known, columns, start, stop))
    return may


def _may(expr: TruthExpr, wanted: bool, known: _Known, columns: Columns, start: int, stop: int) -> BoolArray:
    """Where `expr` may hold or, with `wanted` false, may fail."""
    if is_position_free(expr):
        may: BoolArray = np.frombuffer(columns.truth(expr), dtype=np.int8)[start:stop] == int(wanted)
        return may
    match expr:
        case PositionTruth():
            return _TRUE if known.truths[expr.fact] is wanted else _FALSE
        case Compare():
            return _compared(expr, wanted, known, columns, start, stop)
        case Not():
            return _may(expr.operand, not wanted, known, columns, start, stop)
        case And():
            gate, rest = gate_and_rest(expr)  # the gate's column is there already: the executor reads it too
            parts = [*rest.operands, gate] if gate.operands else rest.operands
            return _combined(parts, wanted, wanted, known, columns, start, stop)
        case Or():
            return _combined(expr.operands, not wanted, wanted, known, columns, start, stop)
        case Truth() | InSession() | CountTrue():
            raise AssertionError("it is position-free")


def _combined(
    parts: Sequence[TruthExpr],
    needs_all: bool,
    wanted: bool,
    known: _Known,
    columns: Columns,
    start: int,
    stop: int,
) -> BoolArray:
    """Where all of the parts, or any of them, may hold (or fail); later parts are not read once that is decided."""
    combine, end = (_and, _FALSE) if needs_all else (_or, _TRUE)
    may = _TRUE if needs_all else _FALSE
    for part in parts:
        may = combine(may, _may(part, wanted, known, columns, start, stop))
        if may is end:
            break
    return may


def _and(left: BoolArray, right: BoolArray) -> BoolArray:
    """Both, without a new array where one of them is the same at every bar."""
    if left is _TRUE or right is _FALSE:
        return right
    if right is _TRUE or left is _FALSE:
        return left
    return left & right


def _or(left: BoolArray, right: BoolArray) -> BoolArray:
    """Either, without a new array where one of them is the same at every bar."""
    if left is _FALSE or right is _TRUE:
        return right
    if right is _FALSE or left is _TRUE:
        return left
    return left | right


def _compared(expr: Compare, wanted: bool, known: _Known, columns: Columns, start: int, stop: int) -> BoolArray:
    if any(isinstance(leaf, PositionNumber) and leaf.fact not in known.numbers for leaf in leaves(expr)):
        return _TRUE
    told = Compare(expr.op, _told(expr.left, known), _told(expr.right, known))
    may: BoolArray = truth_column(told, columns.source, start, stop) == int(wanted)
    return may


def _told(expr: NumberExpr, known: _Known) -> NumberExpr:
    """`expr` with known numbers filled in; a number known to be unknown stays, because it has no column."""
    match expr:
        case PositionNumber():
            value = known.numbers[expr.fact]
            return expr if isnan(value) else Constant(Decimal(value))
        case Negative():
            return Negative(_told(expr.operand, known))
        case Arithmetic():
            return Arithmetic(expr.op, _told(expr.left, known), _told(expr.right, known))
        case FunctionCall():
            return FunctionCall(expr.function, tuple(_told(argument, known) for argument in expr.arguments))
        case _:
            return expr
