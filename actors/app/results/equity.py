"""The equity curve: the account marked at every bar close of the reported range, and its drawdown.

equity = start + cash flows of the fills so far + position x close, all on Money's grid; drawdown = the fraction below
the highest bar-close equity so far. Columns are int64 where every value fits, Python integers where one might not.
"""

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from actors.app.results.trips import Step
from actors.model.instrument import Instrument
from ideacards.feeds import Bars

__all__ = ["EquityCurve", "equity_curve", "ratio_text"]

RATIO_DIGITS = 12
_SAFE = 2**62
Column = npt.NDArray[Any]


@attrs.frozen(eq=False)
class EquityCurve:
    """One value a bar of the range: UTC ms of the close, equity and its peak (Money), drawdown, position held.

    Equity stands as what was gained over `start_equity`: in Money's units the whole rarely fits 64 bits, a gain does.
    """

    ts_close: npt.NDArray[np.int64]
    start_equity: int
    gain: Column
    peak_gain: Column
    drawdown: npt.NDArray[np.float64]  # fraction of the peak; for charts and statistics
    held: npt.NDArray[np.bool_]

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
        return self.start_equity + int(self.gain[-1])

    @property
    def max_drawdown_text(self) -> str:
        """The deepest drawdown as an exact ratio, in text."""
        deepest = int(np.argmax(self.drawdown))
        peak = int(self.peak_gain[deepest])
        return ratio_text(peak - int(self.gain[deepest]), self.start_equity + peak)


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
    # How many bars each state of the account lasts: it is as after the last fill up to and in a bar.
    ends = np.clip(np.array([step.bar for step in steps], dtype=np.int64) - start, 0, stop - start)
    lasts = np.diff(ends, prepend=0, append=stop - start)
    held_value = np.repeat(np.array(qty, dtype=dtype), lasts)
    held = (held_value != 0).astype(bool, copy=False)
    held_value *= closes.astype(dtype, copy=False)
    gain = np.repeat(np.array(cash, dtype=dtype), lasts)
    gain += held_value
    peak_gain = np.maximum.accumulate(gain)
    np.subtract(peak_gain, gain, out=held_value)  # in the place of what is not needed any more: columns are long
    below: npt.NDArray[np.float64] = peak_gain.astype(np.float64)
    below += float(start_equity)
    np.divide(held_value.astype(np.float64, copy=False) if dtype is object else held_value, below, out=below)
    return EquityCurve(bars.ts_close[start:stop], start_equity, gain, peak_gain, below, held)


def ratio_text(numerator: int, denominator: int) -> str:
    """numerator / denominator, both not negative, rounded half up to 12 decimals, in plain text."""
    scaled = (2 * numerator * 10**RATIO_DIGITS + denominator) // (2 * denominator)
    whole, part = divmod(scaled, 10**RATIO_DIGITS)
    return f"{whole}.{part:0{RATIO_DIGITS}d}"
