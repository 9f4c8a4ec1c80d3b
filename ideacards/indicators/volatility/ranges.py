"""The range of a bar, the gap before it included, and its averages."""

from math import nan

from ideacards.indicators.state import State

__all__ = ["ATR_SIZE", "atr", "atr_at"]

ATR_SIZE = 3
_COUNT, _PREVIOUS, _RANGE = 0, 1, 2


def atr_at(state: State, at: int, high: float, low: float, close: float, length: int) -> float:
    """The average whose state stands at `at`: bars seen, the last close, true range (its sum, then its average)."""
    ranges = state[at + _COUNT]
    previous = state[at + _PREVIOUS]
    state[at + _COUNT] += 1.0
    state[at + _PREVIOUS] = close
    if ranges == 0.0:
        return nan
    true_high = high if high > previous else previous
    true_low = low if low < previous else previous
    true_range = true_high - true_low
    if ranges > length:
        state[at + _RANGE] = (state[at + _RANGE] * (length - 1) + true_range) / length
    else:
        state[at + _RANGE] += true_range
        if ranges == length:
            state[at + _RANGE] /= length
    return state[at + _RANGE] if ranges >= length else nan


def atr(state: State, high: float, low: float, close: float, length: int) -> float:
    """Average true range, Wilder 1978: the smoothed distance between true high and true low.

    True high and low take the previous close in, so the first bar has none. Published as TA-Lib ATR: the mean of the
    true ranges 1..n at bar n, then s = (s*(n - 1) + x)/n (TradingView counts the first bar's high - low too, one bar
    earlier). The start is felt with weight (1 - 1/n)^k after k bars: under 1e-6 after 14n bars, under 1e-15 after 35n.
    Defined from index n.
    """
    return atr_at(state, 0, high, low, close, length)
