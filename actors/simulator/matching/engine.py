"""The matching engine: what happens to an order after the venue has accepted it.

The market calls it with one event at a time, and it decides: take, rest, trigger, fill, end. `agenda.py` finds the
next event, `arithmetic.py` computes prices and quantities, `protection.py` and `guard.py` handle the position's own
orders.
"""

from actors.model.fixed import Money, Price, Qty
from actors.model.instrument import Instrument
from actors.model.order import Fill, OrderReport, OrderRequest, Side, TimeInForce, VenueStatus
from actors.model.origins import Origin
from actors.simulator.config import VenueConfig
from actors.simulator.margin.account import Account
from actors.simulator.margin.guard import LiquidationGuard
from actors.simulator.matching.arithmetic import (
    drifted_price,
    is_marketable,
    reducible_qty,
    slipped_price,
    trigger_price_met,
    worst_price_within,
)
from actors.simulator.matching.liquidity import Liquidity
from actors.simulator.matching.pending import FROM_HERE, PendingOrder
from actors.simulator.matching.protection import PositionProtection
from actors.simulator.matching.registry import OrderRegistry
from actors.simulator.matching.told import TOLD, Told
from actors.simulator.prices.lines import PriceLines
from actors.simulator.prices.walk import Arrival, Touch
from actors.simulator.venue.reasons import EndReason

__all__ = ["MatchingEngine"]

# Every order needs these; on some Pythons an enum member's lookup costs as much as a call, so they are constants.
_USER = Origin.USER
_LIQUIDATION = Origin.LIQUIDATION
_FILLED = VenueStatus.FILLED
_CANCELLED = VenueStatus.CANCELLED
_NEXT_OPEN = Arrival.NEXT_OPEN


