"""Builders of domain values for tests: an instrument, bars, facts."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from actors.model.fixed import Money, Price, Qty, Rate
from actors.model.instrument import Instrument
from ideacards.feeds import Bars

__all__ = ["a_market", "an_instrument"]

MINUTE_MS = 60_000


def an_instrument(**changes: Any) -> Instrument:
    """BTCUSDT-like: prices in cents, tick 0.10, step 0.001, minimum 0.001 and 5 USDT, fees 2 and 5.5 bp."""
    instrument = Instrument(
        symbol="BTCUSDT",
        price_digits=2,
        qty_digits=3,
        rate_digits=5,
        tick=Price(10),
        step=Qty(1),
        min_qty=Qty(1),
        max_qty=Qty(1_190_000),
        max_market_qty=Qty(500_000),
        min_notional=Money(5 * 10**10),
        maker_rate=Rate(20),
        taker_rate=Rate(55),
    )
    return msgspec.structs.replace(instrument, **changes)


def a_market(rows: Sequence[Sequence[float]], start_ms: int = 0, timeframe_ms: int = MINUTE_MS) -> Bars:
    """Bars of (open, high, low, close) in whole currency units, at two price digits, one after another."""
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 4)
    ts_open = start_ms + timeframe_ms * np.arange(len(rows), dtype=np.int64)
    ints = np.rint(table * 100).astype(np.int64)
    return Bars(
        symbol="BTCUSDT",
        timeframe_ms=timeframe_ms,
        price_digits=2,
        ts_open=ts_open,
        ts_close=ts_open + timeframe_ms,
        open=table[:, 0].copy(),
        high=table[:, 1].copy(),
        low=table[:, 2].copy(),
        close=table[:, 3].copy(),
        volume=np.ones(len(rows)),
        price_open=ints[:, 0].copy(),
        price_high=ints[:, 1].copy(),
        price_low=ints[:, 2].copy(),
        price_close=ints[:, 3].copy(),
    )
