"""Where a value stands among the others of its window."""

from math import nan

from ideacards.indicators.rings import push, ring_size
from ideacards.indicators.state import State

__all__ = ["median", "percentile_rank"]


def median(state: State, x: float, length: int) -> float:
    """The middle value of the last n; for an even n the mean of the two middle ones.

    Published as TradingView ta.median, TA-Lib PERCENTILE of 50 for an odd n (both take one of the two). A sorted copy
    of the window stands in the state, so a bar costs a shift, not a sort. A function of exactly its window. Defined
    from index n - 1.
    """
    seen = state[0]
    at = ring_size(length)
    count = int(seen) if seen < length else length
    if count == length:
        _take_out(state, at, count, state[2 + int(state[1])])  # the oldest value, whose place the new one takes
        count -= 1
    _put_in(state, at, count, x)
    push(state, 0, length, x)
    if count + 1 < length:
        return nan
    middle = at + length // 2
    return state[middle] if length % 2 == 1 else (state[middle - 1] + state[middle]) / 2.0


def _take_out(state: State, at: int, count: int, value: float) -> None:
    """Remove one such value from the `count` sorted ones that stand at `at`."""
    place = 0
    while state[at + place] != value and place < count - 1:
        place += 1
    for k in range(at + place, at + count - 1):
        state[k] = state[k + 1]


def _put_in(state: State, at: int, count: int, value: float) -> None:
    """Add a value to the `count` sorted ones that stand at `at`."""
    place = count
    while place > 0 and state[at + place - 1] > value:
        state[at + place] = state[at + place - 1]
        place -= 1
    state[at + place] = value


def percentile_rank(state: State, x: float, length: int) -> float:
    """How many of the n values before are at or below x, in percent.

    Published as TradingView ta.percentrank; TA-Lib PERCENTRANK counts those below x only. A function of exactly n + 1
    values. Defined from index n.
    """
    oldest = push(state, 0, length + 1, x)
    if oldest < 0:
        return nan
    below = 0
    for value in state[oldest : oldest + length]:
        if value <= x:
            below += 1
    return 100.0 * below / length
