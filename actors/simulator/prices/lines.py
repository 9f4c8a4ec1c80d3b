"""The prices that orders wait for: last, mark, index, and the two sides of the quotes, each with its own walk and book.

A price without data of its own is the last price: the same line. A trigger lies in the book of the price it names, a
buy limit in the book of the ask, a sell limit in that of the bid. The line of the last price leads; the others are
taken along to wherever it stands whenever something happens.
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
    """Bars of one price, on the times of the market's bars, and what is known of the way inside them."""

    bars: Bars
    finer: FinerData | None = None


@attrs.frozen(eq=False)
class PriceInputs:
    """What a market runs on beside its bars; None is not given, and the last price stands in."""

    finer: FinerData | None = None  # of the last price
    mark: LineData | None = None
    index: LineData | None = None
    ask: LineData | None = None
    bid: LineData | None = None
    sizes: TradeSizes | None = None  # what was traded at the points of the last price's path


@attrs.frozen(eq=False)
class PriceLine:
    """Where one price stands, and what waits for it."""

    walk: BarWalk
    book: PendingOrderBook


class PriceLines:
    """`last` leads; `others` are those with data of their own."""

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
        """What somebody of this side trades against."""
        return self.ask if side > 0 else self.bid

    def trigger(self, kind: PriceKind) -> PriceLine:
        """The line of a kind of price."""
        return self._triggers[kind]

    @property
    def size(self) -> int:
        """How many orders wait in all books."""
        if not self.others:
            return self.last.book.size
        return sum(line.book.size for line in self.all)

    def follow(self) -> None:
        """Take the others along to where the last price stands."""
        if self.others:
            walk = self.last.walk
            for line in self.others:
                line.walk.follow(walk.index, walk.time_ms, is_open=walk.is_open)
