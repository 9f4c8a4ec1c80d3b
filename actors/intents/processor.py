"""Turns an intent into an approved order or a refusal: a pure function of the intent, the facts it was decided on, the
card's orders in flight, the trading state and the limits.
"""

from decimal import Decimal
from typing import NamedTuple

import attrs
import msgspec

from actors.intents.levels import EntryLevels, attached, levels_of
from actors.intents.messages import IntentRefused
from actors.intents.refusing import Refused
from actors.intents.sizing import check_maximum, check_quantity, entry_quantity
from actors.model.fixed import Money, Price, Qty, Rounding
from actors.model.instrument import Instrument
from actors.model.levels import stop_loss_price
from actors.model.order import OrderType, ProtectionTerms, Side, TimeInForce, TriggerDirection
from actors.model.pricing import resolve_price
from actors.model.resting import RestingTerms
from actors.model.result import RejectReason
from actors.orders.messages import ApprovedOrder
from actors.safety.messages import TradingState
from actors.strategy.messages import Decided, Facts
from ideacards.intents import Action, Expiry, Follow, Intent, OrderKind, OrderSpec, PriceRef, TimeLimit

__all__ = [
    "InFlightView",
    "PricedOrder",
    "RiskLimits",
    "approved",
    "better_price",
    "check_risk",
    "entry_side",
    "order_price",
    "process",
    "refusal_of",
]

# Module constants because these run for every order, and on some Pythons an enum member's lookup costs a call.
_EXIT = Action.EXIT
_QUOTES = (Action.QUOTE_BUY, Action.QUOTE_SELL)
_BUYING = (Action.ENTER_LONG, Action.QUOTE_BUY)
_BUY, _SELL = Side.BUY, Side.SELL
_MARKET, _LIMIT, _STOP, _STOP_LIMIT = OrderKind.MARKET, OrderKind.LIMIT, OrderKind.STOP, OrderKind.STOP_LIMIT
_SCALE_IN, _REVERSE = Action.SCALE_IN, Action.REVERSE
_WAITS = {TimeLimit.GTC: TimeInForce.GTC, TimeLimit.IOC: TimeInForce.IOC, TimeLimit.FOK: TimeInForce.FOK}
_AS_LIMIT, _AS_MARKET = OrderType.LIMIT, OrderType.MARKET
_RISE, _FALL = TriggerDirection.RISE, TriggerDirection.FALL
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
    layers: int = 0  # entries of the position so far


class PricedOrder(NamedTuple):
    """An order that has passed the checks; without a price it is at market."""

    side: Side
    kind: OrderKind
    price: Price | None
    qty: Qty
    levels: EntryLevels = EntryLevels()
    protection: ProtectionTerms | None = None
    limit: Price | None = None  # of a stop limit
    follows: PriceRef | None = None  # what the price refers to
    rung: int = 0


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
    except Refused as refused:
        return refusal_of(intent, refused)
    return approved(intent, order, instrument, block_index)


def entry_side(intent: Intent, facts: Facts, flight: InFlightView, state: TradingState, layers: int = 1) -> Side:
    """The side of an entry of so many layers; Refused where trading state, position or orders in flight forbid it."""
    action = intent.action
    held = facts.position.qty
    side = _BUY if action in _BUYING else _SELL
    if action is _SCALE_IN or action is _REVERSE:
        if not held:
            raise Refused(RejectReason.NO_POSITION)
        side = _BUY if (held > 0) is (action is _SCALE_IN) else _SELL
    if state is not _ACTIVE:
        raise Refused(RejectReason.HALTED, f"trading state is {state.value}")
    if flight.quarantine:
        raise Refused(RejectReason.QUARANTINED, flight.quarantine)
    if action not in _QUOTES:
        if flight.has_entry:
            raise Refused(RejectReason.ENTRY_IN_FLIGHT)
        if action is _REVERSE:
            if flight.has_exit:
                raise Refused(RejectReason.EXIT_IN_FLIGHT)
        elif held and action is not _SCALE_IN and not (intent.metadata.add and (held > 0) == (side > 0)):
            raise Refused(RejectReason.POSITION_OPEN)
        most = intent.metadata.max_layers
        if held and most is not None and flight.layers + layers > most:
            raise Refused(RejectReason.MAX_LAYERS)
    return side


def _entry(
    intent: Intent, facts: Facts, flight: InFlightView, state: TradingState, limits: RiskLimits, instrument: Instrument
) -> PricedOrder:
    side, held = entry_side(intent, facts, flight, state), facts.position.qty
    metadata, kind = intent.metadata, intent.metadata.order.type
    price = _price(metadata.order, metadata.order.price, side, facts, instrument)
    limit = None
    if kind is _STOP_LIMIT:
        limit = _price(metadata.order, metadata.order.limit, side, facts, instrument, is_passive=True)
    levels = levels_of(metadata, side, facts, instrument)
    base = facts.close if price is None else price
    better = better_price(side, base, facts) if kind is _LIMIT else base
    protection = attached(levels, side, base, better, instrument)
    if metadata.size is None:
        raise Refused(RejectReason.BELOW_MINIMUM, "no size")
    risk = None
    if levels.stop_loss is not None:
        risk = side * (base - stop_loss_price(instrument, side, base, levels.stop_loss))
    qty = entry_quantity(metadata.size, metadata.under_minimum, base, risk, facts, instrument)
    value = instrument.value(base, qty)
    check_quantity(qty, value, kind, instrument)
    if intent.action is _REVERSE:
        qty = Qty(qty + abs(held))
        check_maximum(qty, kind, instrument)
    if limits.order_notional is not None or limits.position_notional is not None:
        check_risk(value, value + instrument.value(base, abs(held)), limits, instrument)
    return PricedOrder(side, kind, price, qty, levels, protection, limit, metadata.order.price)


