"""Long columns are worked out a block at a time, and undefined bars are counted only where a column has any.

Both come to what the plain way does: the whole range at once, and a mask a part of the expression.
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ideacards import bars as bars_module
from ideacards.bars import Bars, blocks_of, gap_places, gaps_of
from ideacards.blocks import StrategyBlocksExecutor
from ideacards.expressions.checker import check
from ideacards.expressions.columns import Columns, truth_column, undefined_count, undefined_mask
from ideacards.expressions.nodes import (
    And,
    Compare,
    Constant,
    Not,
    NumberFact,
    Or,
    PositionNumber,
    PositionTruth,
    Series,
    TruthExpr,
    TruthFact,
    leaves,
)
from ideacards.expressions.scope import Scope
from ideacards.feeds import Feeds, WakeState
from ideacards.loader import read_card
from tests.ideacards.markets import MINUTE_MS, random_bars
from tests.ideacards.test_expression_meaning import SCOPE, Case, data_of, truths

LONG = 40
data_sets = data_of(LONG)


def expression(text: str, scope: Scope = SCOPE) -> TruthExpr:
    found, complaints = check(text, scope)
    assert found is not None, complaints
    return found


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars_module, "_BLOCK", 7)


def test_blocks_cover_a_range_once(small_blocks: None) -> None:
    assert list(blocks_of(3, 20)) == [(3, 10), (10, 17), (17, 20)]
    assert list(blocks_of(5, 5)) == []


@settings(max_examples=150)
@given(tree=truths, data=data_sets, start=st.integers(0, LONG))
def test_a_truth_in_blocks_has_the_bytes_of_the_whole(tree: Any, data: dict[str, list[float]], start: int) -> None:
    case = Case(tree, data)
    arrays, expr = case.arrays, case.expr
    whole = truth_column(expr, arrays.__getitem__, start, LONG).tobytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bars_module, "_BLOCK", 7)
        assert truth_column(expr, arrays.__getitem__, start, LONG).tobytes() == whole


@pytest.mark.slow
@settings(max_examples=150)
@given(several=st.lists(truths, min_size=1, max_size=3), data=data_sets, start=st.integers(0, LONG))
def test_undefined_bars_are_counted_as_the_masks_say(several: Any, data: dict[str, list[float]], start: int) -> None:
    cases = [Case(tree, data) for tree in several]
    arrays, exprs = cases[0].arrays, [case.expr for case in cases]
    masks = [undefined_mask(expr, arrays.__getitem__, start, LONG) for expr in exprs]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bars_module, "_BLOCK", 7)
        found = undefined_count(exprs, arrays.__getitem__, start, LONG)
    assert found == sum(int(mask.sum()) for mask in masks)


def test_one_undefined_value_is_counted_at_every_lag_that_reads_it(small_blocks: None) -> None:
    column = np.arange(LONG, dtype=np.float64)
    column[20] = np.nan
    expr = expression("close > close[3]", Scope(features=(), outputs={}))
    assert undefined_count([expr], {"close": column}.__getitem__, 0, LONG) == 3 + 2  # lag 3 at the start, 20 and 23
    assert undefined_count([expr], {"close": column}.__getitem__, 24, LONG) == 0


@given(steps=st.lists(st.integers(-2, 5), max_size=30))
def test_gaps_are_those_of_the_differences(steps: list[int]) -> None:
    ts_open = MINUTE_MS * np.cumsum([0, *steps])
    missing = np.diff(ts_open) // MINUTE_MS - 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bars_module, "_BLOCK", 7)
        assert gap_places(ts_open, MINUTE_MS).tolist() == np.flatnonzero(missing > 0).tolist()


def test_gaps_of_bars_say_how_many_are_missing(small_blocks: None) -> None:
    assert gaps_of(random_bars(30, lost=(6, 7, 20))) == ((5, 2), (17, 1))
    assert gaps_of(random_bars(1)) == ()


STATES = {
    WakeState.FLAT: TruthFact.FLAT,
    WakeState.RESTING: None,
    WakeState.LONG: TruthFact.LONG,
    WakeState.SHORT: TruthFact.SHORT,
}


def masks_of(expr: TruthExpr, state: WakeState, columns: Columns) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Where it may hold and where it may fail, both for every part and every bar, nothing left out."""
    everywhere, nowhere = np.ones(columns.stop, dtype=bool), np.zeros(columns.stop, dtype=bool)
    match expr:
        case PositionTruth():
            return (everywhere, nowhere) if STATES[state] is expr.fact else (nowhere, everywhere)
        case Not():
            holds, fails = masks_of(expr.operand, state, columns)
            return fails, holds
        case And() | Or():
            parts = [masks_of(operand, state, columns) for operand in expr.operands]
            every = np.logical_and if isinstance(expr, And) else np.logical_or
            some = np.logical_or if isinstance(expr, And) else np.logical_and
            first = (everywhere, nowhere) if isinstance(expr, And) else (nowhere, everywhere)
            return (
                every.reduce([first[0], *(holds for holds, _ in parts)]),
                some.reduce([first[1], *(fails for _, fails in parts)]),
            )
        case Compare():
            if any(isinstance(leaf, PositionNumber) for leaf in leaves(expr)):
                if state in (WakeState.FLAT, WakeState.RESTING) and expr.left == PositionNumber(NumberFact.SIZE):
                    expr = Compare(expr.op, Constant(0), expr.right)  # type: ignore[arg-type]
                else:
                    return everywhere, everywhere
    column = truth_column(expr, columns.source, 0, columns.stop)
    return column == 1, column == 0


WHENS = (
    "position.flat and crosses_above(fast, slow)",
    "crosses_above(fast, slow) and position.flat and close > slow",
    "not (position.flat or fast < slow)",
    "position.long and (position.short or close > fast)",
    "(position.long or position.short) and not (close > fast and position.size > 0)",
    "position.size > 1 or fast > slow and not position.long",
    "not (not (position.short and fast > slow) and true)",
    "equity > 900 and fast > slow",
    "true",
    "false or position.flat",
)


@pytest.mark.parametrize("when", WHENS)
def test_wakes_are_those_of_both_masks_at_every_bar(when: str, small_blocks: None) -> None:
    bars: Bars = random_bars(60)
    card = read_card(CARD.replace("WHEN", when), "probe.yaml")
    feeds = Feeds.build(card, bars)
    executor = StrategyBlocksExecutor(card, feeds)
    wakes, columns = executor.wakes(), Columns(feeds.column)
    columns.extend(len(bars))
    expected = {}
    for state in WakeState:
        may = np.zeros(len(bars), dtype=bool)
        for block in card.blocks:
            for case in block.cases:
                may |= masks_of(case.when, state, columns)[0]
        may[: executor.first_index] = False
        expected[state] = may
    expected[WakeState.FLAT] |= expected[WakeState.RESTING]
    for state in WakeState:
        assert wakes.column(state).tobytes() == expected[state].tobytes(), state


CARD = """id: probe
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 1000}
features:
  fast: {use: ema, length: 2}
  slow: {use: ema, length: 4}
blocks:
- id: first
  cases:
  - when: WHEN
    emit: {action: enter_long, size: {quantity: 1}}
- id: second
  cases:
  - when: position.long and crosses_below(fast, slow)
    emit: {action: exit}
"""


def test_a_series_is_complete_only_from_its_lag_on() -> None:
    column = np.ones(LONG)
    later = Compare(expression("close > 1").op, Series("close", 5), Series("close", 0))  # type: ignore[union-attr]
    assert [undefined_count([later], {"close": column}.__getitem__, start, LONG) for start in (0, 3, 5)] == [5, 2, 0]
