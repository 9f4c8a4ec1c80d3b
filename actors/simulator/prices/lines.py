"""The prices that orders wait for: last, mark, index, and the two sides of the quotes, each with its own walk and book.

A price without its own data shares the line of the last price. A trigger rests in the book of the price it names, a
buy limit in the book of the ask, a sell limit in that of the bid. The line of the last price leads; the others move to
the same time whenever something happens.
"""

from collections.abc import Sequence

import attrs

from actors.model.order import PriceKind, Side
from actors.simulator.matching.book import PendingOrderBook
from actors.simulator.matching.liquidity import TradeSizes
from actors.simulator.matching.pending import PendingOrder
from actors.simulator.prices.finer import FinerData
from actors.simulator.prices.path import PathPolicy
from actors.simulator.prices.walk import BarWalk
from ideacards.feeds import Bars

__all__ = ["LineData", "PriceInputs", "PriceLine", "PriceLines"]


@attrs.frozen(eq=False)
class LineData:
    """Bars of one price at the times of the market's bars, and finer data inside them."""

    bars: Bars
    finer: FinerData | None = None


@attrs.frozen(eq=False)
class PriceInputs:
    """Price data of a market besides its bars; where one is None, the last price is used."""

    finer: FinerData | None = None  # of the last price
    mark: LineData | None = None
    index: LineData | None = None
    ask: LineData | None = None
    bid: LineData | None = None
    sizes: TradeSizes | None = None  # quantities traded at the points of the last price's path


@attrs.frozen(eq=False)
class PriceLine:
    """The walk of one price, and the book of orders that wait for it."""

    walk: BarWalk
    book: PendingOrderBook


class PriceLines:
    """`last` leads; `others` are the lines with their own data."""

    def __init__(self, bars: Bars, data: PriceInputs, policy: PathPolicy, start: int, stop: int, through: int) -> None:
        def line_of(own: LineData) -> PriceLine:
            return PriceLine(BarWalk(own.bars, policy, start, stop, own.finer), PendingOrderBook(through))

        self.last = line_of(LineData(bars, data.finer))
        given = (data.mark, data.index, data.ask, data.bid)
        self.mark, self.index, self.ask, self.bid = (self.last if own is None else line_of(own) for own in given)
        self.all: Sequence[PriceLine] = tuple(dict.fromkeys((self.last, self.mark, self.index, self.ask, self.bid)))
        self.others = self.all[1:]
        self._triggers = {PriceKind.LAST: self.last, PriceKind.MARK: self.mark, PriceKind.INDEX: self.index}

    def of(self, order: PendingOrder) -> PriceLine:
        """The line that an order waits for."""
        if not self.others:
            return self.last
        if order.is_untriggered:
            return self._triggers[order.request.trigger_by]
        return self.side(order.request.side)

    def side(self, side: Side) -> PriceLine:
        """The line that a taker of this side trades against: the ask for a buy, the bid for a sell."""
        return self.ask if side > 0 else self.bid

    def trigger(self, kind: PriceKind) -> PriceLine:
        """The line of a price kind."""
        return self._triggers[kind]

    @property
    def size(self) -> int:
        """Number of orders in all books."""
        if not self.others:
            return self.last.book.size
        return sum(line.book.size for line in self.all)

    def follow(self) -> None:
        """Move the other lines to the bar and time of the last price."""
        if self.others:
            walk = self.last.walk
            for line in self.others:
                line.walk.follow(walk.index, walk.time_ms, is_open=walk.is_open)
