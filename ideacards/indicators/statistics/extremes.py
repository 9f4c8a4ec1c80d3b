"""The extremes of a window, the current bar included, and how long ago they were."""

from math import inf, nan

from ideacards.indicators.rings import push
from ideacards.indicators.state import State

__all__ = [
    "age_of_highest",
    "age_of_lowest",
    "argmax_age",
    "argmin_age",
    "highest",
    "highest_of",
    "lowest",
    "lowest_of",
]


def highest_of(state: State, oldest: int, length: int) -> float:
    """The largest value of a window."""
    best = -inf
    for value in state[oldest : oldest + length]:
        if value > best:
            best = value
    return best


def lowest_of(state: State, oldest: int, length: int) -> float:
    """The smallest value of a window."""
    best = inf
    for value in state[oldest : oldest + length]:
        if value < best:
            best = value
    return best


def age_of_highest(state: State, oldest: int, length: int) -> float:
    """Bars since the largest value of a window, since the latest of equal ones; 0 if it is the newest value."""
    best, at = -inf, 0
    for k, value in enumerate(state[oldest : oldest + length]):
        if value >= best:
            best, at = value, k
    return float(length - 1 - at)


def age_of_lowest(state: State, oldest: int, length: int) -> float:
    """Bars since the smallest value of a window, since the latest of equal ones; 0 if it is the newest value."""
    best, at = inf, 0
    for k, value in enumerate(state[oldest : oldest + length]):
        if value <= best:
            best, at = value, k
    return float(length - 1 - at)


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


def argmax_age(state: State, x: float, length: int) -> float:
    """Bars since the highest value of the last n bars; 0 at the bar itself, and of equal values the latest counts.

    TA-Lib MAXINDEX counts from the first bar instead; TradingView ta.highestbars gives it with a minus. A function of
    exactly its window. Defined from index n - 1.
    """
    oldest = push(state, 0, length, x)
    return age_of_highest(state, oldest, length) if oldest >= 0 else nan


def argmin_age(state: State, x: float, length: int) -> float:
    """Bars since the lowest value of the last n bars; 0 at the bar itself, and of equal values the latest counts.

    TA-Lib MININDEX counts from the first bar instead; TradingView ta.lowestbars gives it with a minus. A function of
    exactly its window. Defined from index n - 1.
    """
    oldest = push(state, 0, length, x)
    return age_of_lowest(state, oldest, length) if oldest >= 0 else nan
