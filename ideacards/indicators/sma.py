"""Simple moving average: sum of the last n values / n.

Published as TA-Lib SMA and TradingView ta.sma. Both keep a running sum, whose rounding depends on all earlier values;
here each value is summed afresh over exactly its window, oldest first, so it does not depend on where a run starts.
"""

from math import nan

import numpy as np

from ideacards.bars import FloatArray
from ideacards.compiled import compiled
from ideacards.indicators.steppers import Stepper, Window, Windowed

__all__ = ["batch", "step", "stepper"]


@compiled
def step(window: Window) -> float:
    """Mean of a full window."""
    total = 0.0
    for value in window:
        total += value
    return total / len(window)


@compiled
def batch(x: FloatArray, length: int) -> FloatArray:
    """Shape of `x`; defined from index length - 1."""
    out = np.full(len(x), nan)
    for i in range(length - 1, len(x)):
        out[i] = step(x[i - length + 1 : i + 1])
    return out


def stepper(length: int) -> Stepper:
    """The same, value by value."""
    return Windowed(step, length, (nan,))
