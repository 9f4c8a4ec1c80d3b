"""Columns that a paper market runs on: each trade, or the trades of one millisecond, is a bar of one millisecond.

The columns have a fixed size. When they are full, the last bar is moved to the front and the others are forgotten: the
venue looks at no bar that it has closed.
"""

from typing import Any

import numpy as np

from actors.model.streams import MarketTrade
from ideacards.feeds import Bars

__all__ = ["TICK_MS", "TickColumns"]

TICK_MS = 1
_CAPACITY = 4_096
_PRICES = ("price_open", "price_high", "price_low", "price_close")


class TickColumns:
    """`bars` are views on columns that `put` writes; `count` of them are there."""

    def __init__(self, symbol: str, price_digits: int, qty_digits: int, capacity: int = _CAPACITY) -> None:
        if capacity < 2:
            raise ValueError(f"room for {capacity} bars: the last one and a new one are the least")
        self._columns: dict[str, Any] = {
            name: np.zeros(capacity, dtype=np.int64) for name in ("ts_open", "ts_close", *_PRICES)
        }
        self._columns["volume"] = np.zeros(capacity, dtype=np.float64)
        views = {name: column.view() for name, column in self._columns.items()}
        self.bars = Bars(symbol, TICK_MS, price_digits, **views)
        self.count = 0
        self._capacity = capacity
        self._qty_unit = 10.0**qty_digits

    @property
    def is_full(self) -> bool:
        """Whether `put` has no room."""
        return self.count == self._capacity

    def put(self, time_ms: int, trades: tuple[MarketTrade, ...]) -> None:
        """One more bar, of these trades in their order; it must open after the last one closed."""
        prices = [trade.price for trade in trades]
        row = {
            "ts_open": time_ms,
            "ts_close": time_ms + TICK_MS,
            "price_open": prices[0],
            "price_high": max(prices),
            "price_low": min(prices),
            "price_close": prices[-1],
            "volume": sum(trade.qty for trade in trades) / self._qty_unit,
        }
        for name, value in row.items():
            self._columns[name][self.count] = value
        self.count += 1

    def begin_again(self) -> None:
        """Keep the last bar alone, at index 0."""
        for column in self._columns.values():
            column[0] = column[self.count - 1]
        self.count = 1
