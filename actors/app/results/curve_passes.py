"""The equity curve in one compiled pass over the closes, and its deepest drawdown in one without any column.

Importing this module imports numba; `equity.py` does so when a curve is first asked for.
"""

from math import inf, nan
from typing import Any

import numpy as np
import numpy.typing as npt

from ideacards.compiled import compiled

__all__ = ["columns", "deepest"]


@compiled
def _below(peak: int, gain: int, start_equity: float) -> float:
    """Drawdown as a fraction of the peak, with NumPy's quotients by zero."""
    depth, whole = float(peak - gain), float(peak) + start_equity
    if whole != 0.0:
        return depth / whole
    return inf if depth > 0.0 else nan


@compiled
def deepest(
    closes: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    cash: npt.NDArray[np.int64],
    qty: npt.NDArray[np.int64],
    start_equity: float,
) -> tuple[int, int]:
    """Gain and peak gain at the first bar of the deepest drawdown."""
    bars = len(closes)
    peak = gain = cash[0] + qty[0] * closes[0]
    found_gain, found_peak, worst = gain, peak, -inf
    first = 0
    for state in range(len(cash)):
        end = ends[state] if state < len(ends) else bars
        # without a position every bar of a state is like its first
        last = end if qty[state] else min(end, first + 1)
        for bar in range(first, last):
            gain = cash[state] + qty[state] * closes[bar]
            if bar == 0 or gain > peak:
                peak = gain
            below = _below(peak, gain, start_equity)
            if below > worst:
                worst, found_gain, found_peak = below, gain, peak
        first = end
    return found_gain, found_peak


@compiled
def columns(
    closes: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    cash: npt.NDArray[np.int64],
    qty: npt.NDArray[np.int64],
    start_equity: float,
) -> tuple[Any, ...]:
    """Gain, peak gain, drawdown and whether a position is held, of every bar."""
    bars = len(closes)
    gains, peaks = np.empty(bars, dtype=np.int64), np.empty(bars, dtype=np.int64)
    drawdown, held = np.empty(bars, dtype=np.float64), np.empty(bars, dtype=np.bool_)
    peak = first = 0
    for state in range(len(cash)):
        end = ends[state] if state < len(ends) else bars
        for bar in range(first, end):
            gain = cash[state] + qty[state] * closes[bar]
            if bar == 0 or gain > peak:
                peak = gain
            gains[bar], peaks[bar] = gain, peak
            drawdown[bar] = _below(peak, gain, start_equity)
            held[bar] = qty[state] != 0
        first = end
    return gains, peaks, drawdown, held