def better_price(side: Side, price: Price, facts: Facts) -> Price:
    """What a limit order may fill at, the market if that is better: its stop loss is never beyond that."""
    return min(price, facts.close) if side > 0 else max(price, facts.close)


def _exit(
    intent: Intent, facts: Facts, flight: InFlightView, state: TradingState, instrument: Instrument
) -> PricedOrder:
    held = facts.position.qty
    if state is _HALTED:
        raise Refused(RejectReason.HALTED, "trading state is halted")
    if not held:
        raise Refused(RejectReason.NO_POSITION)
    if flight.has_exit:
        raise Refused(RejectReason.EXIT_IN_FLIGHT)
    side = _SELL if held > 0 else _BUY
    spec = intent.metadata.order
    price = _price(spec, spec.price, side, facts, instrument)
    limit = None
    if spec.type is _STOP_LIMIT:
        limit = _price(spec, spec.limit, side, facts, instrument, is_passive=True)
    qty = Qty(abs(held))
    fraction = intent.metadata.fraction
    if fraction is not None and fraction != 1:
        qty = _share(qty, fraction, instrument)
        if qty < instrument.min_qty:
            raise Refused(
                RejectReason.BELOW_MINIMUM,
                f"quantity {instrument.qty_text(qty)} < {instrument.qty_text(instrument.min_qty)}, the minimum",
            )
    kind = intent.metadata.order.type
    check_maximum(qty, kind, instrument)
    return PricedOrder(side, kind, price, qty, limit=limit)


def _price(
    spec: OrderSpec,
    ref: PriceRef | None,
    side: Side,
    facts: Facts,
    instrument: Instrument,
    *,
    is_passive: bool = False,
) -> Price | None:
    """A price of the order, None for a market order; a limit is rounded to the passive side, a stop to the far side."""
    if spec.type is _MARKET:
        return None
    if ref is None:
        raise Refused(RejectReason.UNRESOLVED_PRICE, "price has no value")
    return order_price(ref, side, facts, instrument, is_passive=is_passive or spec.type is _LIMIT)


def order_price(ref: PriceRef, side: Side, facts: Facts, instrument: Instrument, *, is_passive: bool) -> Price:
    """What a reference comes to, rounded to the passive side for a limit, to the far side for a stop."""
    down = (side is _BUY) == is_passive
    price = resolve_price(ref, facts, instrument, Rounding.DOWN if down else Rounding.UP)
    if price is None:
        raise Refused(RejectReason.UNRESOLVED_PRICE, f"{ref.ref} has no value")
    return price


def _share(held: Qty, fraction: Decimal, instrument: Instrument) -> Qty:
    top, bottom = fraction.as_integer_ratio()
    return Qty(held * top // (bottom * instrument.step) * instrument.step)


def check_risk(value: int, total: int, limits: RiskLimits, instrument: Instrument) -> None:
    """Check `value` (of the order) and `total` (of order and position, at the order's price) against the limits."""
    if limits.order_notional is not None and value > limits.order_notional:
        reason = (
            f"value {instrument.money_text(value)} > {instrument.money_text(limits.order_notional)}, the order's limit"
        )
        raise Refused(RejectReason.RISK_ORDER_NOTIONAL, reason)
    if limits.position_notional is not None and total > limits.position_notional:
        most = instrument.money_text(limits.position_notional)
        reason = f"position's value {instrument.money_text(total)} > {most}, its limit"
        raise Refused(RejectReason.RISK_POSITION_NOTIONAL, reason)


def approved(intent: Intent, order: PricedOrder, instrument: Instrument, block_index: int) -> ApprovedOrder:
    """The approved order of an intent whose checks it has passed."""
    side, kind, price, levels = order.side, order.kind, order.price, order.levels
    is_entry, is_limit, is_stop = intent.action is not _EXIT, kind is _LIMIT, kind is _STOP or kind is _STOP_LIMIT
    spec = intent.metadata.order
    is_watched = is_entry and spec.is_watched
    return ApprovedOrder(
        card_id=intent.card_id,
        block_id=intent.block_id,
        block_index=block_index,
        bar_close_ms=intent.bar_close_ms,
        symbol=instrument.symbol,
        side=side,
        type=_AS_LIMIT if is_limit or order.limit is not None else _AS_MARKET,
        qty=order.qty,
        price=price if is_limit else order.limit,
        trigger_price=price if is_stop else None,
        trigger_direction=(_RISE if side is _BUY else _FALL) if is_stop else None,
        reduce_only=not is_entry,
        is_entry=is_entry,
        stop_loss=levels.stop_loss,
        take_profit=levels.take_profit,
        protection=order.protection,
        exits=levels.exits,
        time_in_force=TimeInForce.POST_ONLY if spec.post_only else _WAITS[spec.time_in_force],
        terms=_terms(spec, intent.bar_close_ms, order.follows) if is_watched else None,
        rung=order.rung,
    )


def _terms(spec: OrderSpec, since_ms: int, price: PriceRef | None) -> RestingTerms:
    expires, follow = spec.expires or Expiry(), spec.follow or Follow()
    return RestingTerms(since_ms, expires.bars, expires.until, follow.ticks, follow.percent, price, spec.ending)


def refusal_of(intent: Intent, refused: Refused) -> IntentRefused:
    """The refusal that a check has raised."""
    return IntentRefused(
        intent.card_id,
        intent.block_id,
        intent.bar_close_ms,
        intent.action.value,
        refused.refusal,
        refused.reason,
    )
