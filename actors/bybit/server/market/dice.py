"""Repeatable noise: a number that is a function of a seed and some integers, the same on every Python."""

__all__ = ["between", "mixed"]

_MASK = 2**64 - 1


def mixed(*numbers: int) -> int:
    """64 well-mixed bits of the numbers (splitmix64's finaliser, applied to each in turn)."""
    state = 0
    for number in numbers:
        state = (state ^ number) * 0x9E3779B97F4A7C15 & _MASK
        state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
        state = (state ^ (state >> 27)) * 0x94D049BB133111EB & _MASK
        state ^= state >> 31
    return state


def between(low: int, high: int, *numbers: int) -> int:
    """A number from low to high, both included."""
    return low + mixed(*numbers) % (high - low + 1)
