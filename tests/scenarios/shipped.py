"""Markets for the shipped cards: a made one at each card's own bar, and real candles where they are present."""

from collections.abc import Mapping
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

__all__ = ["KLINES", "made_leaders", "made_market", "real_leaders", "real_market", "run_over"]

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
_REAL_ETHER = {"4h": ("4h", "ETHUSD_4h_coinbase_2016-2025.csv.gz")}
_SYMBOLS = ("BTCUSDT", "ETHUSDT")


@cache
def _minutes(symbol: str = "BTCUSDT") -> Bars:
    return synthetic_bars(SEED + _SYMBOLS.index(symbol), MADE_MINUTES, symbol)


@cache
def made_market(timeframe: str, last: int = MOST_BARS, symbol: str = "BTCUSDT") -> Bars:
    """The `last` bars of a made market: one-minute bars, put together to slower ones."""
    return _newest(_at(_minutes(symbol), timeframe), last)


@cache
def real_market(timeframe: str, symbol: str = "BTCUSDT") -> Bars:
    """The newest of the real candles at that timeframe, or put together to it."""
    given, name = (_REAL if symbol == "BTCUSDT" else _REAL_ETHER)[timeframe]
    digits = load_instrument(symbol, 0).price_digits
    return _newest(_at(read_bars(KLINES / name, symbol, timeframe_of(given).ms, digits), timeframe))


def made_leaders(card: Card) -> dict[str, Bars]:
    """The made markets of its leaders, whole."""
    return {symbol: _at(_minutes(symbol), card.timeframes.exec.text) for symbol in card.leaders}


def real_leaders(card: Card) -> dict[str, Bars]:
    """The real candles of its leaders."""
    return {symbol: real_market(card.timeframes.exec.text, symbol) for symbol in card.leaders}


def run_over(
    card: Card, path: Path, bars: Bars, *, every_bar: bool = False, leaders: Mapping[str, Bars] | None = None
) -> RunResult:
    """A back-test of a loaded card, whose file is `path`, with the ordinary settings; its leaders' markets are made
    ones unless they are given.
    """
    settings = attrs.evolve(load_settings(), every_bar=every_bar)
    return run_card(card, bars, Job(path, path, settings), leaders=made_leaders(card) if leaders is None else leaders)


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
