"""The bar's path: the assumed course of the price through open, high, low and close.

A bar does not say which extreme came first; a named policy does, and the result records it. Four points at 0, 1/3, 2/3
and 1 of the bar's time are joined by straight legs. Finer data makes a path of more points (`finer.py`), some of which
the price jumps to. Scalar functions on ints, so that any other matcher (a compiled one too) follows the same path.
"""

from enum import StrEnum
from typing import NamedTuple

__all__ = [
    "BarPath",
    "PathPolicy",
    "path_points",
    "point_times",
    "price_on_leg",
    "taker_price_on_leg",
    "time_on_leg",
]


class BarPath(NamedTuple):
    """Prices and times (UTC ms) of a bar's points, from its open (0) to its close; leg n leads to point n.

    The price jumps to the points in `jumps`: nothing in between was traded.
    """

    prices: tuple[int, ...]
    times: tuple[int, ...]
    jumps: frozenset[int] = frozenset()


class PathPolicy(StrEnum):
    """Which extreme comes first."""

    NEAREST_EXTREME = "nearest_extreme"  # the one nearer to the open; equally near: the low
    OHLC = "ohlc"
    OLHC = "olhc"
    PESSIMISTIC = "pessimistic"  # per bar, whichever of ohlc and olhc leaves less equity
    OPTIMISTIC = "optimistic"  # whichever leaves more

    @property
    def chooses(self) -> bool:
        """Whether the path of a bar depends on the orders that rest at its open."""
        return self is PathPolicy.PESSIMISTIC or self is PathPolicy.OPTIMISTIC


def path_points(policy: PathPolicy, open_: int, high: int, low: int, close: int) -> tuple[int, int, int, int]:
    """Prices of the four points; pessimistic and optimistic must have been resolved to another policy before."""
    is_high_first = high - open_ < open_ - low if policy is PathPolicy.NEAREST_EXTREME else policy is PathPolicy.OHLC
    return (open_, high, low, close) if is_high_first else (open_, low, high, close)


def point_times(open_ms: int, close_ms: int) -> tuple[int, int, int, int]:
    """Times of the four points, whole ms. The last is 1 ms before the close, at which the next bar may already open."""
    length_ms = close_ms - open_ms
    return open_ms, open_ms + length_ms // 3, open_ms + 2 * length_ms // 3, close_ms - 1


# A price's time is rounded down, and a time's price towards the start of the leg. So a level met at t is not ahead of
# the price at t + 1, and a level not met by t is not behind the price at t.


def time_on_leg(start_ms: int, end_ms: int, start: int, end: int, price: int) -> int:
    """When the straight leg from `start` to `end` is at `price` (between the two), whole ms rounded down."""
    if price == start:
        return start_ms
    return start_ms + (end_ms - start_ms) * abs(price - start) // abs(end - start)


def price_on_leg(start_ms: int, end_ms: int, start: int, end: int, time_ms: int) -> int:
    """The price of the straight leg at `time_ms` (between the two times), in price units rounded towards `start`."""
    gone = abs(end - start) * (time_ms - start_ms) // (end_ms - start_ms)
    return start + gone if end > start else start - gone


def taker_price_on_leg(start_ms: int, end_ms: int, start: int, end: int, time_ms: int, side: int, tick: int) -> int:
    """A taker's price on the leg at `time_ms`, rounded to the tick: up for a buy, down for a sell; at least a tick."""
    length_ms = end_ms - start_ms
    exact = start * length_ms + (end - start) * (time_ms - start_ms)
    ticks = -(-exact // (length_ms * tick)) if side > 0 else exact // (length_ms * tick)
    return max(tick, ticks * tick)
