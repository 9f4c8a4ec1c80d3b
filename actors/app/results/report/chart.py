"""Data of the chart: candles, equity and drawdown of the range in at most 20 000 buckets, and fill markers.

Buckets begin at multiples of a natural duration, and a marker belongs to the bucket with the bar of its fill. Floats,
because these numbers are only drawn.
"""

import math
from collections import Counter
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from actors.app.results.report.legs import MARKERS, legs_of
from actors.app.results.result import RunResult
from actors.app.results.scoring.benchmark import benchmark_of
from actors.app.results.scoring.days import DAY_MS, WINDOW_DAYS, day_returns, rolling_sharpe

__all__ = ["MAX_CANDLES", "Buckets", "buckets_of", "chart_data"]

MAX_CANDLES = 20_000
_MINUTE_MS = 60_000
_NATURAL_MINUTES = (1, 2, 3, 5, 10, 15, 30, 60, 120, 180, 240, 360, 480, 720, 1440, 2880, 4320, 10080, 20160, 40320)


@attrs.frozen(eq=False)
class Buckets:
    """`of_bar[i]` is the bucket of bar start + i; `first` is the index in the range of each bucket's first bar."""

    length_ms: int
    first: npt.NDArray[np.int64]
    of_bar: npt.NDArray[np.int64]
    open_ms: npt.NDArray[np.int64]


def buckets_of(ts_open: npt.NDArray[np.int64], timeframe_ms: int, limit: int = MAX_CANDLES) -> Buckets:
    """The finest natural buckets of which there are at most `limit`; one for each bar if that is enough."""
    if len(ts_open) <= limit:
        each = np.arange(len(ts_open))
        return Buckets(timeframe_ms, each, each, ts_open)
    natural = [minutes * _MINUTE_MS for minutes in _NATURAL_MINUTES]
    lengths = [length for length in natural if length > timeframe_ms and length % timeframe_ms == 0]
    lengths += [timeframe_ms * 2**power for power in range(1, 40)]
    for length_ms in lengths:
        starts = ts_open // length_ms
        is_first = np.diff(starts, prepend=starts[0] - 1) != 0
        if np.count_nonzero(is_first) <= limit:
            first = np.flatnonzero(is_first)
            return Buckets(length_ms, first, np.cumsum(is_first) - 1, starts[first] * length_ms)
    raise AssertionError("doubling the bucket must come to an end")


def chart_data(result: RunResult) -> dict[str, Any]:
    """The page's columns: times in seconds as differences, prices as printed, equity, drawdown in per cent."""
    tape, curve = result.tape, result.curve
    bars, window = tape.bars, slice(tape.start, tape.stop)
    buckets = buckets_of(bars.ts_open[window], bars.timeframe_ms)
    first = buckets.first
    last = np.append(first[1:], tape.stop - tape.start) - 1
    equity = curve.equity_floats(10.0**tape.instrument.money_digits)[last]
    depth = np.maximum.reduceat(curve.drawdown, first)
    seconds = buckets.open_ms // 1000
    return {
        "bucket_ms": buckets.length_ms,
        "exec_ms": bars.timeframe_ms,
        "time": np.diff(seconds, prepend=0).tolist(),
        "open": bars.open[window][first].tolist(),
        "high": np.maximum.reduceat(bars.high[window], first).tolist(),
        "low": np.minimum.reduceat(bars.low[window], first).tolist(),
        "close": bars.close[window][last].tolist(),
        "equity": [round(value, 2) for value in equity.tolist()],
        "drawdown": [round(-100 * value, 6) for value in depth.tolist()],
        "benchmark": [round(value, 2) for value in benchmark_of(result).equity[last].tolist()],
        "rolling": _rolling(result, last),
        "rolling_days": WINDOW_DAYS,
        "markers": _markers(result, buckets),
        "marker_kinds": MARKERS,
    }


def _rolling(result: RunResult, last: npt.NDArray[np.int64]) -> list[float | None]:
    """Rolling Sharpe ratio at each bucket's end, None where undefined; an empty list if it never is defined."""
    curve = result.curve
    equity = curve.equity_floats(10.0**result.tape.instrument.money_digits)
    found = rolling_sharpe(day_returns(curve.ts_close, equity, float(result.start_equity)))
    if not np.isfinite(found).any():
        return []
    days = (curve.ts_close - 1) // DAY_MS
    # A day's value is known from its end on; inside a day the newest value is the day before's.
    whole = days[last] - days[0] - (curve.ts_close[last] % DAY_MS != 0)
    values = [float(found[day]) if day >= 0 else math.nan for day in whole.tolist()]
    return [round(value, 3) if math.isfinite(value) else None for value in values]


def _markers(result: RunResult, buckets: Buckets) -> list[int]:
    """Flat triples (bucket, kind, number of fills), oldest first."""
    counts = Counter(
        (int(buckets.of_bar[fill.bar - result.tape.start]), fill.kind)
        for legs in legs_of(result.tape)
        for fill in legs.fills
    )
    return [number for (bucket, kind), count in sorted(counts.items()) for number in (bucket, kind, count)]
