"""Bars: the columns of one symbol and timeframe, oldest first, as read-only numpy arrays.

Every price stands twice: as int64 on the grid 10^-price_digits, for whatever touches money, and as float64 for
features. Missing bars are not filled; `gaps_of` counts them. No row objects: whoever needs one bar indexes a column.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

__all__ = ["BAR_COLUMNS", "Bars", "BoolArray", "FloatArray", "IntArray", "data_digest", "gaps_of"]

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

BAR_COLUMNS = ("open", "high", "low", "close", "volume")
_PRICES = ("price_open", "price_high", "price_low", "price_close")
_FIELDS = ("ts_open", "ts_close", *BAR_COLUMNS, *_PRICES)


@attrs.frozen(eq=False)
class Bars:
    """Equally long columns: times in UTC ms, prices as float64 and as int64 of 10^-price_digits, volume as float64."""

    symbol: str
    timeframe_ms: int
    price_digits: int
    ts_open: IntArray
    ts_close: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    price_open: IntArray
    price_high: IntArray
    price_low: IntArray
    price_close: IntArray

    def __attrs_post_init__(self) -> None:
        lengths = {name: len(getattr(self, name)) for name in _FIELDS}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"columns of different lengths: {lengths}")
        for name in _FIELDS:
            getattr(self, name).flags.writeable = False

    def __len__(self) -> int:
        return len(self.ts_open)

    def newest(self) -> "Bars":
        """These; columns that grow have a method of the same name."""
        return self

    def head(self, count: int) -> "Bars":
        """The first `count` bars, on the same memory."""
        return attrs.evolve(self, **{name: getattr(self, name)[:count] for name in _FIELDS})

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
        if floats is None:
            if any((np.abs(column) > 2**53).any() for column in scaled.values()):
                raise ValueError("a price beyond 2^53 needs its float from the text")
            floats = {name: column / 10.0**price_digits for name, column in scaled.items()}
        columns: dict[str, Any] = {name: _float_column(floats[name]) for name in scaled}
        columns |= {f"price_{name}": column for name, column in scaled.items()}
        columns["volume"] = _float_column(volume)
        return cls(symbol, timeframe_ms, price_digits, ts_open=opens, ts_close=opens + timeframe_ms, **columns)


def _int_column(values: npt.ArrayLike) -> IntArray:
    return np.ascontiguousarray(values, dtype=np.int64).view()


def _float_column(values: npt.ArrayLike) -> FloatArray:
    return np.ascontiguousarray(values, dtype=np.float64).view()


def gaps_of(bars: Bars) -> tuple[tuple[int, int], ...]:
    """(index of the bar before the gap, number of bars missing) for every gap, oldest first."""
    missing = np.diff(bars.ts_open) // bars.timeframe_ms - 1
    places = np.flatnonzero(missing > 0)
    return tuple(zip(places.tolist(), missing[places].tolist(), strict=True))


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
