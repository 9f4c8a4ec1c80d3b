"""Excursions: the worst and best result of each round trip before it ended, from arrays of lows and highs.

The result of a trip at a price is its cash flow so far, before fees, plus the value of its position; it starts at 0.
Only prices count that were certainly traded while the position was held: low and high of whole bars between two fills;
in the bar of a fill the fill's price, the close if the position was still open, the open if it was open already. The
rest of those two bars may have been before the entry or after the exit, and is left out.
"""

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from actors.app.results.tape import Execution
from actors.app.results.trips import parts_of
from actors.model.instrument import Instrument
from actors.model.position import FLAT, Position, apply_fill
from ideacards.feeds import Bars

__all__ = ["Excursions", "excursions_of"]

Floats = npt.NDArray[np.float64]


@attrs.frozen(eq=False)
class Excursions:
    """One entry for each closed trip, in quote coin before fees: `worst` is at most 0, `best` at least 0."""

    worst: Floats
    best: Floats


@attrs.frozen
class _Stretch:
    """The time between two fills of one trip: signed quantity and cash, both in the instrument's units."""

    trip: int
    qty: int
    cash: int
    first_bar: int
    first_price: int
    last_bar: int
    last_price: int


def excursions_of(fills: Sequence[Execution], bars: Bars, instrument: Instrument) -> Excursions:
    """Excursions of every closed trip, in the order in which they ended."""
    stretches, count = _stretches(fills, instrument)
    if not count:
        return Excursions(np.zeros(0), np.zeros(0))
    columns = {
        name: np.array([getattr(each, name) for each in stretches]) for name in ("trip", "first_bar", "last_bar")
    }
    money = 10.0**-instrument.money_digits
    cash = np.array([each.cash for each in stretches], dtype=object).astype(np.float64) * money
    # The value of one unit of quantity at one unit of the file's price, in quote coin.
    unit = 10.0 ** -(bars.price_digits + instrument.qty_digits)
    qty = np.array([each.qty for each in stretches], dtype=np.float64) * unit
    scale = 10.0 ** (bars.price_digits - instrument.price_digits)
    first, last = columns["first_bar"], columns["last_bar"]
    outlives = last > first
    prices = [
        np.array([each.first_price for each in stretches], dtype=np.float64) * scale,
        np.array([each.last_price for each in stretches], dtype=np.float64) * scale,
        np.where(outlives, bars.price_close[first], np.nan),
        np.where(outlives, bars.price_open[last], np.nan),
        _extreme(np.minimum, bars.price_low, first + 1, last),
        _extreme(np.maximum, bars.price_high, first + 1, last),
    ]
    results = np.stack([cash + qty * price for price in prices])
    starts = np.flatnonzero(np.diff(columns["trip"], prepend=-1))
    worst = np.minimum.reduceat(np.nanmin(results, axis=0), starts)
    best = np.maximum.reduceat(np.nanmax(results, axis=0), starts)
    return Excursions(np.minimum(worst, 0.0), np.maximum(best, 0.0))


def _stretches(fills: Sequence[Execution], instrument: Instrument) -> tuple[list[_Stretch], int]:
    """Every stretch of every closed trip, and the number of closed trips."""
    position: Position = FLAT
    closed: list[_Stretch] = []
    current: list[_Stretch] = []
    cash = trip = 0
    before: tuple[int, int] | None = None  # bar and price of the trip's last fill
    for row in fills:
        for qty, value, _ in parts_of(row, position, instrument) if row.qty else ():
            if before is not None and position.qty:
                current.append(_Stretch(trip, position.qty, cash, *before, row.bar, row.price))
            position, _ = apply_fill(position, row.sign * qty, value)
            cash -= row.sign * value
            before = (row.bar, row.price)
            if position.qty == 0:
                closed += current
                current, cash, before, trip = [], 0, None, trip + 1
    return closed, trip


def _extreme(of: Any, column: npt.NDArray[np.int64], start: npt.NDArray[Any], stop: npt.NDArray[Any]) -> Floats:
    """Lowest or highest value of [start, stop) for each pair; NaN for an empty range."""
    found = np.full(len(start), np.nan)
    whole = np.flatnonzero(stop > start)
    if len(whole):
        bounds = np.column_stack((start[whole], stop[whole])).ravel()
        padded = np.append(column, column[-1])  # reduceat needs a valid index for a stop at the very end
        found[whole] = of.reduceat(padded, bounds)[::2]
    return found
