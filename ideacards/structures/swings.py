"""Swing highs and lows, and the trend that their order states."""

from math import isnan, nan

from ideacards.indicators.state import State
from ideacards.structures.windows import push_highest, window_size

__all__ = ["SWING_SIZE", "TREND_SIZE", "pivot_of", "pivot_size", "swing", "trend_state"]

_BARS = 0
_HIGH_AT, _HIGH, _HIGH_TIME, _LOW_AT, _LOW, _LOW_TIME = range(1, 7)
SWING_SIZE = 7  # besides the two windows
_HIGHS, _LOWS, _LAST_HIGH, _LAST_LOW, _OF_HIGHS, _OF_LOWS, _LABEL, _LABEL_AT, _LABEL_TIME = range(1, 10)
TREND_SIZE = 10


def pivot_size(left: int, right: int) -> int:
    """How many floats of state `pivot_of` takes."""
    return window_size(left + right + 1)


def pivot_of(state: State, at: int, bar: float, value: float, left: int, right: int) -> float:
    """The value `right` bars ago if bar number `bar` (counted from 1) confirms it as a swing high; else NaN."""
    length = left + right + 1
    place = push_highest(state, at, length, bar, value, 1)
    if bar < length or state[place + length] != bar - right:
        return nan
    return state[place]


def swing(
    state: State, high: float, low: float, ts_close: float, left: int, right: int
) -> tuple[float, float, float, float, float, float]:
    """The last confirmed swing high and the last confirmed swing low.

    A swing high lies above the highs of the `left` bars before it and not below those of the `right` bars after it (of
    equal highs the first is the swing); a swing low mirrors it. It is known from the close of its bar + `right` on: the
    age is 0 there, and `right` more bars have passed since the swing itself. Published as TradingView's Pivot Points
    High Low, which draws it back at its own bar; 2 and 2 give Williams' fractals; TA-Lib has none. It depends on all
    bars since the last swing. Defined from index left + right at the earliest, from the first swing on.
    """
    state[_BARS] += 1.0
    bar = state[_BARS]
    top = pivot_of(state, SWING_SIZE, bar, high, left, right)
    bottom = pivot_of(state, SWING_SIZE + pivot_size(left, right), bar, -low, left, right)
    if not isnan(top):
        state[_HIGH_AT], state[_HIGH], state[_HIGH_TIME] = bar, top, ts_close
    if not isnan(bottom):
        state[_LOW_AT], state[_LOW], state[_LOW_TIME] = bar, -bottom, ts_close
    level, age, time = nan, nan, nan
    if state[_HIGH_AT] > 0.0:
        level, age, time = state[_HIGH], bar - state[_HIGH_AT], state[_HIGH_TIME]
    if state[_LOW_AT] == 0.0:
        return level, age, time, nan, nan, nan
    return level, age, time, state[_LOW], bar - state[_LOW_AT], state[_LOW_TIME]


def _order_of(new: float, last: float) -> float:
    """1 above the last, -1 below, 0 equal."""
    return 1.0 if new > last else -1.0 if new < last else 0.0


def trend_state(
    state: State, high: float, low: float, ts_close: float, left: int, right: int
) -> tuple[float, float, float, float]:
    """The trend by Dow's rule: `state` is 1 with a higher high and a higher low, -1 with both lower, else 0.

    `label` is that of the last swing against the swing of its side before it: 2 higher high, 1 higher low, -1 lower
    high, -2 lower low, 0 equal; of two swings that one bar confirms, the low's. Age and `confirmed_at` are the label's.
    Swings as in `swing`. The textbook's rule; TA-Lib and TradingView have none. It depends on all bars since the last
    four swings. The label is defined from index left + right + min(left, right) + 1 at the earliest, when two swings of
    a side are known; the state when two of both are.
    """
    state[_BARS] += 1.0
    bar = state[_BARS]
    top = pivot_of(state, TREND_SIZE, bar, high, left, right)
    bottom = pivot_of(state, TREND_SIZE + pivot_size(left, right), bar, -low, left, right)
    if not isnan(top):
        if state[_HIGHS] > 0.0:
            order = _order_of(top, state[_LAST_HIGH])
            state[_OF_HIGHS] = order
            state[_LABEL] = 2.0 * order if order > 0.0 else order
            state[_LABEL_AT], state[_LABEL_TIME] = bar, ts_close
        state[_HIGHS] += 1.0
        state[_LAST_HIGH] = top
    if not isnan(bottom):
        if state[_LOWS] > 0.0:
            order = _order_of(-bottom, state[_LAST_LOW])
            state[_OF_LOWS] = order
            state[_LABEL] = 2.0 * order if order < 0.0 else order
            state[_LABEL_AT], state[_LABEL_TIME] = bar, ts_close
        state[_LOWS] += 1.0
        state[_LAST_LOW] = -bottom
    if state[_LABEL_AT] == 0.0:
        return nan, nan, nan, nan
    trend = nan
    if state[_HIGHS] > 1.0 and state[_LOWS] > 1.0:
        trend = state[_OF_HIGHS] if state[_OF_HIGHS] == state[_OF_LOWS] else 0.0
    return trend, state[_LABEL], bar - state[_LABEL_AT], state[_LABEL_TIME]
