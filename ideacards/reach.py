"""The next bar that touches a price: one compiled scan over lows and highs, about a nanosecond per bar."""

from functools import cache
from typing import Any

import numpy as np

from ideacards.bars import IntArray
from ideacards.compiled import compiled

__all__ = ["compile_scan", "first_in_reach", "first_in_trail"]


def first_in_reach(low: IntArray, high: IntArray, start: int, stop: int, fall: int, rise: int) -> int:
    """The first bar of [start, stop) whose low is at or under `fall` or whose high at or over `rise`; `stop` if none.

    Both arrays int64 and read-only, both levels within int64.
    """
    return int(_scan()(low, high, start, stop, fall, rise))


def first_in_trail(
    low: IntArray, high: IntArray, start: int, stop: int, best: int, distance: int, is_long: bool
) -> int:
    """First bar of [start, stop) that could trigger a trailing stop `distance` from the best price, or `stop` if none.

    A long trails the highest high so far, the bar's own included; a short trails the lowest low.
    """
    if is_long:
        return int(_trail_scan()(low, high, start, stop, best, distance))
    return int(_trail_scan_up()(low, high, start, stop, best, distance))


def compile_scan() -> None:
    """Compile the scans now, so that the first call does not compile inside a handler."""
    one = np.zeros(1, dtype=np.int64)
    one.flags.writeable = False
    first_in_reach(one, one, 0, 1, 0, 0)
    for is_long in (True, False):
        first_in_trail(one, one, 0, 1, 0, 0, is_long)


@cache
def _scan() -> Any:
    return compiled(_first_in_reach)


def _first_in_reach(low: IntArray, high: IntArray, start: int, stop: int, fall: int, rise: int) -> int:
    for bar in range(start, stop):
        if low[bar] <= fall or high[bar] >= rise:
            return bar
    return stop


@cache
def _trail_scan() -> Any:
    return compiled(_first_in_trail)


@cache
def _trail_scan_up() -> Any:
    return compiled(_first_in_trail_up)


def _first_in_trail(low: IntArray, high: IntArray, start: int, stop: int, best: int, distance: int) -> int:
    for bar in range(start, stop):
        best = max(best, high[bar])
        if low[bar] <= best - distance:
            return bar
    return stop


def _first_in_trail_up(low: IntArray, high: IntArray, start: int, stop: int, best: int, distance: int) -> int:
    for bar in range(start, stop):
        best = min(best, low[bar])
        if high[bar] >= best + distance:
            return bar
    return stop
