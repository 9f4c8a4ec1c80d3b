"""Average true range, Wilder 1978: the smoothed distance between true high and true low.

True high and low take the previous close in, so the first bar has none. Published as TA-Lib ATR: the mean of the true
ranges 1..n at bar n, then s = (s*(n - 1) + x)/n (TradingView counts the first bar's high - low too, one bar earlier).
The start is felt with weight (1 - 1/n)^k after k bars: under 1e-6 after 14n bars, under 1e-15 after 35n.
"""

from math import nan

import numpy as np

from ideacards.bars import FloatArray
from ideacards.compiled import compiled
from ideacards.indicators.steppers import Recursive, State, Stepper

__all__ = ["batch", "step", "stepper"]

_COUNT, _PREVIOUS, _RANGE, _SIZE = 0, 1, 2, 3


@compiled
def step(state: State, high: float, low: float, close: float, length: int) -> float:
    """The average after one more bar; `state` is (bars seen, the last close, true range: its sum, then its average)."""
    ranges = state[_COUNT]
    previous = state[_PREVIOUS]
    state[_COUNT] += 1.0
    state[_PREVIOUS] = close
    if ranges == 0.0:
        return nan
    true_high = high if high > previous else previous
    true_low = low if low < previous else previous
    true_range = true_high - true_low
    if ranges > length:
        state[_RANGE] = (state[_RANGE] * (length - 1) + true_range) / length
    else:
        state[_RANGE] += true_range
        if ranges == length:
            state[_RANGE] /= length
    return state[_RANGE] if ranges >= length else nan


@compiled
def batch(high: FloatArray, low: FloatArray, close: FloatArray, length: int) -> FloatArray:
    """Shape of `close`; defined from index length."""
    out = np.empty(len(close))
    state = np.zeros(_SIZE)
    for i in range(len(close)):
        out[i] = step(state, high[i], low[i], close[i], length)
    return out


def stepper(length: int) -> Stepper:
    """The same, bar by bar: `.step(high, low, close)`."""
    return Recursive(step, _SIZE, length)
