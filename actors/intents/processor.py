"""Turns an intent into an approved order or a refusal: a pure function of the intent, the facts it was decided on, the
card's orders in flight, the trading state and the limits.
"""

from decimal import Decimal

import attrs
import msgspec

from actors.intents.messages import IntentRefused
from actors.intents.prices import resolve_price, resolve_quantity
from actors.model.fixed import Money, Price, Qty, Rounding
from actors.model.instrument import Instrument
from actors.model.levels import stop_loss_price, take_profit_price
from actors.model.order import OrderType, ProtectionTerms, Side, TriggerDirection
from actors.model.result import MEANINGS, RejectReason
from actors.orders.messages import ApprovedOrder
from actors.safety.messages import TradingState
from actors.strategy.messages import Decided, Facts
from ideacards.intents import Action, Intent, IntentMetadata, OrderKind

__all__ = ["InFlightView", "RiskLimits", "process"]

# Module constants because these run for every order, and on some Pythons an enum member's lookup costs a call.
_EXIT = Action.EXIT
_QUOTES = (Action.QUOTE_BUY, Action.QUOTE_SELL)
_BUYING = (Action.ENTER_LONG, Action.QUOTE_BUY)
_BUY, _SELL = Side.BUY, Side.SELL
_MARKET, _LIMIT, _STOP = OrderKind.MARKET, OrderKind.LIMIT, OrderKind.STOP
_AS_LIMIT, _AS_MARKET = OrderType.LIMIT, OrderType.MARKET
_RISE, _FALL = TriggerDirection.RISE, TriggerDirection.FALL
_MAX_PRICE = 1 << 62  # the loader and the venue have the same bound
_ACTIVE, _HALTED = TradingState.ACTIVE, TradingState.HALTED


@attrs.frozen
class RiskLimits:
    """Upper bounds as Money (value of an order, of the position after it); None is no limit."""

    order_notional: Money | None = None
    position_notional: Money | None = None


class InFlightView(msgspec.Struct, frozen=True, gc=False):
    """Whether the card has an entry or a market exit in flight (not a resting exit, which a newer one replaces)."""

    has_entry: bool
    has_exit: bool
    quarantine: str = ""  # why entries are blocked; empty: they are not


class _Refused(Exception):
    """Raised by a check that fails; without a `reason` of its own it carries the meaning of `refusal`."""

    def __init__(self, refusal: RejectReason, reason: str = "") -> None:
        super().__init__(refusal, reason)
        self.refusal = refusal
        self.reason = reason or MEANINGS[refusal]


_Order = tuple[Side, OrderKind, Price | None, Qty]  # an order that has passed the checks; no price: at market


def process(
    decided: Decided,
    flight: InFlightView,
    state: TradingState,
    limits: RiskLimits,
    instrument: Instrument,
    block_index: int,
) -> ApprovedOrder | IntentRefused:
    """The approved order, or the refusal; checks run in the order trading state, position, price, size, risk."""
    intent, facts = decided.intent, decided.facts
    try:
        if intent.action is _EXIT:
            order = _exit(intent, facts, flight, state, instrument)
        else:
            order = _entry(intent, facts, flight, state, limits, instrument)
    except _Refused as refused:
        return IntentRefused(
            intent.card_id,
            intent.block_id,
            intent.bar_close_ms,
            intent.action.value,
            refused.refusal,
            refused.reason,
        )
    return _approved(intent, order, facts.close, instrument, block_index)


def _entry(
    intent: Intent, facts: Facts, flight: InFlightView, state: TradingState, limits: RiskLimits, instrument: Instrument
) -> _Order:
    action = intent.action
    side = _BUY if action in _BUYING else _SELL
    held = facts.position.qty
    if state is not _ACTIVE:
        raise _Refused(RejectReason.HALTED, f"trading state is {state.value}")
    if flight.quarantine:
        raise _Refused(RejectReason.QUARANTINED, flight.quarantine)
    if action not in _QUOTES:
        if flight.has_entry:
            raise _Refused(RejectReason.ENTRY_IN_FLIGHT)
        if held and not (intent.metadata.add and (held > 0) == (side > 0)):
            raise _Refused(RejectReason.POSITION_OPEN)
    price = _price(intent, side, facts, instrument)
    size = intent.metadata.size
    if size is None:
        raise _Refused(RejectReason.BELOW_MINIMUM, "no size")
    qty = resolve_quantity(size, facts, instrument)
    valued_at = facts.close if price is None else price
    kind = intent.metadata.order.type
    value = instrument.value(valued_at, qty)
    _check_quantity(qty, value, kind, instrument)
    if limits.order_notional is not None or limits.position_notional is not None:
        _check_risk(value, value + instrument.value(valued_at, abs(held)), limits, instrument)
    return side, kind, price, qty


def _exit(intent: Intent, facts: Facts, flight: InFlightView, state: TradingState, instrument: Instrument) -> _Order:
    held = facts.position.qty
    if state is _HALTED:
        raise _Refused(RejectReason.HALTED, "trading state is halted")
    if not held:
        raise _Refused(RejectReason.NO_POSITION)
    if flight.has_exit:
        raise _Refused(RejectReason.EXIT_IN_FLIGHT)
    side = _SELL if held > 0 else _BUY
    price = _price(intent, side, facts, instrument)
    qty = Qty(abs(held))
    fraction = intent.metadata.fraction
    if fraction is not None and fraction != 1:
        qty = _share(qty, fraction, instrument)
        if qty < instrument.min_qty:
            raise _Refused(
                RejectReason.BELOW_MINIMUM,
                f"quantity {instrument.qty_text(qty)} < {instrument.qty_text(instrument.min_qty)}, the minimum",
            )
    kind = intent.metadata.order.type
    _check_maximum(qty, kind, instrument)
    return side, kind, price, qty


