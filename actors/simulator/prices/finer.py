"""Finer data: the path inside a bar, from bars of a shorter timeframe or from trades.

A path through finer bars follows the policy in each of them and jumps from one bar's close to the next one's open. A
path through trades jumps from trade to trade: nothing between two prices was traded. A bar without finer data follows
the policy alone.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from actors.simulator.prices.path import BarPath, PathPolicy, path_points, point_times
from ideacards.feeds import Bars, IntArray

__all__ = ["FinerBars", "FinerData", "Trades"]


class FinerData(Protocol):
    """A source of paths inside bars."""

    def path_of(self, bar: int) -> BarPath | None:
        """The path of a bar by index; None if there is no finer data for it."""


class FinerBars:
    """Bars of a shorter timeframe, same symbol and price grid; bars in `left_out` do not use them."""

    def __init__(self, bars: Bars, finer: Bars, policy: PathPolicy, left_out: Sequence[int] = ()) -> None:
        self._policy = PathPolicy.NEAREST_EXTREME if policy.chooses else policy
        self._finer = finer
        self._first = np.searchsorted(finer.ts_open, bars.ts_open, side="left")
        self._stop = np.searchsorted(finer.ts_open, bars.ts_close, side="left")
        self._stop[list(left_out)] = self._first[list(left_out)]

    def path_of(self, bar: int) -> BarPath | None:
        """The path through the finer bars of that bar, one after the other; None if there are none."""
        first, stop = int(self._first[bar]), int(self._stop[bar])
        if first == stop:
            return None
        finer = self._finer
        prices: list[int] = []
        times: list[int] = []
        for at in range(first, stop):
            values = (finer.price_open, finer.price_high, finer.price_low, finer.price_close)
            prices += path_points(self._policy, *(int(column[at]) for column in values))
            times += point_times(int(finer.ts_open[at]), int(finer.ts_close[at]))
        return BarPath(tuple(prices), tuple(times), frozenset(range(4, len(prices), 4)))


class Trades:
    """Recorded trades: times (UTC ms, never falling), prices on the bars' grid, and quantities on the instrument's."""

    def __init__(self, bars: Bars, ts_ms: IntArray, price: IntArray, size: IntArray | None = None) -> None:
        self._size = size
        self._price = price
        self._ts_ms = ts_ms
        self._bars = bars
        self._first = np.searchsorted(ts_ms, bars.ts_open, side="left")
        self._stop = np.searchsorted(ts_ms, bars.ts_close, side="left")

    def path_of(self, bar: int) -> BarPath | None:
        """The path from the bar's open through its trades to its close, in jumps; None if there are no trades."""
        first, stop = int(self._first[bar]), int(self._stop[bar])
        if first == stop:
            return None
        bars = self._bars
        open_ms, close_ms = int(bars.ts_open[bar]), int(bars.ts_close[bar])
        prices = (int(bars.price_open[bar]), *self._price[first:stop].tolist(), int(bars.price_close[bar]))
        times = (open_ms, *self._ts_ms[first:stop].tolist(), close_ms - 1)
        return BarPath(prices, times, frozenset(range(1, len(prices))))

    @property
    def has_sizes(self) -> bool:
        """Whether quantities are known."""
        return self._size is not None

    def size_at(self, bar: int, point: int) -> int | None:
        """Quantity of the trade at a point of the bar's path, 0 at its open and close; None in a bar without trades."""
        first, stop = int(self._first[bar]), int(self._stop[bar])
        if self._size is None or first == stop:
            return None
        return int(self._size[first + point - 1]) if 1 <= point <= stop - first else 0
