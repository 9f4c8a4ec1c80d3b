"""The liquidation guard: an order of the venue itself at the price at which the account would now be liquidated.

It rests in the book of the mark price and is placed again whenever its level changes. When several positions share
their risk there is no single liquidation price, and the time line checks the account itself.
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
    """A conditional market order that closes all of a position when the price named by `by` reaches `level`."""
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
    """The guard of one symbol; `order` is None if no price would liquidate the position."""

    def __init__(self, instrument: Instrument, account: Account, mark: PriceLine) -> None:
        self.order: PendingOrder | None = None
        self._instrument = instrument
        self._account = account
        self._mark = mark
        self._has_tiers = bool(instrument.tiers)
        self._is_isolated = account.wallet.mode is MarginMode.ISOLATED

    def set(self) -> None:
        """Move the guard to the current liquidation price, or remove it if there is none."""
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
        """A new order, in no book yet, that closes the position when the mark reaches `level`."""
        held = self._account.position.qty
        request = closing_request(self._instrument.symbol, held, Price(level), is_falling=held > 0)
        order = PendingOrder(request, "", 0, Origin.LIQUIDATION)
        order.line = self._mark
        return order

    def price_met(self, order: PendingOrder, market: int) -> int:
        """The price at which the venue takes the position over; removes the guard.

        An isolated position: its bankruptcy price, and the venue's insurance fund keeps what is left of the margin. In
        cross margin: the mark, but not beyond the bankruptcy price.
        """
        self.order = None
        account = self._account
        last = bankruptcy_price(account.position, account.backing, self._instrument)
        if self._is_isolated:
            return last
        price = trigger_price_met(order.is_met_falling, order.level, market)
        return max(price, last) if order.is_met_falling else min(price, last)
