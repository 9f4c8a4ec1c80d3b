"""The matching engine: what happens to an order once it is accepted.

It is told what comes next, one event a call, and decides: take, rest, trigger, fill, end. When the next event is due is
the venue's business; which prices and parts are right is arithmetic of `matching.py`.
"""

from actors.model.fixed import Price, Qty
from actors.model.instrument import Instrument
from actors.model.order import Fill, OrderRequest, OrderType, Origin, Side, TimeInForce, TriggerDirection, VenueStatus
from actors.simulator.account import Account
from actors.simulator.book import PendingOrderBook
from actors.simulator.config import VenueConfig
from actors.simulator.liquidation import bankruptcy_price, liquidation_level
from actors.simulator.matching import drifted_price, is_marketable, reducible_qty, slipped_price, trigger_price_met
from actors.simulator.pending import FROM_HERE, PendingOrder
from actors.simulator.registry import OrderRegistry
from actors.simulator.walk import Arrival, BarWalk, Touch

__all__ = ["EndReason", "MatchingEngine"]

# On the way of every order, as module constants: looking up an enum's member costs as much as a call on some Pythons.
_USER = Origin.USER
_FILLED = VenueStatus.FILLED
_INSIDE = Arrival.INSIDE
_NEXT_OPEN = Arrival.NEXT_OPEN


class EndReason:
    """Why an order ended without a fill, in Bybit's words where it has one."""

    BY_USER = "CancelByUser"
    BY_REDUCE_ONLY = "CancelByReduceOnly"
    POSITION_CLOSED = "CancelByTpSlTsClear"
    WOULD_TAKE = "EC_PostOnlyWillTakeLiquidity"
    NOTHING_TO_TAKE = "EC_NoImmediateQtyToFill"
    NOT_ALL_AT_ONCE = "EC_CancelForNoFullFill"
    MARGIN = "INSUFFICIENT_MARGIN"
    LIQUIDATION = "CancelByPrepareLiq"