class MatchingEngine:
    """Orders, books, account and executions of one symbol; `lines` hold the current prices."""

    def __init__(
        self,
        instrument: Instrument,
        config: VenueConfig,
        lines: PriceLines,
        account: Account,
        liquidity: Liquidity,
        events: list[OrderReport | Fill],
    ) -> None:
        self.lines = lines
        self.walk = lines.last.walk
        self.account = account
        self.registry = OrderRegistry(lines, account, events)
        self.fills: list[Fill] = []
        self._fills_made = 0
        self.guard = LiquidationGuard(instrument, account, lines.mark)
        self.protection = PositionProtection(instrument.symbol, self.registry, account, lines, self._enter)
        self.liquidity = liquidity
        self._is_limited = liquidity.is_limited
        self._has_tiers = bool(instrument.tiers)
        self._instrument = instrument
        self._tick = instrument.tick
        self._drift = config.drift_ticks_per_second
        self._slips = bool(config.slippage_ticks or config.slippage_share[0])
        self._is_bound = bool(config.slippage_tolerance_ticks or config.slippage_tolerance_share[0])
        self._config = config

    # -- commands -----------------------------------------------------------------------------------------------------

    def accept(self, request: OrderRequest, arrival: Arrival, now_ms: int) -> PendingOrder:
        """Open an order for a request that has passed admission."""
        order = self.registry.new_order(request, now_ms)
        self._enter(order, arrival, now_ms)
        return order

    def amend(self, order: PendingOrder, request: OrderRequest, arrival: Arrival, now_ms: int) -> None:
        """Apply a change that has passed admission; the order loses its time priority and meets the market again."""
        self.registry.withdraw(order)
        self.registry.renew(order, request)
        self._enter(order, arrival, now_ms)

    def cancel(self, order: PendingOrder, reason: str, now_ms: int) -> None:
        """Cancel an open order; what it has filled stays."""
        self.registry.withdraw(order)
        self.registry.end(order, _CANCELLED, reason, now_ms)

    def fill_resting(self, order: PendingOrder, now_ms: int) -> None:
        """Fill a resting limit order at its price, as if somebody had come to it."""
        self.registry.withdraw(order)
        self._execute(order, order.level, now_ms, FROM_HERE, is_maker=True)

    # -- market events ------------------------------------------------------------------------------------------------

    def meet_due(self) -> None:
        """Match the oldest due order against the current market."""
        order, lines = self.registry.due.pop(0), self.lines
        walk = lines.side(order.request.side).walk if lines.others else self.walk
        self._meet(order, walk.price_for(order.request.side, self._tick), self.walk.time_ms, walk.unseen_ms)

    def meet_touched(self, touch: Touch) -> None:
        """The path has reached an order: a limit fills, a trigger acts."""
        order = touch.order
        line = order.line
        assert line is not None
        line.walk.move(touch.time_ms, touch.leg, touch.price)
        if self.lines.others:
            self.walk.reach(touch.time_ms)
            self.lines.follow()
        self.registry.take_out(order)
        if order is self.guard.order:
            self._liquidate(order, touch.price, touch.time_ms)
            return
        met = line.walk.price_for(order.request.side, self._tick)
        if order.origin is Origin.TRAILING_STOP and not order.is_untriggered:
            self._close(order, met, touch.time_ms)
        elif order.is_untriggered:
            self._trigger(order, met, touch.time_ms)
        else:
            self._execute(order, order.level, touch.time_ms, touch.leg, is_maker=True)

    def fund(self, rate: int, time_ms: int) -> None:
        """Pay funding for the position and record it as an execution, as Bybit does."""
        mark, held = self.lines.mark.walk.price, self.account.position.qty
        payment = self.account.pay_funding(mark, rate)
        side = Side.BUY if held > 0 else Side.SELL
        self._tell_fill(
            order_id="",
            link_id="",
            side=side,
            price=mark,
            qty=abs(held),
            fee=payment,
            is_maker=False,
            time_ms=time_ms,
            told=TOLD[Origin.FUNDING],
        )
        self.guard.set()

    def deliver(self, time_ms: int) -> None:
        """Delist the instrument: cancel all orders and settle the position at the mark, without a fee."""
        account, mark = self.account, self.lines.mark.walk.price
        for order in [*self.registry.open.values()]:
            self.cancel(order, EndReason.DELISTED, time_ms)
        self.protection.closed(time_ms)
        held = account.position.qty
        if held:
            side = Side.SELL if held > 0 else Side.BUY
            account.book(side, abs(held), mark, 0)
            self._tell_fill(
                order_id="",
                link_id="",
                side=side,
                price=mark,
                qty=abs(held),
                fee=0,
                is_maker=False,
                time_ms=time_ms,
                told=TOLD[Origin.DELIVERY],
            )
        self.guard.set()

    def liquidate(self, time_ms: int) -> None:
        """The venue takes the position over at the current mark."""
        mark = self.lines.mark.walk.price
        self._liquidate(self.guard.order_at(mark), mark, time_ms)

    def _liquidate(self, order: PendingOrder, market: int, time_ms: int) -> None:
        """Cancel all orders, then close the position; the venue bears the loss beyond the bankruptcy price."""
        registry = self.registry
        for other in [*registry.open.values()]:
            self.cancel(other, EndReason.LIQUIDATION, time_ms)
        price = self.guard.price_met(order, market)
        order.order_id = f"liq{self._fills_made + 1}"
        registry.protection[_LIQUIDATION] = order
        self._execute(order, price, time_ms, FROM_HERE, is_maker=False)

    # -- arrival ------------------------------------------------------------------------------------------------------

    def _enter(self, order: PendingOrder, arrival: Arrival, now_ms: int) -> None:
        """Reserve margin, report an order's (new) terms, and queue it: due, late, or in the book if untriggered."""
        request, registry, walk = order.request, self.registry, self.walk
        order.arrived_ms = now_ms
        order.live_point, order.rests = FROM_HERE, False
        if request.reduce_only:
            order.qty = Qty(min(order.qty, order.filled_qty + reducible_qty(self.account.position.qty, request.side)))
        elif not order.is_untriggered:
            registry.reserve(order, walk.price)
        if order.is_market and not order.is_untriggered:
            self._bind(order, walk.price)
        if order.origin is _USER and (order.is_untriggered or not order.is_market):
            registry.tell(order, order.status, now_ms)
        if arrival is _NEXT_OPEN and walk.is_open:
            registry.late.append(order)
        elif order.is_untriggered:
            registry.put(order)
        else:
            registry.due.append(order)

    def _bind(self, order: PendingOrder, reference: int) -> None:
        """Set a market order's worst price beyond `reference`: by its own slippage tolerance, else the venue's."""
        request, config = order.request, self._config
        ticks, share = request.slippage_tolerance_ticks or 0, (request.slippage_tolerance_bp or 0, 10_000)
        if not ticks and not share[0]:
            if not self._is_bound:
                return
            ticks, share = config.slippage_tolerance_ticks, config.slippage_tolerance_share
        order.worst_price = worst_price_within(reference, request.side, ticks, share, self._instrument.tick)

    # -- matching -----------------------------------------------------------------------------------------------------

    def _meet(self, order: PendingOrder, market: int, time_ms: int, unseen_ms: int = 0) -> None:
        """An active order meets the market, last seen `unseen_ms` ago: it takes, rests or ends."""
        request = order.request
        if order.is_market:
            self._take(order, market, time_ms, unseen_ms)
            return
        policy = request.time_in_force
        if is_marketable(request.side, order.level, market):
            if policy is TimeInForce.POST_ONLY:
                self.registry.end(order, _CANCELLED, EndReason.WOULD_TAKE, time_ms)
            else:
                self._take(order, market, time_ms, unseen_ms)
        elif policy is TimeInForce.IOC:
            self.registry.end(order, _CANCELLED, EndReason.NOTHING_TO_TAKE, time_ms)
        elif policy is TimeInForce.FOK:
            self.registry.end(order, _CANCELLED, EndReason.NOT_ALL_AT_ONCE, time_ms)
        else:
            self.registry.put(order)

    def _trigger(self, order: PendingOrder, met: int, time_ms: int) -> None:
        """A trigger acts where the path met it: its order is active from here, at the price of its own side."""
        registry, request = self.registry, order.request
        line = self.lines.side(request.side)
        reference = trigger_price_met(order.is_met_falling, order.level, met)
        market = reference if order.line is line else line.walk.price_for(request.side, self._tick)
        order.live_point = FROM_HERE
        if order.origin is Origin.TRAILING_STOP:
            self.protection.activate(order)
            return
        if order.is_market:
            self._bind(order, order.level if order.line is line else market)
        if order.origin is not _USER:
            self._act_for_position(order, market, time_ms)
            return
        registry.mark_triggered(order)
        if request.close_on_trigger:
            order.qty = Qty(reducible_qty(self.account.position.qty, request.side) if not request.qty else order.qty)
        registry.tell(order, VenueStatus.TRIGGERED, time_ms)
        if not order.is_market and not request.reduce_only:
            if not self.account.can_open(market, request.side, order.left, order.level * order.left):
                registry.end(order, _CANCELLED, EndReason.MARGIN, time_ms)
                return
            registry.reserve(order, market)
        self._meet(order, market, time_ms)
        if order.status is VenueStatus.TRIGGERED:  # neither ended nor filled in part: it rests
            registry.tell(order, VenueStatus.NEW, time_ms)

    def _act_for_position(self, order: PendingOrder, market: int, time_ms: int) -> None:
        """The position's own stop loss or take profit acts, for all or a part of it, at market or with its limit."""
        held = abs(self.account.position.qty)
        order.qty = Qty(min(order.qty, held) if order.order_id in self.registry.partial else held)
        if order.is_market:
            self._take(order, market, time_ms)
            return
        order.is_untriggered = False
        self._meet(order, market, time_ms)

    def _close(self, order: PendingOrder, market: int, time_ms: int) -> None:
        """The trailing stop has been met: close the position at market."""
        order.qty = Qty(abs(self.account.position.qty))
        self._bind(order, market)
        side = order.request.side
        line = self.lines.side(side)
        self._take(order, market if line is self.lines.last else line.walk.price_for(side, self._tick), time_ms)

    def _take(self, order: PendingOrder, market: int, time_ms: int, unseen_ms: int = 0) -> None:
        """Fill at the market plus drift and slippage, never beyond the order's limit; cancel beyond its worst price."""
        price, side = market, order.request.side
        if unseen_ms:
            price = drifted_price(price, side, unseen_ms, self._drift, self._tick)
        if self._slips:
            config = self._config
            price = slipped_price(price, side, config.slippage_ticks, config.slippage_share, self._tick)
        if price != market and not order.is_market:
            price = min(price, order.level) if side > 0 else max(price, order.level)
        if order.worst_price is not None and side * (price - order.worst_price) > 0:
            self.registry.end(order, _CANCELLED, EndReason.NOTHING_TO_TAKE, time_ms)
            return
        self._execute(order, price, time_ms, FROM_HERE, is_maker=False)

    def _execute(self, order: PendingOrder, price: int, time_ms: int, point: int, *, is_maker: bool) -> None:
        """Fill as much of an order at `price` as liquidity allows; cancel it if margin does not suffice."""
        request, account, registry = order.request, self.account, self.registry
        side, before = request.side, account.position.qty
        if order.reserved:
            registry.release(order)
        if request.reduce_only:
            order.qty = Qty(min(order.qty, order.filled_qty + reducible_qty(before, side)))
        qty = order.left
        if self._is_limited and order.origin is not _LIQUIDATION:
            qty = min(qty, self.liquidity.available(self.walk.index, point, rests=is_maker))
            if qty < order.left and request.time_in_force is TimeInForce.FOK and not order.is_market:
                registry.end(order, _CANCELLED, EndReason.NOT_ALL_AT_ONCE, time_ms)
                return
            if not qty:
                self._keep(order, time_ms, is_maker)
                return
        if not is_maker and not account.can_open(price, side, qty, price * qty):
            registry.end(order, _CANCELLED, EndReason.MARGIN, time_ms)
            return
        instrument = self._instrument
        fee = account.book(side, qty, price, instrument.maker_rate if is_maker else instrument.taker_rate)
        self._tell_fill(order.order_id, request.link_id, side, price, qty, fee, is_maker, time_ms, order.told)
        order.filled_qty = Qty(order.filled_qty + qty)
        order.filled_value = Money(order.filled_value + instrument.value(price, qty))
        if self._is_limited:
            self.liquidity.use(qty, rests=is_maker)
        if order.qty == order.filled_qty:
            registry.end(order, _FILLED, "", time_ms)
        else:
            registry.tell(order, VenueStatus.PARTIALLY_FILLED, time_ms)
            self._keep(order, time_ms, is_maker)
        if self._has_tiers:
            self.guard.set()
        if before or request.protection is not None:
            self._follow_up(order, before, qty, time_ms)

    def _keep(self, order: PendingOrder, time_ms: int, is_maker: bool) -> None:
        """Let the rest of a partial fill wait for the next trade of this bar or for the next bar, or cancel it."""
        registry, request, walk = self.registry, order.request, self.walk
        if order.is_market or request.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
            reason = EndReason.NOT_ENOUGH if order.filled_qty else EndReason.NOTHING_TO_TAKE
            registry.end(order, _CANCELLED, reason, time_ms)
            return
        if not request.reduce_only:
            registry.reserve(order, walk.price)
        order.rests = True
        line = self.lines.of(order)
        following = line.walk.leg + 1
        if is_maker and following <= line.walk.last_point and self.liquidity.has_trades(walk.index):
            order.live_point = following
            registry.wait(order)
        else:
            order.live_point = FROM_HERE
            registry.late.append(order)

    def _follow_up(self, order: PendingOrder, before: int, qty: int, time_ms: int) -> None:
        """Update the position's own orders after a fill."""
        after = self.account.position.qty
        if before and (after == 0 or (after > 0) is not (before > 0)):
            self._position_closed(time_ms)
        elif order.oco_sibling is not None:
            self.protection.reduce_oco_sibling(order, qty, time_ms)
        if order.request.protection is not None and after * order.request.side > 0:
            self.protection.of_fill(order.request.protection, qty, time_ms)

    def _tell_fill(
        self,
        order_id: str,
        link_id: str,
        side: Side,
        price: int,
        qty: int,
        fee: int,
        is_maker: bool,
        time_ms: int,
        told: Told,
    ) -> None:
        self._fills_made += 1
        fill = Fill(
            exec_id=f"e{self._fills_made}",
            order_id=order_id,
            link_id=link_id,
            symbol=self._instrument.symbol,
            side=side,
            price=Price(price),
            qty=Qty(qty),
            fee=Money(fee),
            is_maker=is_maker,
            time_ms=time_ms,
            exec_type=told.exec_type,
            create_type=told.create_type,
            stop_order_type=told.stop_order_type,
            fee_currency=self._instrument.settle_coin,
        )
        self.fills.append(fill)
        self.registry.events.append(fill)

    def _position_closed(self, time_ms: int) -> None:
        """The position has closed: remove its protection and cancel reduce-only orders that can no longer reduce it."""
        registry = self.registry
        self.protection.closed(time_ms)
        held = self.account.position.qty
        for order in list(registry.reduce_only.values()):
            if reducible_qty(held, order.request.side) == 0:
                self.cancel(order, EndReason.BY_REDUCE_ONLY, time_ms)
