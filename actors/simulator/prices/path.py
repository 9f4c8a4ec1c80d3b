"""The bar's path: the way the price is taken to have gone through open, high, low and close.

A bar does not say which extreme came first; a named policy does, and it stands in the result. Four points at 0, 1/3,
2/3 and 1 of the bar's time, straight legs between them. Finer data makes a path of more points (`finer.py`), some of
which the price jumps to. Scalar functions on ints, so that any other matcher (a compiled one too) walks the same way.
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

    The price jumps to the points in `jumps`: what lies between was not traded.
    """

    prices: tuple[int, ...]
    times: tuple[int, ...]
    jumps: frozenset[int] = frozenset()


class PathPolicy(StrEnum):
    """Which extreme comes first."""

    NEAREST_EXTREME = "nearest_extreme"  # the one nearer to the open; equally near: the low
    OHLC = "ohlc"
    OLHC = "olhc"
    PESSIMISTIC = "pessimistic"  # of ohlc and olhc the one after which equity is lower, bar by bar
    OPTIMISTIC = "optimistic"  # the one after which it is higher

    @property
    def chooses(self) -> bool:
        """Whether the path of a bar depends on what rests at its open."""
        return self is PathPolicy.PESSIMISTIC or self is PathPolicy.OPTIMISTIC


def path_points(policy: PathPolicy, open_: int, high: int, low: int, close: int) -> tuple[int, int, int, int]:
    """Prices of the four points; a policy that chooses has chosen one of the others before."""
    is_high_first = high - open_ < open_ - low if policy is PathPolicy.NEAREST_EXTREME else policy is PathPolicy.OHLC
    return (open_, high, low, close) if is_high_first else (open_, low, high, close)


def point_times(open_ms: int, close_ms: int) -> tuple[int, int, int, int]:
    """Times of the four points, whole ms. The last lies just before the close, where the next bar may already open."""
    length_ms = close_ms - open_ms
    return open_ms, open_ms + length_ms // 3, open_ms + 2 * length_ms // 3, close_ms - 1


# Times of prices are rounded down, and prices of times towards where the leg began. So a level that is met at t is not
# ahead of the price at t + 1, and one that is not met by t is not behind the price at t.


def time_on_leg(start_ms: int, end_ms: int, start: int, end: int, price: int) -> int:
    """When the straight way from `start` to `end` is at `price` (between the two), whole ms rounded down."""
    if price == start:
        return start_ms
    return start_ms + (end_ms - start_ms) * abs(price - start) // abs(end - start)


def price_on_leg(start_ms: int, end_ms: int, start: int, end: int, time_ms: int) -> int:
    """Where the straight way is at `time_ms` (between the two times), whole units of price, rounded towards `start`."""
    gone = abs(end - start) * (time_ms - start_ms) // (end_ms - start_ms)
    return start + gone if end > start else start - gone


def taker_price_on_leg(start_ms: int, end_ms: int, start: int, end: int, time_ms: int, side: int, tick: int) -> int:
    """The same price, exact and on the tick: a buyer's rounded up, a seller's down; at least one tick."""
    length_ms = end_ms - start_ms
    exact = start * length_ms + (end - start) * (time_ms - start_ms)
    ticks = -(-exact // (length_ms * tick)) if side > 0 else exact // (length_ms * tick)
    return max(tick, ticks * tick)
