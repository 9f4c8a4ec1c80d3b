"""Slower bars made of exec bars, and where on the exec axis each becomes known.

Buckets lie at multiples of the timeframe since the UTC epoch, weeks on Mondays. A slower bar closes at the first exec
bar whose close is at or after the bucket's end, found by an index over close times, never by counting bars: gaps and
missing bars shift nothing. Nothing here looks ahead: a bar that has not closed is not visible.
"""

import attrs
import numpy as np

from ideacards.bars import Bars, BoolArray, FloatArray, IntArray

__all__ = ["SlowerBars", "bucket_origin_ms", "forward_fill", "newest_closed", "slower_bars"]

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


def newest_closed(closes_at: IntArray, length: int) -> IntArray:
    """For each of `length` exec bars the index of the newest slower bar closed by then; -1 before the first."""
    return np.cumsum(np.bincount(closes_at, minlength=length)) - 1


def forward_fill(values: FloatArray, newest: IntArray) -> FloatArray:
    """A slower column on exec bars: the value at `newest`, NaN where that is -1."""
    if not len(values):
        return np.full(len(newest), np.nan)
    return np.where(newest >= 0, values[newest], np.nan)
