"""Whether the venue takes a request, as things stand: the checks in their order, with book, position and margin.

`checks.py` holds the tests that need no state. A request over its rate never gets this far.
"""

import msgspec

from actors.model.backend import AmendOrder, SetProtection
from actors.model.fixed import Price
from actors.model.instrument import Instrument
from actors.model.order import OrderRequest, OrderType, Origin
from actors.model.result import VenueCode
from actors.simulator.account import Account
from actors.simulator.checks import (
    Objection,
    check_count,
    check_protection,
    check_reduce_only,
    check_request,
    check_trigger,
)
from actors.simulator.pending import PendingOrder
from actors.simulator.registry import OrderRegistry

__all__ = ["Admission", "amended", "protection_level"]

_MARKET = OrderType.MARKET
_NO_MARGIN = Objection(VenueCode.INSUFFICIENT_MARGIN, "initial margin and fee are more than the available balance")
_UNCHANGED = Objection(VenueCode.NOTHING_CHANGED, "nothing changed")


def amended(request: OrderRequest, amend: AmendOrder) -> OrderRequest:
    """The request with the amended fields."""
    return msgspec.structs.replace(
        request,
        qty=request.qty if amend.qty is None else amend.qty,
        price=request.price if amend.price is None else amend.price,
        trigger_price=request.trigger_price if amend.trigger_price is None else amend.trigger_price,
    )


def protection_level(registry: OrderRegistry, origin: Origin) -> Price | None:
    """Where the position's stop or target stands."""
    order = registry.protection.get(origin)
    return None if order is None else order.request.trigger_price


class Admission:
    """Each method gives the first objection, or None; `last` is the last known price."""

    def __init__(self, instrument: Instrument, registry: OrderRegistry, account: Account) -> None:
        self._instrument = instrument
        self._registry = registry
        self._account = account

    def of_order(self, request: OrderRequest, last: int) -> Objection | None:
        """A new order."""
        registry = self._registry
        if request.link_id in registry.orders:
            return Objection(VenueCode.DUPLICATE_ID, f"orderLinkId {request.link_id} was used before")
        return (
            check_request(request, self._instrument, last)
            or check_trigger(request, self._instrument, last)
            or check_reduce_only(request, self._account.position.qty)
            or check_count(request.trigger_price is not None, registry.active_count, registry.armed_count)
            or (self._margin(request, last) if request.trigger_price is None else None)
        )

    def of_change(self, order: PendingOrder, request: OrderRequest, last: int) -> Objection | None:
        """An open order's new terms."""
        if request == order.request:
            return _UNCHANGED
        if request.trigger_price != order.request.trigger_price and not order.is_armed:
            return Objection(VenueCode.PARAMETER, "the order has no trigger that could still be changed")
        if request.price != order.request.price and order.is_market:
            return Objection(VenueCode.PARAMETER, "a market order has no price")
        objection = check_request(request, self._instrument, last)
        if objection is not None:
            return objection
        if order.is_armed:
            return check_trigger(request, self._instrument, last)
        if not order.reserved:
            return None
        self._account.release(request.side, order.qty, order.reserved)
        objection = self._margin(request, last)
        self._account.reserve(request.side, order.qty, order.reserved)
        return objection

    def of_protection(self, request: SetProtection) -> Objection | None:
        """A position's new stop and target."""
        objection = check_protection(request, self._instrument, self._account.position.qty)
        if objection is None:
            current = [protection_level(self._registry, origin) for origin in (Origin.STOP_LOSS, Origin.TAKE_PROFIT)]
            if [request.stop, request.target] == current:
                return _UNCHANGED
        return objection

    def _margin(self, request: OrderRequest, last: int) -> Objection | None:
        """A limit order is judged at its price, a market order at the last; a reduce-only one needs none."""
        if request.reduce_only:
            return None
        price = last if request.type is _MARKET or request.price is None else request.price
        return None if self._account.can_open(last, request.side, request.qty, price * request.qty) else _NO_MARGIN
