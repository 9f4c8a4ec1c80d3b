"""Prices at which swings gather: equal highs and lows that may be swept, and zones that count how often they hold."""

from math import isnan, nan

from ideacards.indicators.arithmetic import absolute, larger
from ideacards.indicators.state import State
from ideacards.indicators.volatility.ranges import ATR_SIZE, atr_at
from ideacards.structures.swings import pivot_of

__all__ = ["EQUAL_SIDES", "EQUAL_SIZE", "TOLERANCES", "ZONE_SIDES", "ZONE_SIZE", "equal_levels", "zone"]

EQUAL_SIDES = ("highs", "lows")
TOLERANCES = ("percent", "atr", "price")
ZONE_SIDES = ("demand", "supply")
_BARS, _KNOWN_AT, _KNOWN_TIME = 0, 1, 2
_LEVEL, _STATE, _SWEPT_AT, _HAS_SWING, _SWING = range(3, 8)
EQUAL_SIZE = 8 + ATR_SIZE
_TOP, _BOTTOM, _TOUCHES, _BROKEN, _IS_INSIDE = range(3, 8)
ZONE_SIZE = 8 + ATR_SIZE


def equal_levels(
    state: State,
    high: float,
    low: float,
    close: float,
    ts_close: float,
    side: int,
    tolerance: float,
    by: int,
    left: int,
    right: int,
    length: int,
) -> tuple[float, float, float, float, float]:
    """Equal highs: two swing highs in a row no further apart than `tolerance`; no bar between them lies above both.

    Equal lows mirror them. The tolerance is a percentage of the earlier swing, a multiple of the average true range of
    n bars where the second is confirmed, or a distance in price (ticks times the tick size). `level` is the outer of
    the two. `state` is 0 while it rests, 1 when a later bar went beyond it and closed back (a sweep, `sweep_age` bars
    ago), 2 after a close beyond it. Known from the close that confirms the second swing on, where the age is 0; a newer
    pair takes its place. Swings as in `swing`. As TradingView's public EQH/EQL scripts; TA-Lib has none. It depends on
    all bars since the last pair. Defined from index left + right + min(left, right) + 1 (by atr not before index n) at
    the earliest, from the first pair on; `sweep_age` from the bar after, from its sweep on.
    """
    state[_BARS] += 1.0
    bar = state[_BARS]
    average = atr_at(state, EQUAL_SIZE - ATR_SIZE, high, low, close, length)
    if side == 1:  # equal lows are equal highs in the mirror
        high, close = -low, -close
    margin = tolerance if by == 2 else tolerance * average if by == 1 else absolute(state[_SWING]) * tolerance / 100.0
    top = pivot_of(state, EQUAL_SIZE, bar, high, left, right)
    if state[_HAS_SWING] > 0.0 and absolute(top - state[_SWING]) <= margin:  # no if either is NaN
        state[_LEVEL], state[_STATE], state[_SWEPT_AT] = larger(top, state[_SWING]), 0.0, 0.0
        state[_KNOWN_AT], state[_KNOWN_TIME] = bar, ts_close
    elif close > state[_LEVEL]:
        state[_STATE] = 2.0
    elif high > state[_LEVEL] and state[_STATE] < 2.0:
        state[_STATE], state[_SWEPT_AT] = 1.0, bar
    if not isnan(top):
        state[_HAS_SWING], state[_SWING] = 1.0, top
    if state[_KNOWN_AT] == 0.0:
        return nan, nan, nan, nan, nan
    swept = bar - state[_SWEPT_AT] if state[_SWEPT_AT] > 0.0 else nan
    level = -state[_LEVEL] if side == 1 else state[_LEVEL]
    return level, state[_STATE], swept, bar - state[_KNOWN_AT], state[_KNOWN_TIME]


def zone(
    state: State,
    high: float,
    low: float,
    close: float,
    ts_close: float,
    side: int,
    width: float,
    left: int,
    right: int,
    length: int,
) -> tuple[float, float, float, float, float, float]:
    """The last demand zone: from a swing low up to `width` average true ranges of n bars (where it is confirmed).

    A supply zone mirrors it below a swing high. `touches` counts the visits: bars that come back into the zone after
    one that lay outside. `state` is 0 before the first, 1 after it, 2 after a close beyond the far edge. A newer swing
    makes a new zone, unless it lies inside one that is not broken: that one stays, with its touches. Known from
    the close that confirms the swing on, where the age is 0. Swings as in `swing`. As TradingView's public supply and
    demand scripts; TA-Lib has none. It depends on all bars since the first. Defined from index left + right or n,
    whichever is later, at the earliest, from the first swing on.
    """
    state[_BARS] += 1.0
    bar = state[_BARS]
    average = atr_at(state, ZONE_SIZE - ATR_SIZE, high, low, close, length)
    if side == 1:  # a supply zone is a demand zone in the mirror
        low, close = -high, -close
    is_known = state[_KNOWN_AT] > 0.0
    if is_known and state[_BROKEN] == 0.0:
        is_inside = low <= state[_TOP]
        if is_inside and state[_IS_INSIDE] == 0.0:
            state[_TOUCHES] += 1.0
        state[_IS_INSIDE] = 1.0 if is_inside else 0.0
        if close < state[_BOTTOM]:
            state[_BROKEN] = 1.0
    bottom = -pivot_of(state, ZONE_SIZE, bar, -low, left, right)
    is_held = is_known and state[_BROKEN] == 0.0 and state[_BOTTOM] <= bottom <= state[_TOP]
    if not isnan(bottom) and not isnan(average) and not is_held:
        state[_BOTTOM], state[_TOP] = bottom, bottom + width * average
        state[_TOUCHES], state[_BROKEN] = 0.0, 0.0
        state[_IS_INSIDE] = 1.0 if low <= state[_TOP] else 0.0
        state[_KNOWN_AT], state[_KNOWN_TIME] = bar, ts_close
    if state[_KNOWN_AT] == 0.0:
        return nan, nan, nan, nan, nan, nan
    met = 2.0 if state[_BROKEN] > 0.0 else 1.0 if state[_TOUCHES] > 0.0 else 0.0
    age, time = bar - state[_KNOWN_AT], state[_KNOWN_TIME]
    if side == 1:
        return -state[_BOTTOM], -state[_TOP], state[_TOUCHES], met, age, time
    return state[_TOP], state[_BOTTOM], state[_TOUCHES], met, age, time
