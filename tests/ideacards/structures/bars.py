"""Bars for the tests of structures: random walks on a coarse grid, so that prices are often equal, and real candles."""

import gzip
from functools import cache
from typing import NamedTuple

import numpy as np

from ideacards.feeds import FloatArray
from ideacards.indicators.registry import INDICATORS
from tests.skips import SHARED

__all__ = [
    "HOUR_MS",
    "REAL_HERE",
    "Bar",
    "columns_of",
    "flat_bars",
    "inputs_for",
    "noise_bars",
    "random_hours",
    "real_bars",
]

HOUR_MS = 3_600_000
_THURSDAY_21 = 21 * HOUR_MS  # 1970-01-01, 21:00 UTC
REAL_HERE = (SHARED / "klines").is_dir()


class Bar(NamedTuple):
    """One bar, all floats; times are UTC ms."""

    open: float
    high: float
    low: float
    close: float
    ts_open: float
    ts_close: float


def random_hours(
    count: int, seed: int, start_ms: int = _THURSDAY_21, step_ms: int = HOUR_MS, lost: int = 0
) -> list[Bar]:
    """A walk in steps of 0.5 around 100, with wicks; `lost` bars in a hundred are missing."""
    dice = np.random.default_rng(seed)
    close = 200 + np.cumsum(dice.integers(-3, 4, count))
    opened = np.concatenate([[200], close[:-1]]) + dice.integers(-1, 2, count)
    high = np.maximum(opened, close) + dice.integers(0, 3, count)
    low = np.minimum(opened, close) - dice.integers(0, 3, count)
    kept = dice.random(count) >= lost / 100
    times = start_ms + step_ms * np.arange(count)
    rows = zip(opened / 2, high / 2, low / 2, close / 2, times, times + step_ms, kept, strict=True)
    return [Bar(*map(float, row[:6])) for row in rows if row[6]]


def noise_bars(count: int, seed: int) -> list[Bar]:
    """Hours with nothing in common: bodies around 100 with wicks, for an odd seed wider from bar to bar."""
    dice = np.random.default_rng(seed)
    width = 1 + (seed % 2) * np.arange(count)
    opened, close = (100 + width * dice.integers(-1, 2, count) for _ in range(2))
    high = np.maximum(opened, close) + width * dice.integers(0, 4, count)
    low = np.minimum(opened, close) - width * dice.integers(0, 4, count)
    times = HOUR_MS * np.arange(count)
    rows = zip(opened, high, low, close, times, times + HOUR_MS, strict=True)
    return [Bar(*map(float, row)) for row in rows]


def flat_bars(count: int) -> list[Bar]:
    """Nothing moves."""
    return [Bar(9.0, 9.0, 9.0, 9.0, float(HOUR_MS * k), float(HOUR_MS * (k + 1))) for k in range(count)]


@cache
def real_bars(count: int) -> list[Bar]:
    """Candles of four hours, from somewhere in the middle of a file."""
    path = sorted((SHARED / "klines").glob("BTCUSD_4h_*.csv.gz"))[0]
    with gzip.open(path, "rt", encoding="ascii") as file:
        names = file.readline().strip().split(",")
        lines = [dict(zip(names, line.split(","), strict=False)) for line in file.readlines()[5_000 : 5_000 + count]]
    names = ["open", "high", "low", "close", "ts_ms"]
    rows = [[float(row[name]) for name in names] for row in lines]
    return [Bar(o, h, low, c, ts, ts + 4 * HOUR_MS) for o, h, low, c, ts in rows]


def columns_of(bars: list[Bar]) -> dict[str, FloatArray]:
    """A column a field."""
    return {name: np.array([getattr(bar, name) for bar in bars], dtype=np.float64) for name in Bar._fields}


def inputs_for(use: str, bars: list[Bar]) -> tuple[FloatArray, ...]:
    """What a step of this kind reads."""
    columns = columns_of(bars)
    return tuple(columns[name] for name in INDICATORS[use].inputs)
