"""Averages of exactly one window, summed afresh at each bar, oldest first: no rounding of earlier bars is felt."""

from math import nan

from ideacards.indicators.rings import push
from ideacards.indicators.state import State

__all__ = ["mean_of", "sma"]


def mean_of(state: State, oldest: int, length: int) -> float:
    """Sum of the window's values, oldest first, / n."""
    total = 0.0
    for k in range(oldest, oldest + length):
        total += state[k]
    return total / length


def sma(state: State, x: float, length: int) -> float:
    """Simple moving average: sum of the last n values / n.

    Published as TA-Lib SMA and TradingView ta.sma. Both keep a running sum, whose rounding depends on all earlier
    values. Defined from index n - 1.
    """
    oldest = push(state, 0, length, x)
    return mean_of(state, oldest, length) if oldest >= 0 else nan
