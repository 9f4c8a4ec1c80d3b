"""The guard: an order of the venue's own that stands where the account, as it is now, would be liquidated.

It lies in the book of the mark price and is set anew whenever something changes that its level hangs on. Where several
positions share one risk there is no such price, and the time line looks at the account itself.
"""

from actors.model.fixed import Price, Qty
from actors.model.instrument import Instrument
from actors.model.order import OrderRequest, OrderType, PriceKind, Side, TriggerDirection
from actors.model.origins import Origin
from actors.simulator.config import MarginMode
from actors.simulator.margin.account import Account
from actors.simulator.margin.liquidation import bankruptcy_price, liquidation_level
from actors.simulator.matching.arithmetic import trigger_price_met
from actors.simulator.matching.pending import PendingOrder
from actors.simulator.prices.lines import PriceLine

__all__ = ["LiquidationGuard", "closing_request"]


def closing_request(
    symbol: str, held: int, level: Price, *, is_falling: bool, by: PriceKind = PriceKind.LAST
) -> OrderRequest:
    """All of a position at market, when a price has come to `level`."""
    return OrderRequest(
        "",
        symbol,
        Side.SELL if held > 0 else Side.BUY,
        OrderType.MARKET,
        Qty(abs(held)),
        trigger_price=level,
        trigger_direction=TriggerDirection.FALL if is_falling else TriggerDirection.RISE,
        reduce_only=True,
        trigger_by=by,
    )


class LiquidationGuard:
    """Of one symbol; `order` is None where no price would liquidate it."""

    def __init__(self, instrument: Instrument, account: Account, mark: PriceLine) -> None:
        self.order: PendingOrder | None = None
        self._instrument = instrument
        self._account = account
        self._mark = mark
        self._has_tiers = bool(instrument.tiers)
        self._is_isolated = account.wallet.mode is MarginMode.ISOLATED

    def set(self) -> None:
        """Put it where it belongs now."""
        if not self._has_tiers:
            return
        account, mark = self._account, self._mark
        if self.order is not None and self.order.is_in_book:
            mark.book.remove(self.order)
        self.order = None
        if account.wallet.shares_risk:
            return
        level = liquidation_level(account.position, account.backing, self._instrument, is_isolated=self._is_isolated)
        if level is not None:
            self.order = self.order_at(level)
            mark.book.add(self.order)

    def order_at(self, level: int) -> PendingOrder:
        """What closes the position when the mark has come to a price."""
        held = self._account.position.qty
        request = closing_request(self._instrument.symbol, held, Price(level), is_falling=held > 0)
        order = PendingOrder(request, "", 0, Origin.LIQUIDATION)
        order.line = self._mark
        return order

    def price_met(self, order: PendingOrder, market: int) -> int:
        """Where the position is taken over; the guard is gone.

        An isolated one at its bankruptcy price: what the market leaves of its margin goes into the venue's insurance
        fund. In cross margin at the mark, but not beyond the bankruptcy price.
        """
        self.order = None
        account = self._account
        last = bankruptcy_price(account.position, account.backing, self._instrument)
        if self._is_isolated:
            return last
        price = trigger_price_met(order.is_met_falling, order.level, market)
        return max(price, last) if order.is_met_falling else min(price, last)
