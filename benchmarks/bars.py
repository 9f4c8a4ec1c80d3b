"""Seeded one-minute bars for the benchmarks: a random walk with fat tails and no gaps.

The recipe is fixed, so that numbers taken years apart measure the same work: NumPy's PCG64 with one seed, log returns
from Student's t with three degrees of freedom, wicks from half normals, everything on a grid of 0.01. Each bar opens
at the last close, so these bars cannot show whether an engine looks ahead: use them for speed, not for correctness.
"""

import hashlib

import attrs
import numpy as np
from numpy.typing import NDArray

__all__ = ["BenchBars", "checksum", "make_bars"]

SEED = 20240101
START_MS = 1_577_836_800_000  # 2020-01-01T00:00Z
MINUTE_MS = 60_000
RETURN_SIGMA = 0.001  # standard deviation of a bar's log return
DEGREES_OF_FREEDOM = 3
WICK_SCALE = 0.0005
FIRST_OPEN = 50_000.0


@attrs.frozen(eq=False)
class BenchBars:
    """Columns of equal length: `ts_open_ms` int64 UTC, prices and volume float64 (prices on 0.01)."""

    ts_open_ms: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]


def make_bars(count: int) -> BenchBars:
    """`count` bars; a larger count extends the same closes, but changes all wicks and volumes."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    unit = np.sqrt(DEGREES_OF_FREEDOM / (DEGREES_OF_FREEDOM - 2.0))
    returns = rng.standard_t(DEGREES_OF_FREEDOM, count) * (RETURN_SIGMA / unit)
    above = np.abs(rng.standard_normal(count)) * WICK_SCALE
    below = np.abs(rng.standard_normal(count)) * WICK_SCALE
    volume = np.round(np.exp(rng.standard_normal(count) * 0.5) * 10.0 + 0.001, 3)
    close = np.round(FIRST_OPEN * np.exp(np.cumsum(returns)), 2)
    opens = np.concatenate(([FIRST_OPEN], close[:-1]))
    return BenchBars(
        ts_open_ms=START_MS + np.arange(count, dtype=np.int64) * MINUTE_MS,
        open=opens,
        high=np.round(np.maximum(opens, close) * (1.0 + above), 2),
        low=np.round(np.minimum(opens, close) * (1.0 - below), 2),
        close=close,
        volume=volume,
    )


def checksum(bars: BenchBars) -> str:
    """First 16 hex digits of SHA-256 over the columns; the times count as nanoseconds, as the recipe was published."""
    digest = hashlib.sha256((bars.ts_open_ms * 1_000_000).tobytes())
    for column in (bars.open, bars.high, bars.low, bars.close, bars.volume):
        digest.update(column.tobytes())
    return digest.hexdigest()[:16]
