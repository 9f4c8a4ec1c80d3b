"""Bars: the columns of one symbol and timeframe, oldest first, as read-only numpy arrays.

Every price stands twice: as int64 on the grid 10^-price_digits, for whatever touches money, and as float64 for
features, made when it is first read, as most cards read one of the four. Missing bars are not filled; `gaps_of` counts
them. No row objects: whoever needs one bar indexes a column.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

__all__ = [
    "BAR_COLUMNS",
    "Bars",
    "BoolArray",
    "FloatArray",
    "IntArray",
    "blocks_of",
    "data_digest",
    "gap_places",
    "gaps_of",
    "has_exact_floats",
]

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

BAR_COLUMNS = ("open", "high", "low", "close", "volume")
_PRICES = ("price_open", "price_high", "price_low", "price_close")
_FIELDS = ("ts_open", "ts_close", "volume", *_PRICES)
_EXACT = 2**53  # up to it every integer is a float
_BLOCK = 16_384  # bars: a few columns of so many stay in the processor's cache


@attrs.frozen(eq=False)
class Bars:
    """Equally long columns: times in UTC ms, prices as int64 of 10^-price_digits, volume as float64.

    `open`, `high`, `low` and `close` are the prices as float64: as given, else the quotient by 10^price_digits.
    """

    symbol: str
    timeframe_ms: int
    price_digits: int
    ts_open: IntArray
    ts_close: IntArray
    volume: FloatArray
    price_open: IntArray
    price_high: IntArray
    price_low: IntArray
    price_close: IntArray
    _open: FloatArray | None = None
    _high: FloatArray | None = None
    _low: FloatArray | None = None
    _close: FloatArray | None = None

    def __attrs_post_init__(self) -> None:
        columns = {name: getattr(self, name) for name in _FIELDS} | self.given_floats
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"columns of different lengths: {lengths}")
        for column in columns.values():
            column.flags.writeable = False

    def __len__(self) -> int:
        return len(self.ts_open)

    def newest(self) -> "Bars":
        """These; columns that grow have a method of the same name."""
        return self

    def head(self, count: int) -> "Bars":
        """The first `count` bars, on the same memory."""
        return self.part(0, count)

    def part(self, start: int, stop: int) -> "Bars":
        """Bars [start, stop), on the same memory."""
        columns = {name: getattr(self, name) for name in _FIELDS} | self.given_floats
        return attrs.evolve(self, **{name: column[start:stop] for name, column in columns.items()})

    @cached_property
    def open(self) -> FloatArray:
        """First price of each bar."""
        return self._float_price(self._open, self.price_open)

    @cached_property
    def high(self) -> FloatArray:
        """Highest price of each bar."""
        return self._float_price(self._high, self.price_high)

    @cached_property
    def low(self) -> FloatArray:
        """Lowest price of each bar."""
        return self._float_price(self._low, self.price_low)

    @cached_property
    def close(self) -> FloatArray:
        """Last price of each bar."""
        return self._float_price(self._close, self.price_close)

    def _float_price(self, given: FloatArray | None, prices: IntArray) -> FloatArray:
        if given is not None:
            return given
        column: FloatArray = prices / 10.0**self.price_digits
        column.flags.writeable = False
        return column

    @property
    def given_floats(self) -> dict[str, FloatArray]:
        """Float prices that were given, by name: those whose quotient would not be exact."""
        given = {"open": self._open, "high": self._high, "low": self._low, "close": self._close}
        return {name: column for name, column in given.items() if column is not None}

    @classmethod
    def of_columns(
        cls,
        symbol: str,
        timeframe_ms: int,
        price_digits: int,
        ts_open: npt.ArrayLike,
        prices: Mapping[str, npt.ArrayLike],
        volume: npt.ArrayLike,
        floats: Mapping[str, FloatArray] | None = None,
    ) -> "Bars":
        """Bars of int64 `prices` {open, high, low, close} scaled by 10^price_digits. Arrays are taken over, not copied.

        The float prices are `floats`, or the correctly rounded quotients price / 10^price_digits, which are the same
        numbers float(text) gives. ValueError for columns of different lengths or a price beyond 2^53 without `floats`.
        """
        opens = _int_column(ts_open)
        scaled = {name: _int_column(prices[name]) for name in BAR_COLUMNS[:4]}
        if floats is None and not has_exact_floats(scaled):
            raise ValueError("a price beyond 2^53 needs its float from the text")
        columns: dict[str, Any] = {name: _float_column(floats[name]) for name in scaled} if floats is not None else {}
        columns |= {f"price_{name}": column for name, column in scaled.items()}
        columns["volume"] = _float_column(volume)
        return cls(symbol, timeframe_ms, price_digits, ts_open=opens, ts_close=opens + timeframe_ms, **columns)


def has_exact_floats(prices: Mapping[str, npt.ArrayLike]) -> bool:
    """Whether the quotients of these scaled prices by a power of ten are the floats of their texts."""
    columns = [np.asarray(column) for column in prices.values()]
    return all(not len(column) or -_EXACT <= column.min() <= column.max() <= _EXACT for column in columns)


def _int_column(values: npt.ArrayLike) -> IntArray:
    return np.ascontiguousarray(values, dtype=np.int64).view()


def _float_column(values: npt.ArrayLike) -> FloatArray:
    return np.ascontiguousarray(values, dtype=np.float64).view()


def blocks_of(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Bars [start, stop) as consecutive ranges of at most 16,384 bars.

    A calculation of several steps over a long range is done a block at a time: its temporary arrays are small then and
    are read from the cache, not from memory.
    """
    for first in range(start, stop, _BLOCK):
        yield first, min(stop, first + _BLOCK)


def gap_places(ts_open: IntArray, timeframe_ms: int) -> IntArray:
    """Index of the bar before each gap, oldest first: the next bar opens two or more timeframes later."""
    found = [
        np.flatnonzero(ts_open[first + 1 : stop + 1] - ts_open[first:stop] >= 2 * timeframe_ms) + first
        for first, stop in blocks_of(0, len(ts_open) - 1)
    ]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def gaps_of(bars: Bars) -> tuple[tuple[int, int], ...]:
    """(index of the bar before the gap, number of bars missing) for every gap, oldest first."""
    places = gap_places(bars.ts_open, bars.timeframe_ms)
    missing = (bars.ts_open[places + 1] - bars.ts_open[places]) // bars.timeframe_ms - 1
    return tuple(zip(places.tolist(), missing.tolist(), strict=True))


def data_digest(bars: Bars) -> str:
    """blake2b-128 (hex) over the int64 columns, little endian: opens, four prices, and the bits of the float volume.

    Prices count on the coarsest grid that holds them all, so neither the instrument's tick nor trailing zeros in the
    file change the digest.
    """
    digits = bars.price_digits
    prices: list[IntArray] = [getattr(bars, name) for name in _PRICES]
    while digits > 0 and not any((column % 10).any() for column in prices):
        prices = [column // 10 for column in prices]
        digits -= 1
    digest = hashlib.blake2b(digits.to_bytes(8, "little"), digest_size=16)
    for column in (bars.ts_open, *prices, bars.volume.view(np.int64)):
        digest.update(column.astype("<i8").tobytes())
    return digest.hexdigest()