class MatchingEngine:
    """Orders, book, account and executions of one symbol; `walk` says where the market stands."""

    def __init__(self, instrument: Instrument, config: VenueConfig, walk: BarWalk) -> None:
        self.walk = walk
        self.book = PendingOrderBook(config.limit_fill_ticks * instrument.tick)
        self.account = Account(instrument, config.leverage, config.start_equity)
        self.registry = OrderRegistry(self.book, self.account)
        self.fills: list[Fill] = []
        self._instrument = instrument
        self._drift = config.drift_ticks_per_second
        self._slips = bool(config.slippage_ticks or config.slippage_share[0])
        self._config = config
        self._guard: PendingOrder | None = None  # stands in the book where the account would be liquidated
        self._has_tiers = bool(instrument.maintenance)

    # -- commands -----------------------------------------------------------------------------------------------------

    def accept(self, request: OrderRequest, arrival: Arrival, now_ms: int) -> PendingOrder:
        """Take a checked request as an open order."""
        order = self.registry.new_order(request, now_ms)
        self._enter(order, arrival, now_ms)
        return order

    def amend(self, order: PendingOrder, request: OrderRequest, arrival: Arrival, now_ms: int) -> None:
        """Put a checked change into force; the order loses its time priority and is judged anew."""
        self.registry.withdraw(order)
        self.registry.renew(order, request)
        self._enter(order, arrival, now_ms)

    def cancel(self, order: PendingOrder, reason: str, now_ms: int) -> None:
        """End an open order without a fill."""
        self.registry.withdraw(order)
        self.registry.end(order, VenueStatus.CANCELLED, reason, now_ms)

    def protect(self, origin: Origin, level: Price | None, arrival: Arrival, now_ms: int) -> None:
        """Set, move or remove (None) the position's stop or target; it closes all of the position, at market."""
        registry = self.registry
        order = registry.protection.get(origin)
        if level is None:
            if order is not None:
                registry.withdraw(order)
                registry.end(order, VenueStatus.DEACTIVATED, EndReason.BY_USER, now_ms)
            return
        request = self._protective_request(origin, level)
        if order is None:
            order = registry.new_order(request, now_ms, origin)
        elif order.request.trigger_price == level:
            return
        else:
            registry.withdraw(order)
            registry.renew(order, request)
        self._enter(order, arrival, now_ms)

    # -- market events ------------------------------------------------------------------------------------------------

    def meet_due(self) -> None:
        """Judge the oldest due order against the market it meets."""
        order = self.registry.due.pop(0)
        walk = self.walk
        if order.arrival_price is None:
            self._meet(order, walk.price, walk.time_ms)
            return
        self._meet(order, order.arrival_price, order.arrived_ms)
        if order.filled_qty:  # its price is now a point of the path
            walk.move(order.arrived_ms, walk.point_after(order.arrived_ms), order.arrival_price)

    def meet_touched(self, touch: Touch) -> None:
        """The path has come to an order: a limit fills, a trigger acts."""
        order = touch.order
        self.walk.move(touch.time_ms, touch.leg, touch.price)
        self.book.remove(order)
        if order is self._guard:
            self._liquidate(order, touch.price, touch.time_ms)
        elif order.is_armed:
            self._trigger(order, touch.price, touch.time_ms)
        else:
            self._execute(order, order.level, touch.time_ms, is_maker=True)

    def reach_point(self, number: int) -> None:
        """The path has come to a point from which waiting orders are live."""
        self.walk.move_to_point(number)
        self.registry.admit_waiting()

    def fund(self, rate: int, time_ms: int) -> None:
        """The position pays for its funding, in the row of executions, as the venue has it."""
        mark, held = self.walk.price, self.account.position.qty
        payment = self.account.pay_funding(mark, rate)
        seq = len(self.fills) + 1
        side = Side.BUY if held > 0 else Side.SELL
        fill = Fill(
            f"e{seq}",
            seq,
            "",
            "",
            self._instrument.symbol,
            side,
            Price(mark),
            Qty(0),
            payment,
            is_maker=False,
            time_ms=time_ms,
            origin=Origin.FUNDING,
        )
        self.fills.append(fill)
        self.registry.events.append(fill)
        self.set_guard()

    def set_guard(self) -> None:
        """Put the guard where the account, as it stands now, would be liquidated."""
        if not self._has_tiers:
            return
        if self._guard is not None and self._guard.is_in_book:
            self.book.remove(self._guard)
        self._guard = None
        account = self.account
        level = liquidation_level(account.position, account.wallet, self._instrument)
        if level is not None:
            request = self._closing_request(Price(level), is_falling=account.position.qty > 0)
            self._guard = PendingOrder(request, "", 0, Origin.LIQUIDATION, qty=request.qty)
            self.book.add(self._guard)

    def _liquidate(self, guard: PendingOrder, market: int, time_ms: int) -> None:
        """All orders go, then the position at the mark; beyond the bankruptcy price the venue bears the loss."""
        registry, account = self.registry, self.account
        self._guard = None
        for order in [*registry.open.values()]:
            self.cancel(order, EndReason.LIQUIDATION, time_ms)
        price = trigger_price_met(guard.is_met_falling, guard.level, market)
        last = bankruptcy_price(account.position, account.wallet, self._instrument)
        price = max(price, last) if guard.is_met_falling else min(price, last)
        guard.order_id = f"liq{len(self.fills) + 1}"
        registry.protection[Origin.LIQUIDATION] = guard
        self._execute(guard, price, time_ms, is_maker=False)

    # -- arrival ------------------------------------------------------------------------------------------------------

    def _enter(self, order: PendingOrder, arrival: Arrival, now_ms: int) -> None:
        """Report an order's (new) terms, and lay it where it belongs."""
        request, registry, walk = order.request, self.registry, self.walk
        order.arrived_ms = now_ms
        order.arrival_price, order.live_point = None, FROM_HERE
        if request.reduce_only:
            order.qty = Qty(min(order.qty, reducible_qty(self.account.position.qty, request.side)))
        elif not order.is_armed:
            registry.reserve(order, walk.price)
        if order.origin is _USER and (order.is_armed or not order.is_market):
            registry.tell(order, order.status, now_ms)
        if arrival is _INSIDE:
            order.live_point = walk.point_after(now_ms)
            order.arrival_price = self._price_inside(request.side, now_ms)
        if arrival is _NEXT_OPEN and walk.is_open:
            registry.late.append(order)
        elif order.is_armed:
            registry.lay_down(order)
        else:
            registry.due.append(order)

    def _price_inside(self, side: Side, now_ms: int) -> int:
        """What an order meets that arrives inside a bar: the next known price, else the open moved against it."""
        known = self.walk.known_price(now_ms)
        if known is not None:
            return known
        elapsed_ms = now_ms - self.walk.point_ms(0)
        return drifted_price(self.walk.open_price, side, elapsed_ms, self._drift, self._instrument.tick)

    def _protective_request(self, origin: Origin, level: Price) -> OrderRequest:
        return self._closing_request(level, is_falling=(origin is Origin.STOP_LOSS) is (self.account.position.qty > 0))

    def _closing_request(self, level: Price, *, is_falling: bool) -> OrderRequest:
        """All of the position at market, when the price has come to `level`."""
        held = self.account.position.qty
        return OrderRequest(
            "",
            self._instrument.symbol,
            Side.SELL if held > 0 else Side.BUY,
            OrderType.MARKET,
            Qty(abs(held)),
            trigger_price=level,
            trigger_direction=TriggerDirection.FALL if is_falling else TriggerDirection.RISE,
            reduce_only=True,
        )

    # -- matching -----------------------------------------------------------------------------------------------------

    def _meet(self, order: PendingOrder, market: int, time_ms: int) -> None:
        """A live order meets the market: it takes, rests or ends."""
        request = order.request
        if order.is_market:
            self._take(order, market, time_ms)
            return
        policy = request.time_in_force
        if is_marketable(request.side, order.level, market):
            if policy is TimeInForce.POST_ONLY:
                self.registry.end(order, VenueStatus.CANCELLED, EndReason.WOULD_TAKE, time_ms)
            else:
                self._take(order, market, time_ms)
        elif policy is TimeInForce.IOC:
            self.registry.end(order, VenueStatus.CANCELLED, EndReason.NOTHING_TO_TAKE, time_ms)
        elif policy is TimeInForce.FOK:
            self.registry.end(order, VenueStatus.CANCELLED, EndReason.NOT_ALL_AT_ONCE, time_ms)
        else:
            self.registry.lay_down(order)

    def _trigger(self, order: PendingOrder, market: int, time_ms: int) -> None:
        """A trigger acts where the path met it: its order is live from here."""
        registry, request = self.registry, order.request
        price = trigger_price_met(order.is_met_falling, order.level, market)
        order.live_point = FROM_HERE
        if order.origin is not _USER:
            order.qty = Qty(abs(self.account.position.qty))
            self._take(order, price, time_ms)
            return
        registry.disarm(order)
        registry.tell(order, VenueStatus.TRIGGERED, time_ms)
        if not order.is_market and not request.reduce_only:
            if not self.account.can_open(price, request.side, order.qty, order.level * order.qty):
                registry.end(order, VenueStatus.CANCELLED, EndReason.MARGIN, time_ms)
                return
            registry.reserve(order, price)
        self._meet(order, price, time_ms)
        if order.is_in_book:
            registry.tell(order, VenueStatus.NEW, time_ms)

    def _take(self, order: PendingOrder, market: int, time_ms: int) -> None:
        """Fill at the market and what slips beyond it; a limit order never beyond its limit."""
        price = market
        if self._slips:
            config, side = self._config, order.request.side
            price = slipped_price(market, side, config.slippage_ticks, config.slippage_share, self._instrument.tick)
            if not order.is_market:
                price = min(price, order.level) if side > 0 else max(price, order.level)
        self._execute(order, price, time_ms, is_maker=False)

    def _execute(self, order: PendingOrder, price: int, time_ms: int, *, is_maker: bool) -> None:
        """Fill all of an order at `price`, if margin allows and there is something to reduce."""
        request, account, registry = order.request, self.account, self.registry
        side, before = request.side, account.position.qty
        registry.release(order)
        if request.reduce_only:
            order.qty = Qty(min(order.qty, reducible_qty(before, side)))
        qty = order.qty
        if not is_maker and not account.can_open(price, side, qty, price * qty):
            registry.end(order, VenueStatus.CANCELLED, EndReason.MARGIN, time_ms)
            return
        place = self._instrument
        fee = account.book(side, qty, price, place.maker_rate if is_maker else place.taker_rate)
        seq = len(self.fills) + 1
        fill = Fill(
            f"e{seq}",
            seq,
            order.order_id,
            request.link_id,
            request.symbol,
            side,
            Price(price),
            qty,
            fee,
            is_maker,
            time_ms,
            order.origin,
        )
        self.fills.append(fill)
        order.filled_qty, order.filled_value = qty, place.value(price, qty)
        registry.events.append(fill)
        registry.end(order, _FILLED, "", time_ms)
        self.set_guard()
        after = account.position.qty
        if before and (after == 0 or (after > 0) is not (before > 0)):
            self._position_closed(time_ms)

    def _position_closed(self, time_ms: int) -> None:
        """Its stop and target vanish with it, and so does every order that could only reduce it."""
        registry = self.registry
        for order in list(registry.protection.values()):
            registry.withdraw(order)
            registry.end(order, VenueStatus.DEACTIVATED, EndReason.POSITION_CLOSED, time_ms)
        held = self.account.position.qty
        for order in list(registry.reduce_only.values()):
            if reducible_qty(held, order.request.side) == 0:
                self.cancel(order, EndReason.BY_REDUCE_ONLY, time_ms)
