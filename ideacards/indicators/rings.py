"""The last values of a window, kept in a stretch of a step function's state.

Each value is stored twice, so that the window always stands in one piece, oldest first, and can be read by a plain
loop. Layout from `at` on: how many values have come, the next place, then 2 * length values.
"""

from ideacards.indicators.state import State

__all__ = ["end_of", "push", "ring_size"]


def ring_size(length: int) -> int:
    """How many floats of state a window of `length` values takes."""
    return 2 + 2 * length


def push(state: State, at: int, length: int, value: float) -> int:
    """Add a value. The index of the oldest of the last `length` values; -1 while there are fewer."""
    place = int(state[at + 1])
    first = at + 2
    state[first + place] = value
    state[first + place + length] = value
    place += 1
    state[at + 1] = place if place < length else 0
    state[at] += 1.0
    return first + place if state[at] >= length else -1


def end_of(state: State, at: int, length: int) -> int:
    """One past the index of the newest value: the k newest stand before it in order, for k up to those that came."""
    place = int(state[at + 1])
    return at + 2 + length + (place if place > 0 else length)
