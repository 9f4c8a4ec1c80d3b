"""The range of the last bars, at a cost that does not grow with their number."""

from math import nan

from ideacards.indicators.state import State
from ideacards.structures.windows import push_highest, window_size

__all__ = ["window_extremes"]


def window_extremes(state: State, high: float, low: float, length: int) -> tuple[float, float, float, float]:
    """Highest high and lowest low of the last n bars, this one included, and the bars since each.

    Of equal ones the latest counts. The values of `donchian`, `argmax_age` and `argmin_age`, at a cost that does not
    grow with n; known at each bar's own close. Published as TA-Lib MAX and MIN. A function of exactly its window.
    Defined from index n - 1.
    """
    state[0] += 1.0
    bar = state[0]
    top = push_highest(state, 1, length, bar, high, 0)
    bottom = push_highest(state, 1 + window_size(length), length, bar, -low, 0)
    if bar < length:
        return nan, nan, nan, nan
    return state[top], -state[bottom], bar - state[top + length], bar - state[bottom + length]
