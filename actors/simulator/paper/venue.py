"""The paper venue: simulated matching against the trades that others make on a real exchange, as they come.

An order meets the first trade that happened after it arrived, by the exchange's clock: never a price that is older. The
venue's time is the exchange's, as well as it is known, and never goes back.
"""

from collections.abc import Mapping
from itertools import groupby

from actors.model.errors import InvariantError
from actors.model.fixed import Price, Qty
from actors.model.instrument import Instrument
from actors.model.streams import MarketTrade, MarketTrades
from actors.simulator.actor import NS_PER_MS, VenueActor
from actors.simulator.config import VenueConfig
from actors.simulator.matching.market import MarketPlan
from actors.simulator.paper.ticks import TICK_MS, TickColumns
from actors.simulator.venue.venue import Venue
from runtime.actor import handles
from runtime.context import Context

__all__ = ["PaperVenue"]


class PaperVenue(VenueActor):
    """`prices` are the last ones at `start_ms` (UTC ms), by symbol, and `leverages` the account's.

    `stale` counts trades that happened before the last order arrived, and were told after it: they match nothing.
    """

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        prices: Mapping[str, Price],
        leverages: Mapping[str, int],
        start_ms: int,
        config: VenueConfig,
        capacity: int = 4_096,
    ) -> None:
        self._ticks = {
            symbol: TickColumns(symbol, instrument.price_digits, instrument.qty_digits, capacity)
            for symbol, instrument in instruments.items()
        }
        plans = [
            MarketPlan(instrument, self._ticks[symbol].bars, 0, 0, leverage=leverages[symbol])
            for symbol, instrument in instruments.items()
        ]
        super().__init__(Venue(plans, config))
        self._clock_ms = start_ms
        self._arrived_ms = start_ms
        self.stale = 0
        for symbol, price in prices.items():
            self._tick(symbol, (MarketTrade(start_ms, price, Qty(0)),))

    @handles(MarketTrades)
    def trades(self, message: MarketTrades, ctx: Context) -> None:
        """The market has moved: match what waits, and publish what happened."""
        fresh = [trade for trade in message.trades if trade.time_ms >= self._arrived_ms]
        self.stale += len(message.trades) - len(fresh)
        for _, together in groupby(fresh, key=lambda trade: trade.time_ms):
            self._tick(message.symbol, tuple(together))
        self._publish(ctx)

    def _tick(self, symbol: str, trades: tuple[MarketTrade, ...]) -> None:
        """One more bar, and all events up to its close."""
        ticks, market = self._ticks[symbol], self.venue.markets[symbol]
        if ticks.is_full:
            ticks.begin_again()
            market.walk.grow(ticks.count, begins_again=True)
        market.agenda.event = None  # its end has come no nearer
        market.liquidity.forget_bar(ticks.count)
        time_ms = max(trades[0].time_ms, self._clock_ms)
        ticks.put(time_ms, trades)
        market.walk.grow(ticks.count)
        while (event_ms := self.venue.next_time()) is not None:
            if event_ms > time_ms + TICK_MS:
                raise InvariantError(f"an event at {event_ms} ms after the last tick closed at {time_ms + TICK_MS} ms")
            self.venue.advance()
        self._clock_ms = time_ms + TICK_MS

    def _now_ms(self, ctx: Context) -> int:
        return max(self._clock_ms, ctx.wall // NS_PER_MS)

    def _arrival_ms(self, ctx: Context) -> int:
        """The latest that the exchange's clock can show now."""
        shown_ms = (ctx.wall + (ctx.wall_error_ns or 0)) // NS_PER_MS
        self._clock_ms = self._arrived_ms = max(self._clock_ms, shown_ms)
        return self._clock_ms
