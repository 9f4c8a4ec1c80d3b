"""The equity curve: the account marked at every bar close of the reported range, and its drawdown.

equity = start + cash flows of the fills so far + position x close, all on Money's grid; drawdown = the fraction below
the highest bar-close equity so far. Columns are int64 where every value fits, Python integers where one might not.
"""

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from actors.app.trips import Step
from actors.model.instrument import Instrument
from ideacards.feeds import Bars

__all__ = ["EquityCurve", "equity_curve", "ratio_text"]

RATIO_DIGITS = 12
_SAFE = 2**62
Column = npt.NDArray[Any]


@attrs.frozen(eq=False)
class EquityCurve:
    """One value a bar of the range: UTC ms of the close, equity and its peak (Money), drawdown, position held."""

    ts_close: npt.NDArray[np.int64]
    equity: Column
    peak: Column
    drawdown: npt.NDArray[np.float64]  # fraction of the peak; for charts and statistics
    held: npt.NDArray[np.bool_]

    @property
    def final(self) -> int:
        """Equity at the last close (Money)."""
        return int(self.equity[-1])

    @property
    def max_drawdown_text(self) -> str:
        """The deepest drawdown as an exact ratio, in text."""
        deepest = int(np.argmax(self.drawdown))
        peak = int(self.peak[deepest])
        return ratio_text(peak - int(self.equity[deepest]), peak)


def equity_curve(
    bars: Bars, start: int, stop: int, steps: Sequence[Step], start_equity: int, place: Instrument
) -> EquityCurve:
    """The curve over bars [start, stop) of an account that began with `start_equity` (Money) before them."""
    closes = bars.price_close[start:stop]
    # One unit of Qty at one unit of the file's price, as Money.
    unit = 10 ** (place.price_digits - bars.price_digits + place.rate_digits)
    cash = [start_equity, *(start_equity + step.cash for step in steps)]
    qty = [0, *(step.qty * unit for step in steps)]
    bound = max(map(abs, cash)) + max(map(abs, qty)) * int(closes.max(initial=0))
    dtype: Any = np.int64 if bound < _SAFE else object
    after = np.searchsorted([step.bar for step in steps], np.arange(start, stop), side="right")
    held_qty = np.array(qty, dtype=dtype)[after]
    equity = np.array(cash, dtype=dtype)[after] + held_qty * closes.astype(dtype)
    peak = np.maximum.accumulate(equity)
    drawdown = ((peak - equity) / peak).astype(np.float64)
    return EquityCurve(bars.ts_close[start:stop], equity, peak, drawdown, (held_qty != 0).astype(bool))


def ratio_text(numerator: int, denominator: int) -> str:
    """numerator / denominator, both not negative, rounded half up to 12 decimals, in plain text."""
    scaled = (2 * numerator * 10**RATIO_DIGITS + denominator) // (2 * denominator)
    whole, part = divmod(scaled, 10**RATIO_DIGITS)
    return f"{whole}.{part:0{RATIO_DIGITS}d}"
