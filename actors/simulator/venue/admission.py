"""Whether the venue takes a request, as things stand: the checks in their order, with book, position and margin.

`checks.py` holds the tests that need no state. A request over its rate never gets this far.
"""

import msgspec

from actors.model.backend import AddTradingStop, AmendOrder, SetTradingStop
from actors.model.instrument import Instrument
from actors.model.order import OrderRequest, OrderType, ProtectionTerms, Side
from actors.model.origins import Origin
from actors.model.result import VenueCode
from actors.simulator.margin.account import Account
from actors.simulator.matching.pending import PendingOrder
from actors.simulator.matching.protection import MAX_PARTIAL, PositionProtection
from actors.simulator.matching.registry import OrderRegistry
from actors.simulator.venue.checks import (
    Objection,
    check_count,
    check_price,
    check_reduce_only,
    check_request,
    check_trigger,
    parameter,
)

__all__ = ["OrderAdmission", "amended"]

_MARKET = OrderType.MARKET
_FULL = (Origin.STOP_LOSS, Origin.TAKE_PROFIT, Origin.TRAILING_STOP)
_NO_MARGIN = Objection(VenueCode.INSUFFICIENT_MARGIN, "initial margin and fee are more than the available balance")
_UNCHANGED = Objection(VenueCode.NOTHING_CHANGED, "nothing changed")


def amended(request: OrderRequest, amend: AmendOrder) -> OrderRequest:
    """The request with the amended fields."""
    return msgspec.structs.replace(
        request,
        qty=request.qty if amend.qty is None else amend.qty,
        price=request.price if amend.price is None else amend.price,
        trigger_price=request.trigger_price if amend.trigger_price is None else amend.trigger_price,
        trigger_by=request.trigger_by if amend.trigger_by is None else amend.trigger_by,
        protection=request.protection if amend.protection is None else amend.protection,
    )


