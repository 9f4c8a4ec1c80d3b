"""The extremes of a window, the current bar included."""

from math import inf, nan

from ideacards.indicators.rings import push
from ideacards.indicators.state import State

__all__ = ["highest", "highest_of", "lowest", "lowest_of"]


def highest_of(state: State, oldest: int, length: int) -> float:
    """The largest value of a window."""
    best = -inf
    for k in range(oldest, oldest + length):
        if state[k] > best:
            best = state[k]
    return best


def lowest_of(state: State, oldest: int, length: int) -> float:
    """The smallest value of a window."""
    best = inf
    for k in range(oldest, oldest + length):
        if state[k] < best:
            best = state[k]
    return best


def highest(state: State, x: float, length: int) -> float:
    """Highest value of the last n bars (TA-Lib MAX, TradingView ta.highest).

    A function of exactly its window. Defined from index n - 1.
    """
    oldest = push(state, 0, length, x)
    return highest_of(state, oldest, length) if oldest >= 0 else nan


def lowest(state: State, x: float, length: int) -> float:
    """Lowest value of the last n bars (TA-Lib MIN, TradingView ta.lowest).

    A function of exactly its window. Defined from index n - 1.
    """
    oldest = push(state, 0, length, x)
    return lowest_of(state, oldest, length) if oldest >= 0 else nan
