"""The highest value of the last bars, at a cost that does not grow with the window, kept in a step function's state.

The window keeps only the values that may still become the highest: each is lower than the ones before it (a monotonic
queue). A value is put in once and taken out once. Layout from `at` on: the place of the first, how many there are,
`length` values, and the number of the bar of each. For the lowest value put in the values with the other sign.
"""

from ideacards.indicators.state import State

__all__ = ["push_highest", "window_size"]


def window_size(length: int) -> int:
    """How many floats of state a window of `length` bars takes."""
    return 2 + 2 * length


def push_highest(state: State, at: int, length: int, bar: float, value: float, is_first: int) -> int:
    """Add the value of bar number `bar`, one more than the last; the index of the highest value of the window.

    Its bar's number stands `length` further on. Of equal values the first counts if `is_first` is 1, else the latest.
    """
    first, count = int(state[at]), int(state[at + 1])
    values = at + 2
    while count > 0:
        last = first + count - 1
        if last >= length:
            last -= length
        if state[values + last] > value or (is_first == 1 and state[values + last] == value):
            break
        count -= 1
    if count > 0 and state[values + length + first] <= bar - length:
        first = first + 1 if first + 1 < length else 0
        count -= 1
    place = first + count
    if place >= length:
        place -= length
    state[values + place] = value
    state[values + length + place] = bar
    state[at] = first
    state[at + 1] = count + 1
    return values + first
