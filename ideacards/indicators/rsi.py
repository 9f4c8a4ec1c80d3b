"""Relative strength index, Wilder 1978: 100 * g / (g + l) of the smoothed gains g and losses l.

Published as TA-Lib RSI and TradingView ta.rsi: both averages start at bar n as the mean of the first n changes, then
s = (s*(n - 1) + x)/n. Where nothing ever moved, g = l = 0, the value is unknown, or what `flat` says: 0 is TA-Lib's,
100 TradingView's.
The start is felt with weight (1 - 1/n)^k after k bars: under 1e-6 after 14n bars, under 1e-15 after 35n.
"""

from math import nan

import numpy as np

from ideacards.bars import FloatArray
from ideacards.compiled import compiled
from ideacards.indicators.registry import UNKNOWN
from ideacards.indicators.steppers import Recursive, State, Stepper

__all__ = ["batch", "step", "stepper"]

_COUNT, _PREVIOUS, _GAIN, _LOSS, _SIZE = 0, 1, 2, 3, 4


@compiled
def step(state: State, x: float, length: int, flat: float) -> float:
    """The index after one more value; `state` is (values seen, the last one, gain and loss: sums, then averages).

    `flat` is the value when the price has never moved; below 0 it is unknown.
    """
    changes = state[_COUNT]
    change = x - state[_PREVIOUS]
    state[_COUNT] += 1.0
    state[_PREVIOUS] = x
    if changes == 0.0:
        return nan
    gain = change if change > 0.0 else 0.0
    loss = -change if change < 0.0 else 0.0
    if changes > length:
        state[_GAIN] = (state[_GAIN] * (length - 1) + gain) / length
        state[_LOSS] = (state[_LOSS] * (length - 1) + loss) / length
    else:
        state[_GAIN] += gain
        state[_LOSS] += loss
        if changes < length:
            return nan
        state[_GAIN] /= length
        state[_LOSS] /= length
    total = state[_GAIN] + state[_LOSS]
    if total > 0.0:
        return 100.0 * (state[_GAIN] / total)
    return flat if flat >= 0.0 else nan


@compiled
def batch(x: FloatArray, length: int, flat: float = UNKNOWN) -> FloatArray:
    """Shape of `x`, between 0 and 100; defined from index length, unless the price has never moved."""
    out = np.empty(len(x))
    state = np.zeros(_SIZE)
    for i in range(len(x)):
        out[i] = step(state, x[i], length, flat)
    return out


def stepper(length: int, flat: float = UNKNOWN) -> Stepper:
    """The same, value by value."""
    return Recursive(step, _SIZE, length, flat)
