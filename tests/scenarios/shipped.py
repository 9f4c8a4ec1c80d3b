"""Markets for the shipped cards: a made one at each card's own bar, and real candles where they are present."""

from functools import cache
from pathlib import Path

import attrs

from actors.app.files.bars import read_bars
from actors.app.files.instruments import load_instrument
from actors.app.results.result import RunResult
from actors.app.runs.backtesting import Job, run_card
from actors.app.runs.synthetic import synthetic_bars
from actors.app.settings import load_settings
from ideacards.alignment import slower_bars
from ideacards.card import Card
from ideacards.feeds import Bars
from ideacards.timeframe import timeframe_of
from tests import skips

__all__ = ["KLINES", "made_market", "real_market", "run_over"]

KLINES = skips.SHARED / "klines"
MADE_MINUTES = 100_000
SEED = 7
MOST_BARS = 25_000  # of one back-test; the newest are taken
_REAL = {
    "1m": ("1m", "BTCUSDT_1m_binance-spot_2024-12.csv.gz"),
    "5m": ("1m", "BTCUSDT_1m_binance-spot_2024-12.csv.gz"),
    "15m": ("15m", "BTCUSDT_15m_binance-spot_2024.csv.gz"),
    "1h": ("1h", "BTCUSD_1h_bitstamp_2018-2022.csv.gz"),
    "4h": ("4h", "BTCUSD_4h_coinbase_2016-2025.csv.gz"),
}


@cache
def _minutes() -> Bars:
    return synthetic_bars(SEED, MADE_MINUTES)


@cache
def made_market(timeframe: str, last: int = MOST_BARS) -> Bars:
    """The `last` bars of a made market: one-minute bars, put together to slower ones."""
    return _newest(_at(_minutes(), timeframe), last)


@cache
def real_market(timeframe: str) -> Bars:
    """The newest of the real candles at that timeframe, or put together to it."""
    given, name = _REAL[timeframe]
    digits = load_instrument("BTCUSDT", 0).price_digits
    return _newest(_at(read_bars(KLINES / name, "BTCUSDT", timeframe_of(given).ms, digits), timeframe))


def run_over(card: Card, path: Path, bars: Bars, *, every_bar: bool = False) -> RunResult:
    """A back-test of a loaded card, whose file is `path`, with the ordinary settings."""
    settings = attrs.evolve(load_settings(), every_bar=every_bar)
    return run_card(card, bars, Job(path, path, settings))


def _at(bars: Bars, timeframe: str) -> Bars:
    wanted = timeframe_of(timeframe).ms
    return bars if wanted == bars.timeframe_ms else slower_bars(bars, wanted).bars


def _newest(bars: Bars, last: int = MOST_BARS) -> Bars:
    start = max(0, len(bars) - last)
    prices = {name: getattr(bars, f"price_{name}")[start:] for name in ("open", "high", "low", "close")}
    floats = {name: column[start:] for name, column in bars.given_floats.items()} or None
    return Bars.of_columns(
        bars.symbol, bars.timeframe_ms, bars.price_digits, bars.ts_open[start:], prices, bars.volume[start:], floats
    )
