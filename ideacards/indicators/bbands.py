"""Bollinger bands: the n-bar mean, and `multiplier` population standard deviations (divisor n) above and below it.

Published as TA-Lib BBANDS (MA type SMA) and TradingView ta.bb. TA-Lib takes the variance as mean of squares minus
square of mean, which cancels; here it is the mean of the squared distances from the window's mean. A function of
exactly its window, summed oldest first.
"""

from math import nan, sqrt

import numpy as np

from ideacards.bars import FloatArray
from ideacards.compiled import compiled
from ideacards.indicators.steppers import Stepper, Window, Windowed

__all__ = ["batch", "step", "stepper"]


@compiled
def step(window: Window, multiplier: float) -> tuple[float, float, float]:
    """(upper, middle, lower) of a full window."""
    length = len(window)
    total = 0.0
    for value in window:
        total += value
    mean = total / length
    squares = 0.0
    for value in window:
        squares += (value - mean) * (value - mean)
    width = multiplier * sqrt(squares / length)
    return mean + width, mean, mean - width


@compiled
def batch(x: FloatArray, length: int, multiplier: float) -> FloatArray:
    """Three rows (upper, middle, lower) of the length of `x`; defined from index length - 1."""
    out = np.full((3, len(x)), nan)
    for i in range(length - 1, len(x)):
        out[0, i], out[1, i], out[2, i] = step(x[i - length + 1 : i + 1], multiplier)
    return out


def stepper(length: int, multiplier: float) -> Stepper:
    """The same, value by value."""
    return Windowed(step, length, (nan, nan, nan), multiplier)
