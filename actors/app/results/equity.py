"""The equity curve: the account marked at every bar close of the reported range, and its drawdown.

equity = start + cash flows of the fills so far + position x close, all on Money's grid; drawdown = the fraction below
the highest bar-close equity so far. One compiled pass finds the deepest drawdown without any column; the columns are
made when they are first asked for. They are int64 where every value fits, else Python integers.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import attrs
import numpy as np
import numpy.typing as npt

from actors.app.results.trips import Step
from actors.model.instrument import Instrument
from ideacards.compiled import read_only
from ideacards.feeds import Bars

__all__ = ["EquityCurve", "equity_curve", "ratio_text"]

RATIO_DIGITS = 12
_SAFE = 2**62
Column = npt.NDArray[Any]


class _Columns(NamedTuple):
    gain: Column
    peak_gain: Column
    drawdown: npt.NDArray[np.float64]
    held: npt.NDArray[np.bool_]


@attrs.frozen(eq=False)
class EquityCurve:
    """One value a bar of the range: UTC ms of the close, equity and its peak (Money), drawdown, position held.

    Equity stands as what was gained over `start_equity`: in Money's units the whole rarely fits 64 bits, a gain does.
    The account's states are its `_cash` (Money) and `_qty` (Money a unit of the file's price) after each fill, the
    first one before all fills; state n ends at bar `_ends[n]`, exclusive, the last one with the range.
    """

    ts_close: npt.NDArray[np.int64]
    start_equity: int
    _closes: npt.NDArray[np.int64]
    _ends: npt.NDArray[np.int64]
    _cash: Column
    _qty: Column

    @property
    def gain(self) -> Column:
        """Equity less `start_equity` (Money)."""
        return self._columns.gain

    @property
    def peak_gain(self) -> Column:
        """The highest gain so far (Money)."""
        return self._columns.peak_gain

    @property
    def drawdown(self) -> npt.NDArray[np.float64]:
        """Fraction below the peak; for charts and statistics."""
        return self._columns.drawdown

    @property
    def held(self) -> npt.NDArray[np.bool_]:
        """Whether a position was open at the close."""
        return self._columns.held

    @property
    def equity(self) -> Column:
        """Equity (Money), exactly."""
        most = int(np.abs(self.gain).max(initial=0)) + abs(self.start_equity)
        return self.gain.astype(np.int64 if most < _SAFE else object) + self.start_equity

    def equity_floats(self, scale: float) -> npt.NDArray[np.float64]:
        """Equity over `scale`, for charts and statistics."""
        floats: npt.NDArray[np.float64] = self.gain.astype(np.float64)
        floats += float(self.start_equity)
        floats /= scale
        return floats

    @property
    def final(self) -> int:
        """Equity at the last close (Money)."""
        state = int(np.searchsorted(self._ends, len(self._closes) - 1, side="right"))
        return self.start_equity + int(self._cash[state]) + int(self._qty[state]) * int(self._closes[-1])

    @property
    def max_drawdown_text(self) -> str:
        """The deepest drawdown as an exact ratio, in text."""
        if self._cash.dtype == object:
            at = int(np.argmax(self.drawdown))
            gain, peak = int(self.gain[at]), int(self.peak_gain[at])
        else:
            from actors.app.results.curve_passes import deepest  # numba: 0.2 s, which `--help` need not wait for

            gain, peak = map(int, deepest(*self._states, float(self.start_equity)))
        return ratio_text(peak - gain, self.start_equity + peak)

    @property
    def _states(self) -> tuple[Column, Column, Column, Column]:
        return read_only(self._closes), read_only(self._ends), read_only(self._cash), read_only(self._qty)

    @cached_property
    def _columns(self) -> _Columns:
        if self._cash.dtype == object:
            return _wide_columns(self._closes, self._ends, self._cash, self._qty, self.start_equity)
        from actors.app.results.curve_passes import columns

        return _Columns(*columns(*self._states, float(self.start_equity)))


def equity_curve(
    bars: Bars, start: int, stop: int, steps: Sequence[Step], start_equity: int, instrument: Instrument
) -> EquityCurve:
    """The curve over bars [start, stop) of an account that began with `start_equity` (Money) before them."""
    closes = bars.price_close[start:stop]
    # One unit of Qty at one unit of the file's price, as Money.
    unit = 10 ** (instrument.price_digits - bars.price_digits + instrument.rate_digits)
    cash = [0, *(step.cash for step in steps)]
    qty = [0, *(step.qty * unit for step in steps)]
    bound = max(map(abs, cash)) + max(map(abs, qty)) * int(closes.max(initial=0))
    dtype: Any = np.int64 if bound < _SAFE else object
    # The account is as after the last fill up to and in a bar.
    ends = np.clip(np.array([step.bar for step in steps], dtype=np.int64) - start, 0, stop - start)
    account = (np.array(cash, dtype=dtype), np.array(qty, dtype=dtype))
    return EquityCurve(bars.ts_close[start:stop], start_equity, closes, ends, *account)


def _wide_columns(
    closes: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], cash: Column, qty: Column, start_equity: int
) -> _Columns:
    """The columns, whatever the width of a number."""
    lasts = np.diff(ends, prepend=0, append=len(closes))
    quantities = np.repeat(qty, lasts)
    gain = np.repeat(cash, lasts) + quantities * closes.astype(qty.dtype, copy=False)
    peak_gain = np.maximum.accumulate(gain)
    depth = (peak_gain - gain).astype(np.float64)
    drawdown = depth / (peak_gain.astype(np.float64) + float(start_equity))
    return _Columns(gain, peak_gain, drawdown, (quantities != 0).astype(bool, copy=False))


def ratio_text(numerator: int, denominator: int) -> str:
    """numerator / denominator, both not negative, rounded half up to 12 decimals, in plain text."""
    scaled = (2 * numerator * 10**RATIO_DIGITS + denominator) // (2 * denominator)
    whole, part = divmod(scaled, 10**RATIO_DIGITS)
    return f"{whole}.{part:0{RATIO_DIGITS}d}"
