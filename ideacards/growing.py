"""Columns that grow at their end: closed bars as they come from a venue, and values computed from them.

What is shown is read-only and lies in the same memory: a bar or value that was shown never changes. The arrays double
when they are full; views of before keep the old ones.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ideacards.bars import BAR_COLUMNS, Bars

__all__ = ["GrowingBars", "GrowingColumn"]

_CAPACITY = 1_024
_EXACT = 2**53  # a larger integer is not exact as a float
_PRICES = tuple(f"price_{name}" for name in BAR_COLUMNS[:4])
_FLOATS = tuple(f"_{name}" for name in BAR_COLUMNS[:4])
_INTS = ("ts_open", "ts_close", *_PRICES)


class GrowingColumn:
    """Values of one dtype, oldest first; it starts with those of an array."""

    def __init__(self, values: npt.NDArray[Any]) -> None:
        self._values = values
        self._count = len(values)
        self._view: Any = None

    def append(self, value: Any) -> None:
        """Add one value."""
        self._view = None
        if self._count == len(self._values):
            self._values = _with_room(self._values, 1)
        self._values[self._count] = value
        self._count += 1

    def extend(self, values: Sequence[Any] | npt.NDArray[Any]) -> None:
        """Add several values."""
        if not len(values):
            return
        stop = self._count + len(values)
        if stop > len(self._values):
            self._values = _with_room(self._values, len(values))
        self._values[self._count : stop] = values
        self._count, self._view = stop, None

    def view(self) -> Any:
        """All values so far, read-only."""
        if self._view is None:
            self._view = self._values[: self._count]
            self._view.flags.writeable = False
        return self._view


class GrowingBars:
    """Of one symbol and timeframe, oldest first; prices are integers of 10^-price_digits."""

    def __init__(self, symbol: str, timeframe_ms: int, price_digits: int, capacity: int = _CAPACITY) -> None:
        self.symbol = symbol
        self.timeframe_ms = timeframe_ms
        self.price_digits = price_digits
        self._count = 0
        self._one = 10.0**price_digits
        self._columns: dict[str, Any] = {name: np.zeros(capacity, dtype=np.int64) for name in _INTS}
        self._columns |= {name: np.zeros(capacity, dtype=np.float64) for name in ("volume", *_FLOATS)}
        self._newest: Bars | None = None

    def __len__(self) -> int:
        return self._count

    @classmethod
    def of(cls, bars: Bars) -> "GrowingBars":
        """A copy of these bars that can grow; ValueError if their float prices cannot be made from the integers."""
        grown = cls(bars.symbol, bars.timeframe_ms, bars.price_digits, len(bars) + _CAPACITY)
        count = grown._count = len(bars)
        for name in grown._columns:
            grown._columns[name][:count] = getattr(bars, name.lstrip("_"))
        for of_float, of_int in zip(_FLOATS, _PRICES, strict=True):
            if not np.array_equal(grown._columns[of_float], grown._columns[of_int] / grown._one):
                raise ValueError("prices beyond 2^53 units cannot grow")
        return grown

    @property
    def last_close_ms(self) -> int:
        """Close (UTC ms) of the newest bar; 0 when there is none."""
        return int(self._columns["ts_close"][self._count - 1]) if self._count else 0

    def append(self, ts_open: int, prices: tuple[int, int, int, int], volume: float) -> None:
        """One bar with its `prices` (open, high, low, close); ValueError unless it opens after the newest one closed.

        A price must be exact as a float: the float prices are made from the integers.
        """
        if self._count and ts_open < self.last_close_ms:
            raise ValueError(f"a bar that opens at {ts_open} does not follow one that closes at {self.last_close_ms}")
        if max(map(abs, prices)) > _EXACT:
            raise ValueError(f"a price beyond 2^53 units: {prices}")
        at, columns = self._count, self._columns
        if at == len(columns["ts_open"]):
            self._columns = columns = {name: _with_room(column, 1) for name, column in columns.items()}
        columns["ts_open"][at], columns["ts_close"][at] = ts_open, ts_open + self.timeframe_ms
        for name, of_float, price in zip(_PRICES, _FLOATS, prices, strict=True):
            columns[name][at] = price
            columns[of_float][at] = price / self._one
        columns["volume"][at] = volume
        self._count, self._newest = at + 1, None

    def newest(self) -> Bars:
        """All bars so far."""
        if self._newest is None:
            views = {name.lstrip("_"): column[: self._count] for name, column in self._columns.items()}
            self._newest = Bars(self.symbol, self.timeframe_ms, self.price_digits, **views)
        return self._newest


def _with_room(column: Any, needed: int) -> Any:
    """A copy with at least as much room again, and for `needed` values more."""
    return np.concatenate((column, np.zeros(max(len(column), needed), dtype=column.dtype)))
