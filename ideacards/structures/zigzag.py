"""Legs of a least size: the zigzag of their ends, and Fibonacci levels between the last two of them."""

from math import isnan, nan

from ideacards.indicators.arithmetic import absolute
from ideacards.indicators.state import State
from ideacards.indicators.volatility.ranges import ATR_SIZE, atr_at

__all__ = ["LEG_SIZE", "MEASURES", "fibonacci", "zigzag"]

MEASURES = ("percent", "atr")
_BARS, _LEG, _TOP, _TOP_BAR, _TOP_LIMIT, _BOTTOM, _BOTTOM_BAR, _BOTTOM_LIMIT = range(8)
_TURNS, _BEFORE, _PIVOT, _PIVOT_BAR, _KNOWN_AT, _KNOWN_TIME = range(8, 14)
_ATR = 14
LEG_SIZE = _ATR + ATR_SIZE


def _turn_down(state: State, bar: float, low: float, width: float) -> None:
    """The top is confirmed: a leg down begins with this bar's low."""
    state[_BEFORE] = state[_PIVOT]
    state[_PIVOT], state[_PIVOT_BAR] = state[_TOP], state[_TOP_BAR]
    state[_LEG] = -1.0
    state[_BOTTOM], state[_BOTTOM_BAR], state[_BOTTOM_LIMIT] = low, bar, low + width


def _turn_up(state: State, bar: float, high: float, width: float) -> None:
    """The bottom is confirmed: a leg up begins with this bar's high."""
    state[_BEFORE] = state[_PIVOT]
    state[_PIVOT], state[_PIVOT_BAR] = state[_BOTTOM], state[_BOTTOM_BAR]
    state[_LEG] = 1.0
    state[_TOP], state[_TOP_BAR], state[_TOP_LIMIT] = high, bar, high - width


def _follow(
    state: State, high: float, low: float, close: float, ts_close: float, threshold: float, by: int, length: int
) -> None:
    """One more bar of the zigzag; what it has made known stands in the state."""
    state[_BARS] += 1.0
    bar, leg = state[_BARS], state[_LEG]
    average = atr_at(state, _ATR, high, low, close, length)
    if by == 1 and isnan(average):
        return
    of_top = threshold * average if by == 1 else absolute(high) * threshold / 100.0
    of_bottom = threshold * average if by == 1 else absolute(low) * threshold / 100.0
    is_start = state[_TOP_BAR] == 0.0
    is_top = is_start or (leg >= 0.0 and high > state[_TOP])
    is_bottom = is_start or (leg <= 0.0 and low < state[_BOTTOM])
    if is_top:
        state[_TOP], state[_TOP_BAR], state[_TOP_LIMIT] = high, bar, high - of_top
    if is_bottom:
        state[_BOTTOM], state[_BOTTOM_BAR], state[_BOTTOM_LIMIT] = low, bar, low + of_bottom
    if leg >= 0.0 and not is_top and low <= state[_TOP_LIMIT]:
        _turn_down(state, bar, low, of_bottom)
    elif leg <= 0.0 and not is_bottom and high >= state[_BOTTOM_LIMIT]:
        _turn_up(state, bar, high, of_top)
    else:
        return
    state[_TURNS] += 1.0
    state[_KNOWN_AT], state[_KNOWN_TIME] = bar, ts_close


def zigzag(
    state: State, high: float, low: float, close: float, ts_close: float, threshold: float, by: int, length: int
) -> tuple[float, float, float, float, float, float, float]:
    """The last confirmed end of a leg: its price `pivot`, and `kind` 1 for a high, -1 for a low.

    The extreme of a leg is confirmed when a later bar has come back from it by `threshold` percent of it, or by
    `threshold` average true ranges of n bars (`by`), the one of the extreme's own bar. A bar that makes a new extreme
    confirms none, because the order of its prices is not known. `leg` is the pivot less the pivot before it, `extreme`
    the furthest price since the pivot, `pivot_age` the bars since the pivot's own bar. Known from the bar that has come
    back on, where `age` is 0. As TradingView's Zig Zag with depth 1, which moves its last end; TA-Lib has none. It
    depends on all bars since the start, until the legs of two starts meet. The pivot is defined from index 1 (by atr
    from index n + 1) at the earliest, from the first turn on; the leg from the second.
    """
    _follow(state, high, low, close, ts_close, threshold, by, length)
    if state[_TURNS] == 0.0:
        return nan, nan, nan, nan, nan, nan, nan
    bar, pivot = state[_BARS], state[_PIVOT]
    leg = pivot - state[_BEFORE] if state[_TURNS] > 1.0 else nan
    extreme = state[_TOP] if state[_LEG] > 0.0 else state[_BOTTOM]
    age, pivot_age = bar - state[_KNOWN_AT], bar - state[_PIVOT_BAR]
    return pivot, -state[_LEG], leg, extreme, pivot_age, age, state[_KNOWN_TIME]


def fibonacci(
    state: State, high: float, low: float, close: float, ts_close: float, threshold: float, by: int, length: int
) -> tuple[float, float, float, float, float, float, float, float, float]:
    """Fibonacci retracements of the last confirmed leg: its `start`, its `end`, and the levels between.

    `level_618` lies 0.618 of the way back from the end to the start, and so on for 0.236, 0.382, 0.5 and 0.786. The leg
    is the last one of `zigzag` with both ends confirmed; age and `confirmed_at` are those of its end. The textbook's
    ratios, as TradingView's Fib Retracement; TA-Lib has none. It depends on all bars, as `zigzag`. Defined from index 2
    (by atr from index n + 2) at the earliest, from the second turn on.
    """
    _follow(state, high, low, close, ts_close, threshold, by, length)
    if state[_TURNS] < 2.0:
        return nan, nan, nan, nan, nan, nan, nan, nan, nan
    start, end = state[_BEFORE], state[_PIVOT]
    size = end - start
    a, b, c, d, e = end - 0.236 * size, end - 0.382 * size, end - 0.5 * size, end - 0.618 * size, end - 0.786 * size
    return start, end, a, b, c, d, e, state[_BARS] - state[_KNOWN_AT], state[_KNOWN_TIME]
