"""Wake sets: at which bars can a card emit at all, by trading state; the simulator need not call it at the others.

A condition is followed twice, for where it may hold and where it may fail, with the facts of the trading state put in:
truths of the position are constants then, size is zero and the entry price unknown while flat. A comparison with a
number that the state does not fix (entry price and size while a position is held, equity always) may go either way.
So the set may be too large, never too small.
"""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from ideacards.bars import BoolArray
from ideacards.card import Block, Card
from ideacards.expressions.columns import Columns, is_position_free, truth_column
from ideacards.expressions.nodes import (
    And,
    Arithmetic,
    Call,
    Compare,
    Constant,
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
from ideacards.feeds import WakeSet, WakeState

__all__ = ["wake_set"]

_Masks = tuple[BoolArray, BoolArray]  # may hold, may fail; of one element where it is the same at every bar

_TRUE, _FALSE = np.ones(1, dtype=bool), np.zeros(1, dtype=bool)
_FLAT, _LONG, _SHORT = TruthFact.FLAT, TruthFact.LONG, TruthFact.SHORT
_FACTS: dict[WakeState, Mapping[TruthFact, bool]] = {
    WakeState.FLAT: {_FLAT: True, _LONG: False, _SHORT: False},
    WakeState.RESTING: {_FLAT: False, _LONG: False, _SHORT: False},
    WakeState.LONG: {_FLAT: False, _LONG: True, _SHORT: False},
    WakeState.SHORT: {_FLAT: False, _LONG: False, _SHORT: True},
}
_HELD = (WakeState.LONG, WakeState.SHORT)


def wake_set(card: Card, columns: Columns, first_index: int) -> WakeSet:
    """The card's wake set over the bars that `columns` hold; none before `first_index`."""
    masks = {state: _of_state(card, state, columns, first_index) for state in WakeState}
    return WakeSet(
        flat=masks[WakeState.FLAT] | masks[WakeState.RESTING],
        long=masks[WakeState.LONG],
        short=masks[WakeState.SHORT],
        resting=masks[WakeState.RESTING],
    )


def _of_state(card: Card, state: WakeState, columns: Columns, first_index: int) -> BoolArray:
    wakes = np.zeros(columns.stop, dtype=bool)
    for block in card.blocks:
        wakes |= _may_emit(block, state, columns)
    wakes[:first_index] = False
    return wakes


def _may_emit(block: Block, state: WakeState, columns: Columns) -> BoolArray:
    if block.otherwise is not None:
        return _TRUE
    may = _FALSE
    for case in block.cases:
        if case.emit is not None:
            may = may | _masks(case.when, state, columns)[0]
    return may


def _masks(expr: TruthExpr, state: WakeState, columns: Columns) -> _Masks:
    if is_position_free(expr):
        known = np.frombuffer(columns.truth(expr), dtype=np.int8)
        return known == 1, known == 0
    match expr:
        case PositionTruth():
            is_so = _FACTS[state][expr.fact]
            return (_TRUE, _FALSE) if is_so else (_FALSE, _TRUE)
        case Compare():
            return _compared(expr, state, columns)
        case Not():
            holds, fails = _masks(expr.operand, state, columns)
            return fails, holds
        case And():
            return _all(expr.operands, state, columns)
        case Or():
            fails, holds = _all(tuple(Not(operand) for operand in expr.operands), state, columns)
            return holds, fails
        case Truth():
            raise AssertionError("a constant is position-free")


def _all(operands: tuple[TruthExpr, ...], state: WakeState, columns: Columns) -> _Masks:
    holds, fails = _TRUE, _FALSE
    for operand in operands:
        each_holds, each_fails = _masks(operand, state, columns)
        holds, fails = holds & each_holds, fails | each_fails
    return holds, fails


def _compared(expr: Compare, state: WakeState, columns: Columns) -> _Masks:
    numbers = {leaf.fact for leaf in leaves(expr) if isinstance(leaf, PositionNumber)}
    if state in _HELD or NumberFact.EQUITY in numbers:
        return _TRUE, _TRUE
    known = truth_column(Compare(expr.op, _flat(expr.left), _flat(expr.right)), columns.source, 0, columns.stop)
    return known == 1, known == 0


def _flat(expr: NumberExpr) -> NumberExpr:
    """With the size that is held while flat; an entry price has no column, and so is unknown already."""
    match expr:
        case PositionNumber() if expr.fact is NumberFact.SIZE:
            return Constant(Decimal(0))
        case Negative():
            return Negative(_flat(expr.operand))
        case Arithmetic():
            return Arithmetic(expr.op, _flat(expr.left), _flat(expr.right))
        case Call():
            return Call(expr.function, tuple(_flat(argument) for argument in expr.arguments))
        case _:
            return expr
