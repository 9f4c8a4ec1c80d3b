"""Oscillators of gains against losses."""

from math import nan

from ideacards.indicators.state import State

__all__ = ["RSI_SIZE", "rsi", "rsi_at"]

RSI_SIZE = 4
_COUNT, _PREVIOUS, _GAIN, _LOSS = 0, 1, 2, 3


def rsi_at(state: State, at: int, x: float, length: int, flat: float) -> float:
    """The index whose state stands at `at`: values seen, the last one, gain and loss (sums, then averages)."""
    changes = state[at + _COUNT]
    change = x - state[at + _PREVIOUS]
    state[at + _COUNT] += 1.0
    state[at + _PREVIOUS] = x
    if changes == 0.0:
        return nan
    gain = change if change > 0.0 else 0.0
    loss = -change if change < 0.0 else 0.0
    if changes > length:
        state[at + _GAIN] = (state[at + _GAIN] * (length - 1) + gain) / length
        state[at + _LOSS] = (state[at + _LOSS] * (length - 1) + loss) / length
    else:
        state[at + _GAIN] += gain
        state[at + _LOSS] += loss
        if changes < length:
            return nan
        state[at + _GAIN] /= length
        state[at + _LOSS] /= length
    total = state[at + _GAIN] + state[at + _LOSS]
    if total > 0.0:
        return 100.0 * (state[at + _GAIN] / total)
    return flat if flat >= 0.0 else nan


def rsi(state: State, x: float, length: int, flat: float) -> float:
    """Relative strength index, Wilder 1978: 100 * g / (g + l) of the smoothed gains g and losses l.

    Published as TA-Lib RSI and TradingView ta.rsi: both averages start at bar n as the mean of the first n changes,
    then s = (s*(n - 1) + x)/n. Where nothing ever moved, g = l = 0, the value is unknown, or what `flat` says: 0 is
    TA-Lib's, 100 TradingView's. The start is felt with weight (1 - 1/n)^k after k bars: under 1e-6 after 14n bars,
    under 1e-15 after 35n. Defined from index n.
    """
    return rsi_at(state, 0, x, length, flat)
