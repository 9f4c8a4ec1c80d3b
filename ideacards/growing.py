"""Columns that closed bars are appended to, one at a time, as they come from a venue.

`newest` shows what there is as ordinary read-only `Bars` on the same memory: a bar that was shown never changes. The
arrays double when they are full; views of before keep the old ones.
"""

from typing import Any

import numpy as np

from ideacards.bars import BAR_COLUMNS, Bars

__all__ = ["GrowingBars"]

_CAPACITY = 1_024
_EXACT = 2**53  # a larger integer is not exact as a float
_PRICES = tuple(f"price_{name}" for name in BAR_COLUMNS[:4])
_INTS = ("ts_open", "ts_close", *_PRICES)


class GrowingBars:
    """Of one symbol and timeframe, oldest first; prices are integers of 10^-price_digits."""

    def __init__(self, symbol: str, timeframe_ms: int, price_digits: int, capacity: int = _CAPACITY) -> None:
        self.symbol = symbol
        self.timeframe_ms = timeframe_ms
        self.price_digits = price_digits
        self._count = 0
        self._columns: dict[str, Any] = {name: np.zeros(capacity, dtype=np.int64) for name in _INTS}
        self._columns["volume"] = np.zeros(capacity, dtype=np.float64)
        self._newest: Bars | None = None

    def __len__(self) -> int:
        return self._count

    @property
    def last_close_ms(self) -> int:
        """Close (UTC ms) of the newest bar; 0 when there is none."""
        return int(self._columns["ts_close"][self._count - 1]) if self._count else 0

    def append(self, ts_open: int, prices: tuple[int, int, int, int], volume: float) -> None:
        """One bar with its `prices` (open, high, low, close); ValueError unless it opens after the newest one closed.

        A price must be exact as a float, for `Bars` makes the float prices from the integers.
        """
        if self._count and ts_open < self.last_close_ms:
            raise ValueError(f"a bar that opens at {ts_open} does not follow one that closes at {self.last_close_ms}")
        if max(map(abs, prices)) > _EXACT:
            raise ValueError(f"a price beyond 2^53 units: {prices}")
        at, columns = self._count, self._columns
        if at == len(columns["ts_open"]):
            self._columns = columns = {name: _doubled(column) for name, column in columns.items()}
        columns["ts_open"][at], columns["ts_close"][at] = ts_open, ts_open + self.timeframe_ms
        for name, price in zip(_PRICES, prices, strict=True):
            columns[name][at] = price
        columns["volume"][at] = volume
        self._count, self._newest = at + 1, None

    def newest(self) -> Bars:
        """All bars so far."""
        if self._newest is None:
            views = {name: column[: self._count] for name, column in self._columns.items()}
            self._newest = Bars(self.symbol, self.timeframe_ms, self.price_digits, **views)
        return self._newest


def _doubled(column: Any) -> Any:
    return np.concatenate((column, np.zeros(len(column), dtype=column.dtype)))
