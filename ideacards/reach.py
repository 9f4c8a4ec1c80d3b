"""The next bar that comes to a price: one compiled scan over the lows and highs, a bar a nanosecond."""

from functools import cache
from typing import Any

from ideacards.bars import IntArray
from ideacards.compiled import compiled

__all__ = ["first_in_reach"]


def first_in_reach(low: IntArray, high: IntArray, start: int, stop: int, fall: int, rise: int) -> int:
    """The first bar of [start, stop) whose low is at or under `fall` or whose high at or over `rise`; `stop` if none.

    Both arrays int64 and read-only, both levels within int64.
    """
    return int(_scan()(low, high, start, stop, fall, rise))


@cache
def _scan() -> Any:
    return compiled(_first_in_reach)


def _first_in_reach(low: IntArray, high: IntArray, start: int, stop: int, fall: int, rise: int) -> int:
    for bar in range(start, stop):
        if low[bar] <= fall or high[bar] >= rise:
            return bar
    return stop
