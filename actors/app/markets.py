"""What one account trades: instruments and bars by symbol, and the equity it starts with."""

from collections.abc import Callable, Mapping
from decimal import Decimal

import attrs

from actors.model.fixed import Money
from actors.model.instrument import Instrument
from actors.simulator.venue.venue import Venue
from ideacards.feeds import Bars, GrowingBars

__all__ = ["Markets", "SimulatedMarkets"]


@attrs.frozen(eq=False)
class Markets:
    """By symbol, in the order in which they were given. `bars` are complete, or grow with the market.

    `led_by` are bars that grow of symbols that cards read and nobody trades here.
    """

    instruments: Mapping[str, Instrument]
    bars: Mapping[str, Bars | GrowingBars]
    start_equity: Money
    led_by: Mapping[str, GrowingBars] = attrs.field(factory=dict, kw_only=True)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The traded symbols."""
        return tuple(self.instruments)

    def money(self, amount: Decimal) -> Money:
        """An amount as Money, whose unit all instruments of the account share."""
        return next(iter(self.instruments.values())).money(amount)


@attrs.frozen(eq=False)
class SimulatedMarkets(Markets):
    """The same for a simulated exchange: complete bars, and the venue over them."""

    bars: Mapping[str, Bars]
    build_venue: Callable[[], Venue] = attrs.field(kw_only=True)
    start_ms: int = 0  # the earliest open of all markets
