"""Moving average convergence/divergence: line = EMA(fast) - EMA(slow), signal = EMA of the line, histogram = the rest.

No recursion of its own: three averages of `ema` and two differences. The signal starts at the line's first defined
value, bar slow - 1. `seed: first` is TradingView's ta.macd; `seed: sma` is TA-Lib's MACD, where the fast average too
is first taken at bar slow - 1, as the mean of the `fast` values up to it. The start is felt as in `ema`.
"""

from math import nan

import numpy as np

from ideacards.bars import FloatArray
from ideacards.compiled import read_only
from ideacards.indicators import ema
from ideacards.indicators.steppers import Stepper

__all__ = ["batch", "stepper"]


def _fast_start(fast: int, slow: int, seed: str) -> int:
    return slow - fast if seed == "sma" else 0


def batch(x: FloatArray, fast: int, slow: int, signal: int, seed: str) -> FloatArray:
    """Three rows (line, signal, histogram) as long as `x`: the line from slow - 1 on, the others signal - 1 later."""
    start = _fast_start(fast, slow, seed)
    out = np.full((3, len(x)), nan)
    out[0, start:] = ema.batch(x[start:], fast, seed)
    out[0] -= ema.batch(x, slow, seed)
    out[1, slow - 1 :] = ema.batch(read_only(out[0, slow - 1 :]), signal, seed)
    out[2] = out[0] - out[1]
    return out


class _MacdStepper:
    def __init__(self, fast: int, slow: int, signal: int, seed: str) -> None:
        self._seen = 0
        self._fast_start = _fast_start(fast, slow, seed)
        self._line_start = slow - 1
        self._fast = ema.stepper(fast, seed)
        self._slow = ema.stepper(slow, seed)
        self._signal = ema.stepper(signal, seed)

    def step(self, *inputs: float) -> tuple[float, ...]:
        bar, self._seen = self._seen, self._seen + 1
        fast = self._fast.step(*inputs)[0] if bar >= self._fast_start else nan
        line = fast - self._slow.step(*inputs)[0]
        signal = self._signal.step(line)[0] if bar >= self._line_start else nan
        return line, signal, line - signal


def stepper(fast: int, slow: int, signal: int, seed: str) -> Stepper:
    """The same, value by value."""
    return _MacdStepper(fast, slow, signal, seed)
