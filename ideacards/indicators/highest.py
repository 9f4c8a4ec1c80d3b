"""Highest value of the last n bars, the current one included (TA-Lib MAX, TradingView ta.highest).

A function of exactly its window.
"""

from math import inf, nan

import numpy as np

from ideacards.bars import FloatArray
from ideacards.compiled import compiled
from ideacards.indicators.steppers import Stepper, Window, Windowed

__all__ = ["batch", "step", "stepper"]


@compiled
def step(window: Window) -> float:
    """Maximum of a full window."""
    best = -inf
    for value in window:
        if value > best:
            best = value
    return best


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
