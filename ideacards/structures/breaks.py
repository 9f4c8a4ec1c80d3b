"""Breaks of the last swing, and the order block that a break leaves behind."""

from math import isnan, nan

from ideacards.indicators.state import State
from ideacards.structures.swings import pivot_of, pivot_size

__all__ = ["BLOCK_SIZE", "BREAK_SIZE", "REACHES", "SIDES", "break_size", "order_block", "structure_break"]

REACHES = ("close", "wick")
SIDES = ("bullish", "bearish")
_BARS, _KNOWN_AT, _KNOWN_TIME = 0, 1, 2
_DIRECTION, _LEVEL, _IS_CHANGE = 3, 4, 5
BREAK_SIZE = 6
_TOP, _BOTTOM, _TOUCHED, _HAS_CANDLE, _CANDLE_HIGH, _CANDLE_LOW = range(3, 9)
BLOCK_SIZE = 9


def break_size(left: int, right: int) -> int:
    """How many floats of state `break_of` takes."""
    return 2 + pivot_size(left, right)


def break_of(state: State, at: int, bar: float, high: float, reach: float, left: int, right: int) -> float:
    """The last swing high if `reach` goes above it at this bar, for the first time; else NaN."""
    top = pivot_of(state, at + 2, bar, high, left, right)
    if not isnan(top):
        state[at], state[at + 1] = 1.0, top
    if state[at] == 0.0 or reach <= state[at + 1]:
        return nan
    state[at] = 0.0
    return state[at + 1]


def _note_break(state: State, bar: float, ts_close: float, direction: float, level: float) -> None:
    is_first = state[_KNOWN_AT] == 0.0
    state[_IS_CHANGE] = 0.0 if is_first or state[_DIRECTION] == direction else 1.0
    state[_DIRECTION], state[_LEVEL] = direction, level
    state[_KNOWN_AT], state[_KNOWN_TIME] = bar, ts_close


def structure_break(
    state: State, high: float, low: float, close: float, ts_close: float, left: int, right: int, by: int
) -> tuple[float, float, float, float, float]:
    """The last break of structure: a close beyond the last confirmed swing (by wick: a high or low beyond it).

    `direction` is 1 above a swing high, -1 below a swing low; `level` is the swing's price. `is_change` is 1 for a
    change of character (the break before went the other way), 0 for a break of structure that goes on, and for the
    first. A swing breaks once; a newer swing of its side takes its place. If a bar's wicks break both sides, the high
    comes first. Known from the close of the breaking bar on, also by wick. Swings as in `swing`. As TradingView's
    public BOS/CHoCH scripts, which draw them back to the swing; TA-Lib has none. It depends on all bars since the last
    two breaks. Defined from index left + right + 1 at the earliest, from the first break on.
    """
    state[_BARS] += 1.0
    bar = state[_BARS]
    above, below = (high, -low) if by == 1 else (close, -close)
    top = break_of(state, BREAK_SIZE, bar, high, above, left, right)
    bottom = break_of(state, BREAK_SIZE + break_size(left, right), bar, -low, below, left, right)
    if not isnan(top):
        _note_break(state, bar, ts_close, 1.0, top)
    if not isnan(bottom):
        _note_break(state, bar, ts_close, -1.0, -bottom)
    if state[_KNOWN_AT] == 0.0:
        return nan, nan, nan, nan, nan
    age = bar - state[_KNOWN_AT]
    return state[_DIRECTION], state[_LEVEL], state[_IS_CHANGE], age, state[_KNOWN_TIME]


def order_block(
    state: State,
    open_: float,
    high: float,
    low: float,
    close: float,
    ts_close: float,
    side: int,
    left: int,
    right: int,
    by: int,
) -> tuple[float, float, float, float, float]:
    """The last order block: the range of the last bar that closed down before a break of structure upwards.

    That is the bullish one; the bearish one is the last bar that closed up before a break downwards. Breaks as in
    `structure_break`, of this side alone. `state` is 0 while no later bar has come back to the block (low at or below
    `top`, for a bearish one high at or above `bottom`), 1 when it is mitigated so, 2 after a close beyond its far edge.
    Known from the close of the breaking bar on, where the age is 0; a newer block takes its place. As TradingView's
    public order block scripts; TA-Lib has none. It depends on all bars since the last block. Defined from index
    left + right + 1 at the earliest, from the first break on.
    """
    state[_BARS] += 1.0
    bar = state[_BARS]
    if side == 1:  # a bearish block is a bullish one in the mirror
        open_, high, low, close = -open_, -low, -high, -close
    level = break_of(state, BLOCK_SIZE, bar, high, high if by == 1 else close, left, right)
    if not isnan(level) and state[_HAS_CANDLE] > 0.0:
        state[_TOP], state[_BOTTOM], state[_TOUCHED] = state[_CANDLE_HIGH], state[_CANDLE_LOW], 0.0
        state[_KNOWN_AT], state[_KNOWN_TIME] = bar, ts_close
    elif close < state[_BOTTOM]:
        state[_TOUCHED] = 2.0
    elif low <= state[_TOP] and state[_TOUCHED] == 0.0:
        state[_TOUCHED] = 1.0
    if close < open_:
        state[_HAS_CANDLE], state[_CANDLE_HIGH], state[_CANDLE_LOW] = 1.0, high, low
    if state[_KNOWN_AT] == 0.0:
        return nan, nan, nan, nan, nan
    age, time = bar - state[_KNOWN_AT], state[_KNOWN_TIME]
    if side == 1:
        return -state[_BOTTOM], -state[_TOP], state[_TOUCHED], age, time
    return state[_TOP], state[_BOTTOM], state[_TOUCHED], age, time