def _price(intent: Intent, side: Side, facts: Facts, instrument: Instrument) -> Price | None:
    """The order's price, None for a market order; a limit is rounded to the passive side, a stop to the far side."""
    spec = intent.metadata.order
    if spec.type is _MARKET:
        return None
    down = (side is _BUY) == (spec.type is _LIMIT)
    ref = spec.price
    price = None
    if ref is not None:
        price = resolve_price(ref, facts, instrument, Rounding.DOWN if down else Rounding.UP)
    if price is None:
        raise _Refused(RejectReason.UNRESOLVED_PRICE, f"{ref.ref if ref is not None else 'price'} has no value")
    return price


def _share(held: Qty, fraction: Decimal, instrument: Instrument) -> Qty:
    top, bottom = fraction.as_integer_ratio()
    return Qty(held * top // (bottom * instrument.step) * instrument.step)


def _check_quantity(qty: Qty, value: int, kind: OrderKind, instrument: Instrument) -> None:
    if qty < instrument.min_qty or qty == 0:
        raise _Refused(
            RejectReason.BELOW_MINIMUM,
            f"quantity {instrument.qty_text(qty)} < {instrument.qty_text(instrument.min_qty)}, the minimum",
        )
    if value < instrument.min_notional:
        least = instrument.money_text(instrument.min_notional)
        raise _Refused(RejectReason.BELOW_MINIMUM, f"value {instrument.money_text(value)} < {least}, the minimum")
    _check_maximum(qty, kind, instrument)


def _too_little(qty: Qty, instrument: Instrument) -> _Refused:
    least = instrument.qty_text(instrument.min_qty)
    return _Refused(RejectReason.BELOW_MINIMUM, f"quantity {instrument.qty_text(qty)} < {least}, the minimum")


def _check_maximum(qty: Qty, kind: OrderKind, instrument: Instrument) -> None:
    most = instrument.max_qty if kind is _LIMIT else instrument.max_market_qty
    if qty > most:
        of = "a limit order" if kind is _LIMIT else "a market order"
        reason = f"quantity {instrument.qty_text(qty)} > {instrument.qty_text(most)}, the maximum of {of}"
        raise _Refused(RejectReason.ABOVE_MAXIMUM, reason)


def _check_risk(value: int, total: int, limits: RiskLimits, instrument: Instrument) -> None:
    """Check `value` (of the order) and `total` (of order and position, at the order's price) against the limits."""
    if limits.order_notional is not None and value > limits.order_notional:
        reason = (
            f"value {instrument.money_text(value)} > {instrument.money_text(limits.order_notional)}, the order's limit"
        )
        raise _Refused(RejectReason.RISK_ORDER_NOTIONAL, reason)
    if limits.position_notional is not None and total > limits.position_notional:
        most = instrument.money_text(limits.position_notional)
        reason = f"position's value {instrument.money_text(total)} > {most}, its limit"
        raise _Refused(RejectReason.RISK_POSITION_NOTIONAL, reason)


def _approved(intent: Intent, order: _Order, close: Price, instrument: Instrument, block_index: int) -> ApprovedOrder:
    action, metadata = intent.action, intent.metadata
    side, kind, price, qty = order
    is_entry, is_limit, is_stop = action is not _EXIT, kind is _LIMIT, kind is _STOP
    return ApprovedOrder(
        card_id=intent.card_id,
        block_id=intent.block_id,
        block_index=block_index,
        bar_close_ms=intent.bar_close_ms,
        symbol=instrument.symbol,
        side=side,
        type=_AS_LIMIT if is_limit else _AS_MARKET,
        qty=qty,
        price=price if is_limit else None,
        trigger_price=price if is_stop else None,
        trigger_direction=(_RISE if side is _BUY else _FALL) if is_stop else None,
        reduce_only=not is_entry,
        is_entry=is_entry,
        stop_loss=metadata.stop_loss if is_entry else None,
        take_profit=metadata.take_profit if is_entry else None,
        protection=_attached(metadata, order, close, instrument) if is_entry else None,
    )


def _attached(metadata: IntentMetadata, order: _Order, close: Price, instrument: Instrument) -> ProtectionTerms | None:
    """The levels attached to an entry, measured from its price, or from the deciding close for a market order.

    A limit order may fill at the market instead, if that is better. Its stop loss is measured from the better of the
    two, so that the market it fills at is never beyond its stop loss.
    """
    stop_loss, take_profit = metadata.stop_loss, metadata.take_profit  # distances in percent
    if stop_loss is None and take_profit is None:
        return None
    side, kind, price, _ = order
    base = better = close if price is None else price
    if kind is _LIMIT:
        better = min(base, close) if side > 0 else max(base, close)
    stop_price = None if stop_loss is None else stop_loss_price(instrument, side, better, stop_loss)
    profit_price = None if take_profit is None else take_profit_price(instrument, side, base, take_profit)
    if stop_price is not None and not 0 < stop_price < _MAX_PRICE:
        stop_price = None  # not a valid price: the protection actor sets a level once the fill is known
    if profit_price is not None and not 0 < profit_price < _MAX_PRICE:
        profit_price = None
    return None if stop_price is None and profit_price is None else ProtectionTerms(stop_price, profit_price)
