"""The position's own orders: stop, target and trailing stop of all of it, and pairs for parts of it.

They have no link id, hold no margin, act on the price they name, and vanish with the position. A full stop or target
is set, moved or removed; a partial one can only be added, up to twenty, and of a pair the one that fills takes as much
from the other.
"""

from typing import Protocol

import msgspec

from actors.model.backend import SetTradingStop
from actors.model.fixed import Price, Qty
from actors.model.order import OrderRequest, OrderType, PriceKind, ProtectionTerms, VenueStatus
from actors.model.origins import Origin
from actors.simulator.margin.account import Account
from actors.simulator.margin.guard import closing_request
from actors.simulator.matching.pending import PendingOrder
from actors.simulator.matching.registry import OrderRegistry
from actors.simulator.matching.told import PARTIAL
from actors.simulator.prices.lines import PriceLines
from actors.simulator.prices.walk import Arrival
from actors.simulator.venue.reasons import EndReason

__all__ = ["MAX_PARTIAL", "PositionProtection"]

MAX_PARTIAL = 20
_STOP, _TARGET, _TRAILING = Origin.STOP_LOSS, Origin.TAKE_PROFIT, Origin.TRAILING_STOP
_DEACTIVATED = VenueStatus.DEACTIVATED


class Entering(Protocol):
    """How an order with (new) terms enters the market."""

    def __call__(self, order: PendingOrder, arrival: Arrival, now_ms: int) -> None: ...


class PositionProtection:
    """Of one symbol's position; `enter` is the matching engine's door."""

    def __init__(
        self, symbol: str, registry: OrderRegistry, account: Account, lines: PriceLines, enter: Entering
    ) -> None:
        self._symbol = symbol
        self._registry = registry
        self._account = account
        self._lines = lines
        self._enter = enter

    def level(self, origin: Origin) -> Price | None:
        """Where the position's full stop or target stands; of a trailing stop its distance."""
        order = self._registry.protection.get(origin)
        if order is None:
            return None
        return Price(order.trail_distance) if origin is _TRAILING else order.request.trigger_price

    def kind(self, origin: Origin) -> PriceKind | None:
        """Which price the full stop or target waits for; None where there is none."""
        order = self._registry.protection.get(origin)
        return None if order is None else order.request.trigger_by

    def set(self, p: SetTradingStop, arrival: Arrival, now_ms: int) -> None:
        """Set, move or remove (None) stop, target and trailing stop of all of the position."""
        self._set_level(_STOP, p.stop_loss, p.stop_loss_trigger_by, arrival, now_ms)
        self._set_level(_TARGET, p.take_profit, p.take_profit_trigger_by, arrival, now_ms)
        if self.level(_TRAILING) != p.trailing_stop or p.active_price is not None:
            self._remove(_TRAILING, now_ms)
            if p.trailing_stop is not None:
                self._trail(p.trailing_stop, p.active_price, arrival, now_ms)

    def of_fill(self, terms: ProtectionTerms, qty: int, now_ms: int) -> None:
        """What an order brought along for the position, from its fill on."""
        if terms.is_partial:
            self.add(terms, qty, Arrival.HERE, now_ms)
            return
        if terms.stop_loss is not None:
            self._set_level(_STOP, terms.stop_loss, terms.stop_loss_trigger_by, Arrival.HERE, now_ms)
        if terms.take_profit is not None:
            self._set_level(_TARGET, terms.take_profit, terms.take_profit_trigger_by, Arrival.HERE, now_ms)

    def add(self, terms: ProtectionTerms, qty: int, arrival: Arrival, now_ms: int) -> None:
        """A stop, a target or a pair for a part of the position."""
        pair: list[PendingOrder] = []
        for origin, level, by, limit in (
            (_STOP, terms.stop_loss, terms.stop_loss_trigger_by, terms.stop_loss_limit_price),
            (_TARGET, terms.take_profit, terms.take_profit_trigger_by, terms.take_profit_limit_price),
        ):
            if level is None or len(self._registry.partial) >= MAX_PARTIAL:
                continue
            request = msgspec.structs.replace(self._request(origin, level, by), qty=Qty(qty))
            if limit is not None:
                request = msgspec.structs.replace(request, type=OrderType.LIMIT, price=limit)
            order = self._registry.new_order(request, now_ms, origin)
            order.told = PARTIAL[origin]
            self._registry.partial[order.order_id] = order
            pair.append(order)
        if len(pair) == 2:
            pair[0].oco_sibling, pair[1].oco_sibling = pair[1], pair[0]
        for order in pair:
            self._enter(order, arrival, now_ms)

    def reduce_oco_sibling(self, order: PendingOrder, qty: int, now_ms: int) -> None:
        """One of a pair has filled: the other is for so much less."""
        oco_sibling = order.oco_sibling
        if oco_sibling is None or oco_sibling.order_id not in self._registry.partial:
            return
        oco_sibling.qty = Qty(oco_sibling.qty - qty)
        if oco_sibling.left <= 0:
            self._end(oco_sibling, EndReason.POSITION_CLOSED, now_ms)

    def activate(self, order: PendingOrder) -> None:
        """The trailing stop has come to its activation price and follows from here."""
        order.is_untriggered = False
        self._registry.put(order)

    def closed(self, now_ms: int) -> None:
        """The position is gone."""
        if self._registry.protection or self._registry.partial:
            self.clear(EndReason.POSITION_CLOSED, now_ms)

    def clear(self, reason: str, now_ms: int) -> tuple[PendingOrder, ...]:
        """End all of them; those that ended."""
        orders = (*self._registry.protection.values(), *self._registry.partial.values())
        for order in orders:
            self._end(order, reason, now_ms)
        return orders

    def _set_level(self, origin: Origin, level: Price | None, by: PriceKind, arrival: Arrival, now_ms: int) -> None:
        registry = self._registry
        order = registry.protection.get(origin)
        if level is None:
            self._remove(origin, now_ms)
            return
        request = self._request(origin, level, by)
        if order is None:
            order = registry.new_order(request, now_ms, origin)
            registry.protection[origin] = order
        elif order.request.trigger_price == level and order.request.trigger_by is by:
            return
        else:
            registry.withdraw(order)
            registry.renew(order, request)
        self._enter(order, arrival, now_ms)

    def _trail(self, distance: Price, active_price: Price | None, arrival: Arrival, now_ms: int) -> None:
        registry, held = self._registry, self._account.position.qty
        level = Price(0) if active_price is None else active_price
        order = registry.new_order(closing_request(self._symbol, held, level, is_falling=held < 0), now_ms, _TRAILING)
        order.trail_distance = distance
        registry.protection[_TRAILING] = order
        if active_price is not None:
            self._enter(order, arrival, now_ms)
            return
        order.is_untriggered, order.rests, order.arrived_ms = False, True, now_ms
        if arrival is Arrival.NEXT_OPEN and self._lines.last.walk.is_open:
            registry.late.append(order)
        else:
            registry.put(order)

    def _remove(self, origin: Origin, now_ms: int) -> None:
        order = self._registry.protection.get(origin)
        if order is not None:
            self._end(order, EndReason.BY_USER, now_ms)

    def _end(self, order: PendingOrder, reason: str, now_ms: int) -> None:
        self._registry.withdraw(order)
        self._registry.end(order, _DEACTIVATED, reason, now_ms)

    def _request(self, origin: Origin, level: Price, by: PriceKind) -> OrderRequest:
        held = self._account.position.qty
        return closing_request(self._symbol, held, level, is_falling=(origin is _STOP) is (held > 0), by=by)
