"""Bands around an average, as wide as the series scatters."""

from math import nan, sqrt

from ideacards.indicators.averages.windowed import mean_of
from ideacards.indicators.rings import push
from ideacards.indicators.state import State

__all__ = ["bbands", "deviation_of"]


def deviation_of(state: State, oldest: int, length: int, mean: float) -> float:
    """Population standard deviation (divisor n) of a window around its mean."""
    squares = 0.0
    for k in range(oldest, oldest + length):
        squares += (state[k] - mean) * (state[k] - mean)
    return sqrt(squares / length)


def bbands(state: State, x: float, length: int, multiplier: float) -> tuple[float, float, float]:
    """Bollinger bands: the n-bar mean, and `multiplier` population standard deviations above and below it.

    Published as TA-Lib BBANDS (MA type SMA) and TradingView ta.bb. TA-Lib takes the variance as mean of squares minus
    square of mean, which cancels; here it is the mean of the squared distances from the window's mean. A function of
    exactly its window. Defined from index n - 1.
    """
    oldest = push(state, 0, length, x)
    if oldest < 0:
        return nan, nan, nan
    mean = mean_of(state, oldest, length)
    width = multiplier * deviation_of(state, oldest, length, mean)
    return mean + width, mean, mean - width
