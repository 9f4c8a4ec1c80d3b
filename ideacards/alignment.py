"""Slower bars made of exec bars, and where on the exec axis each becomes known.

Buckets lie at multiples of the timeframe since the UTC epoch, weeks on Mondays. A slower bar closes at the first exec
bar whose close is at or after the bucket's end, found by an index over close times, never by counting bars: gaps and
missing bars shift nothing. Nothing here looks ahead: a bar that has not closed is not visible.
"""

from typing import NamedTuple

import attrs
import numpy as np

from ideacards.bars import Bars, BoolArray, FloatArray, IntArray

__all__ = ["Settled", "SlowerBars", "SlowerGrowth", "bucket_origin_ms", "forward_fill", "newest_closed", "slower_bars"]

_MONDAY_MS = 4 * 86_400_000  # 1970-01-05; the epoch was a Thursday


def bucket_origin_ms(timeframe: str) -> int:
    """Start of the first bucket, UTC ms: the epoch, or for weeks (`1w`, not `7d`) its first Monday."""
    return _MONDAY_MS if timeframe.endswith("w") else 0


@attrs.frozen(eq=False)
class SlowerBars:
    """Settled slower bars, oldest first; `closes_at` = exec index at which each closes, `partial` = it lost exec bars.

    `closes_at` never falls; after a gap two bars may close at one exec bar, the newer one last.
    """

    bars: Bars
    closes_at: IntArray
    partial: BoolArray


def slower_bars(bars: Bars, timeframe_ms: int, origin_ms: int = 0) -> SlowerBars:
    """The settled bars of `timeframe_ms` (a multiple of the exec bar's, else ValueError) within `bars`.

    Not settled, and left out: a first bucket that began before the first exec bar, a last one not yet closed.
    """
    if timeframe_ms % bars.timeframe_ms:
        raise ValueError(f"{timeframe_ms} ms is no multiple of the exec bar's {bars.timeframe_ms} ms")
    if not len(bars):
        nothing = np.zeros(0, dtype=np.int64)
        empty = attrs.evolve(bars.head(0), timeframe_ms=timeframe_ms)
        return SlowerBars(empty, nothing, nothing.astype(bool))
    bucket = (bars.ts_open - origin_ms) // timeframe_ms
    is_first = np.diff(bucket, prepend=bucket[:1] - 1) != 0
    first = np.flatnonzero(is_first)
    stop = np.append(first[1:], len(bars))
    ts_open = bucket[first] * timeframe_ms + origin_ms
    closes_at = np.searchsorted(bars.ts_close, ts_open + timeframe_ms)
    settled = (ts_open >= bars.ts_open[first[:1]]) & (closes_at < len(bars))
    partial = stop - first < timeframe_ms // bars.timeframe_ms
    # bincount adds from the oldest bar to the newest; np.add.reduceat adds in pairs and rounds differently
    volume = np.bincount(np.cumsum(is_first) - 1, weights=bars.volume)
    prices = {
        "open": bars.price_open[first],
        "high": np.maximum.reduceat(bars.price_high, first),
        "low": np.minimum.reduceat(bars.price_low, first),
        "close": bars.price_close[stop - 1],
    }
    floats = None
    if bars.given_floats:
        floats = {
            "open": bars.open[first],
            "high": np.maximum.reduceat(bars.high, first),
            "low": np.minimum.reduceat(bars.low, first),
            "close": bars.close[stop - 1],
        }
    slower = Bars.of_columns(
        bars.symbol,
        timeframe_ms,
        bars.price_digits,
        ts_open[settled],
        {name: column[settled] for name, column in prices.items()},
        volume[settled],
        floats and {name: column[settled] for name, column in floats.items()},
    )
    return SlowerBars(slower, closes_at[settled].astype(np.int64), partial[settled])


class Settled(NamedTuple):
    """One slower bar that an exec bar has settled; prices are open, high, low, close."""

    ts_open: int
    prices: tuple[int, int, int, int]
    volume: float
    is_partial: bool


class SlowerGrowth:
    """The same slower bars, as exec bars come one by one after those that `slower_bars` was given."""

    def __init__(self, bars: Bars, timeframe_ms: int, origin_ms: int = 0) -> None:
        self._timeframe_ms = timeframe_ms
        self._origin_ms = origin_ms
        self._whole = timeframe_ms // bars.timeframe_ms
        self._first_ms = int(bars.ts_open[0]) if len(bars) else None
        self._opened_ms: int | None = None  # of the bucket that exec bars are gathered in
        self._is_settled = True
        self._prices = (0, 0, 0, 0)
        self._volume = 0.0
        self._gathered = 0
        if len(bars):
            bucket = self._bucket_of(int(bars.ts_open[-1]))
            for index in range(int(np.searchsorted(bars.ts_open, bucket)), len(bars)):
                self.add(bars, index)

    def add(self, bars: Bars, index: int) -> list[Settled]:
        """The slower bars that exec bar `index` settles, the older first: none, one, or two after a gap."""
        settled: list[Settled] = []
        ts_open = int(bars.ts_open[index])
        prices = (bars.price_open, bars.price_high, bars.price_low, bars.price_close)
        opened, high, low, close = (int(column[index]) for column in prices)
        bucket = self._bucket_of(ts_open)
        if bucket != self._opened_ms:
            self._settle(settled)
            if self._first_ms is None:
                self._first_ms = ts_open
            self._opened_ms, self._prices = bucket, (opened, high, low, close)
            self._volume, self._gathered, self._is_settled = 0.0, 0, bucket < self._first_ms
        self._prices = (self._prices[0], max(self._prices[1], high), min(self._prices[2], low), close)
        self._volume += float(bars.volume[index])
        self._gathered += 1
        if int(bars.ts_close[index]) >= bucket + self._timeframe_ms:
            self._settle(settled)
        return settled

    def _settle(self, settled: list[Settled]) -> None:
        if not self._is_settled and self._opened_ms is not None:
            self._is_settled = True
            settled.append(Settled(self._opened_ms, self._prices, self._volume, self._gathered < self._whole))

    def _bucket_of(self, ts_open: int) -> int:
        return (ts_open - self._origin_ms) // self._timeframe_ms * self._timeframe_ms + self._origin_ms


def newest_closed(closes_at: IntArray, length: int) -> IntArray:
    """For each of `length` exec bars the index of the newest slower bar closed by then; -1 before the first."""
    return np.cumsum(np.bincount(closes_at, minlength=length)) - 1


def forward_fill(values: FloatArray, newest: IntArray) -> FloatArray:
    """A slower column on exec bars: the value at `newest`, NaN where that is -1."""
    if not len(values):
        return np.full(len(newest), np.nan)
    return np.where(newest >= 0, values[newest], np.nan)