class OrderAdmission:
    """Each method gives the first objection, or None; `last` is the last price, `trigger` the one a trigger names."""

    def __init__(
        self, instrument: Instrument, registry: OrderRegistry, account: Account, protection: PositionProtection
    ) -> None:
        self._instrument = instrument
        self._registry = registry
        self._account = account
        self._protection = protection

    def of_order(self, request: OrderRequest, last: int, trigger: int) -> Objection | None:
        """A new order."""
        registry = self._registry
        if registry.knows(request.link_id):
            return Objection(VenueCode.DUPLICATE_ID, f"orderLinkId {request.link_id} was used before")
        return (
            check_request(request, self._instrument, last)
            or (check_trigger(request, self._instrument, trigger) if request.trigger_price is not None else None)
            or (check_reduce_only(request, self._account.position.qty) if request.reduce_only else None)
            or (self._attached(request, last) if request.protection is not None else None)
            or check_count(request.trigger_price is not None, registry.active_count, registry.untriggered_count)
            or (self._margin(request, last) if request.trigger_price is None else None)
        )

    def of_change(self, order: PendingOrder, request: OrderRequest, last: int, trigger: int) -> Objection | None:
        """An open order's new terms."""
        if request == order.request:
            return _UNCHANGED
        was = order.request
        if (request.trigger_price, request.trigger_by) != (
            was.trigger_price,
            was.trigger_by,
        ) and not order.is_untriggered:
            return parameter("the order has no trigger that could still be changed")
        if request.price != was.price and order.is_market:
            return parameter("a market order has no price")
        if order.filled_qty and request.qty <= order.filled_qty:
            return Objection(VenueCode.UNDER_FILLED, "the order has filled as much as this")
        objection = check_request(request, self._instrument, last) or self._attached(request, last)
        if objection is not None:
            return objection
        if order.is_untriggered:
            return check_trigger(request, self._instrument, trigger)
        if not order.reserved:
            return None
        self._account.release(request.side, order.reserved_qty, order.reserved)
        objection = self._margin(request, last, order.filled_qty)
        self._account.reserve(request.side, order.reserved_qty, order.reserved)
        return objection

    def of_protection(self, request: SetTradingStop) -> Objection | None:
        """A position's new stop, target and trailing stop; a level already passed is taken, and acts at once."""
        instrument = self._instrument
        if self._account.position.qty == 0:
            return parameter("no stop or target without a position")
        objection = (
            check_price("stop", request.stop_loss, instrument)
            or check_price("target", request.take_profit, instrument)
            or check_price("trailingStop", request.trailing_stop, instrument)
            or check_price("activePrice", request.active_price, instrument)
        )
        if objection is not None:
            return objection
        if request.active_price is not None and request.trailing_stop is None:
            return parameter("activePrice goes with trailingStop")
        current = [self._protection.level(origin) for origin in _FULL]
        by = [self._protection.kind(origin) for origin in _FULL[:2]]
        wanted = [request.stop_loss_trigger_by if request.stop_loss is not None else None]
        wanted.append(request.take_profit_trigger_by if request.take_profit is not None else None)
        is_same = [request.stop_loss, request.take_profit, request.trailing_stop] == current and by == wanted
        return _UNCHANGED if is_same and request.active_price is None else None

    def of_addition(self, request: AddTradingStop) -> Objection | None:
        """A stop and target for a part of the position."""
        instrument, terms = self._instrument, request.terms
        held = abs(self._account.position.qty)
        if not held:
            return parameter("no stop or target without a position")
        if not 0 < request.qty <= held or request.qty % instrument.step:
            return parameter(f"size {instrument.qty_text(request.qty)} is not a part of the position")
        if terms.stop_loss is None and terms.take_profit is None:
            return parameter("neither takeProfit nor stopLoss")
        count = (terms.stop_loss is not None) + (terms.take_profit is not None)
        if len(self._registry.partial) + count > MAX_PARTIAL:
            return Objection(VenueCode.TOO_MANY_PROTECTIONS, f"{MAX_PARTIAL} partial stops and targets are the most")
        return self._levels(terms)

    def of_leverage(self, leverage: int, price: int) -> Objection | None:
        """Another leverage."""
        account, instrument = self._account, self._instrument
        if leverage < 1:
            return parameter(f"leverage {leverage} is under 1")
        if leverage == account.leverage:
            return Objection(VenueCode.LEVERAGE_UNCHANGED, "leverage not modified")
        if leverage > instrument.max_leverage:
            return Objection(VenueCode.LEVERAGE_LIMIT, f"leverage {leverage} is over {instrument.max_leverage}")
        limit, value = instrument.value_limit(leverage), instrument.value(price, abs(account.position.qty))
        if limit is not None and value > limit:
            return Objection(VenueCode.LEVERAGE_LIMIT, f"the position is over the risk limit of leverage {leverage}")
        return None if account.can_lever(leverage) else _NO_MARGIN

    def _attached(self, request: OrderRequest, last: int) -> Objection | None:
        """Stop and target that an order brings along must lie on their sides of its price."""
        terms = request.protection
        if terms is None:
            return None
        objection = self._levels(terms)
        if objection is not None:
            return objection
        base = last if request.price is None else request.price
        if request.trigger_price is not None and request.price is None:
            base = request.trigger_price
        instrument, side = self._instrument, request.side
        if terms.stop_loss is not None and side * (base - terms.stop_loss) <= 0:
            text = instrument.price_text(terms.stop_loss)
            return parameter(f"stopLoss {text} is on the wrong side of {instrument.price_text(base)}")
        if terms.take_profit is not None and side * (terms.take_profit - base) <= 0:
            text = instrument.price_text(terms.take_profit)
            return parameter(f"takeProfit {text} is on the wrong side of {instrument.price_text(base)}")
        return None

    def _levels(self, terms: ProtectionTerms) -> Objection | None:
        instrument = self._instrument
        if not terms.is_partial and (
            terms.stop_loss_limit_price is not None or terms.take_profit_limit_price is not None
        ):
            return parameter("a limit price for stopLoss or takeProfit needs tpslMode Partial")
        if (terms.stop_loss is None and terms.stop_loss_limit_price is not None) or (
            terms.take_profit is None and terms.take_profit_limit_price is not None
        ):
            return parameter("a limit price without its takeProfit or stopLoss")
        return (
            check_price("stopLoss", terms.stop_loss, instrument)
            or check_price("takeProfit", terms.take_profit, instrument)
            or check_price("slLimitPrice", terms.stop_loss_limit_price, instrument)
            or check_price("tpLimitPrice", terms.take_profit_limit_price, instrument)
        )

    def _margin(self, request: OrderRequest, last: int, filled: int = 0) -> Objection | None:
        """A limit order is judged at its price, a market order at the last; a reduce-only one needs none."""
        if request.reduce_only:
            return None
        account, qty = self._account, request.qty - filled
        price = last if request.type is _MARKET or request.price is None else request.price
        if self._instrument.tiers:
            limit = self._instrument.value_limit(account.leverage)
            if limit is not None and account.worst_value(last, request.side, qty, price * qty) > limit:
                reason = f"the position would be over the risk limit of leverage {account.leverage}"
                return Objection(VenueCode.VALUE_LIMIT, reason)
        amount = price * qty
        return (
            None
            if account.can_open(last, request.side, qty, amount)
            else self._too_little(last, request.side, amount, qty)
        )

    def _too_little(self, last: int, side: Side, amount: int, qty: int) -> Objection:
        """By how much margin and fee are too large; where the fee alone does not fit, it says so."""
        needed, free, fee = self._account.need_of(last, side, qty, amount)
        text = self._instrument.money_text
        reason = f"{_NO_MARGIN.reason}: {text(needed)} > {text(free)}"
        if needed - fee <= free:
            reason += f"; without the taker fee of {text(fee)} it would fit"
        return Objection(_NO_MARGIN.code, reason)
