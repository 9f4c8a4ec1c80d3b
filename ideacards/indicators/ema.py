"""Exponential moving average: s = a*x + (1 - a)*s with a = 2/(n + 1), in that order.

`seed: first` starts with s = x at the first bar (TradingView's published ta.ema); `seed: sma` with the mean of the
first n values at bar n - 1 (TA-Lib EMA). The start is felt for ever, with weight (1 - a)^k after k bars: under 1e-6
after 7(n + 1) bars, under 1e-15 after 18(n + 1). Values before index n - 1 exist inside and are not shown.
"""

from math import nan

import numpy as np

from ideacards.bars import FloatArray
from ideacards.compiled import compiled
from ideacards.indicators.steppers import Recursive, State, Stepper

__all__ = ["batch", "step", "stepper"]

_COUNT, _VALUE, _SIZE = 0, 1, 2


@compiled
def step(state: State, x: float, length: int, is_sma_seeded: bool) -> float:
    """The average after one more value; `state` is (values seen, average, or the sum while a mean is gathered)."""
    state[_COUNT] += 1.0
    count = state[_COUNT]
    if is_sma_seeded and count <= length:
        state[_VALUE] += x
        if count == length:
            state[_VALUE] /= length
    elif count == 1.0:
        state[_VALUE] = x
    else:
        alpha = 2.0 / (length + 1)
        state[_VALUE] = alpha * x + (1.0 - alpha) * state[_VALUE]
    return state[_VALUE] if count >= length else nan


@compiled
def _loop(x: FloatArray, length: int, is_sma_seeded: bool) -> FloatArray:
    out = np.empty(len(x))
    state = np.zeros(_SIZE)
    for i in range(len(x)):
        out[i] = step(state, x[i], length, is_sma_seeded)
    return out


def batch(x: FloatArray, length: int, seed: str) -> FloatArray:
    """Shape of `x`; defined from index length - 1."""
    return _loop(x, length, seed == "sma")


def stepper(length: int, seed: str) -> Stepper:
    """The same, value by value."""
    return Recursive(step, _SIZE, length, seed == "sma")
