"""Builders for feeds: random bars on a grid of minutes, cards that name features only, and every feature there is."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import attrs
import numpy as np

from ideacards.card import AccountSpec, Card, Feature, Market, Timeframes, timeframe_of
from ideacards.expressions.nodes import Arithmetic, ArithmeticOp, Series
from ideacards.feeds import Bars, FloatArray
from ideacards.indicators.registry import INDICATORS
from ideacards.prices import PRICE_SOURCES

__all__ = [
    "MINUTE_MS",
    "a_card",
    "a_feature",
    "a_spread",
    "bars_at",
    "every_feature",
    "params_of",
    "random_bars",
    "random_walk",
]

MINUTE_MS = 60_000
_SHORT = {"fast": 3, "slow": 6, "signal": 4}
_LENGTHS: dict[str, dict[str, Any]] = {
    "macd": _SHORT,
    "ppo": _SHORT,
    "tsi": {"long": 5, "short": 3, "signal": 2},
    "stochrsi": {"length": 4, "window": 4, "smooth": 2, "signal": 2},
    "ichimoku": {"conversion": 2, "base": 4, "span": 6, "displacement": 3},
    "keltner": {"length": 5, "atr_length": 3},
    "anchored_vwap": {"since": 40 * MINUTE_MS},
    "zigzag": {"threshold": 0.1, "length": 5},
    "fibonacci": {"threshold": 0.1, "length": 5},
    "equal_levels": {"tolerance": 0.05, "length": 5},
    "session_range": {"start": 60, "end": 150},
}


def random_walk(count: int, seed: int = 1) -> FloatArray:
    """Positive numbers with two decimals that rise and fall."""
    steps = np.random.default_rng(seed).integers(-80, 81, count)
    walk: FloatArray = (100_000 + np.cumsum(steps)) / 100.0
    return walk


def bars_at(ts_open: Sequence[int] | np.ndarray[Any, Any], seed: int = 1, timeframe_ms: int = MINUTE_MS) -> Bars:
    """Random bars that open at the given times, prices around 1000.00."""
    dice = np.random.default_rng(seed)
    count = len(ts_open)
    close = 100_000 + np.cumsum(dice.integers(-80, 81, count))
    opened = np.concatenate([[100_000], close[:-1]])[:count]
    high = np.maximum(opened, close) + dice.integers(0, 40, count)
    low = np.minimum(opened, close) - dice.integers(0, 40, count)
    prices = {"open": opened, "high": high, "low": low, "close": close}
    return Bars.of_columns("BTCUSDT", timeframe_ms, 2, ts_open, prices, dice.random(count))


def random_bars(count: int, seed: int = 1, start_ms: int = 0, lost: Sequence[int] = ()) -> Bars:
    """One-minute bars from `start_ms` on, without those at the `lost` places."""
    times = start_ms + MINUTE_MS * np.arange(count)
    return bars_at(np.delete(times, list(lost)), seed)


def a_feature(name: str, use: str, of: str | None = None, timeframe: str = "exec", **params: Any) -> Feature:
    """A feature as the loader resolves it: defaults filled in, length 5 where none is given, `with` the open."""
    kind = INDICATORS[use]
    other = "open" if "with" in kind.sources else ""
    return Feature(name, use, of or kind.default_of or "", timeframe, params_of(use, **params), other=other)


def params_of(use: str, **given: Any) -> dict[str, Any]:
    """Short parameters of a kind, complete; those that are given as they are."""
    known = _LENGTHS.get(use, {"length": 5}) | given
    return {param.name: known.get(param.name, param.default) for param in INDICATORS[use].params}


def every_feature(timeframe: str) -> tuple[Feature, ...]:
    """Each indicator (ema and macd with both seeds), and an average of an average, in one timeframe."""
    seeded = [a_feature(f"{use}_sma_{timeframe}", use, None, timeframe, seed="sma") for use in ("ema", "macd")]
    plain = [a_feature(f"{use}_{timeframe}", use, None, timeframe) for use in INDICATORS]
    of_price = [a_feature(f"{of}_{timeframe}", "sma", of, timeframe) for of in PRICE_SOURCES]
    twice = a_feature(f"twice_{timeframe}", "ema", f"rsi_{timeframe}", timeframe)
    restarted = attrs.evolve(a_feature(f"restarted_{timeframe}", "ema", "hl2", timeframe), history=12)
    spread = a_spread(f"spread_{timeframe}", f"ema_{timeframe}", f"sma_{timeframe}", timeframe)
    of_spread = a_feature(f"of_spread_{timeframe}", "rma", spread.name, timeframe)
    return (*plain, *seeded, *of_price, twice, restarted, spread, of_spread)


def a_spread(name: str, left: str, right: str, timeframe: str = "exec") -> Feature:
    """An arithmetic feature: (left - right one bar ago) / hlc3."""
    change = Arithmetic(ArithmeticOp.SUBTRACT, Series(left), Series(right, 1))
    return Feature(name, "", "", timeframe, {}, expr=Arithmetic(ArithmeticOp.DIVIDE, change, Series("hlc3")))


def a_card(*features: Feature, exec_: str = "1m", mtf: str | None = None, htf: str | None = None) -> Card:
    """A card with these features and no blocks."""
    slower = {name: timeframe_of(text) for name, text in (("mtf", mtf), ("htf", htf)) if text}
    timeframes = Timeframes(timeframe_of(exec_), slower.get("mtf"), slower.get("htf"))
    account = AccountSpec(Decimal(1_000_000))
    market = Market("bybit", "linear", "BTCUSDT")
    return Card("a_card", "", market, timeframes, account, None, features, ())
