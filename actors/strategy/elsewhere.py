"""What a card's account holds in other symbols than its own."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from actors.model.instrument import Instrument
from actors.model.position import Position
from ideacards.feeds import Bars, GrowingBars

__all__ = ["NOTHING_ELSE", "Columns", "Elsewhere", "unrealised"]

Columns = Bars | GrowingBars
Elsewhere = Mapping[str, tuple[Columns, Instrument]]
NOTHING_ELSE: Elsewhere = MappingProxyType({})


def unrealised(held: Mapping[str, Position], elsewhere: Elsewhere, time_ms: int) -> int:
    """Unrealised PnL of these positions, in Money, at the last closes of their symbols not after `time_ms`."""
    total = 0
    for symbol, position in held.items():
        columns, instrument = elsewhere[symbol]
        bars = columns.newest()
        last = int(np.searchsorted(bars.ts_close, time_ms, side="right")) - 1
        if last >= 0:
            total += instrument.value(int(bars.price_close[last]), position.qty) - position.cost
    return total
