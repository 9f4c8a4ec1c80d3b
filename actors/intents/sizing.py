"""Resolves an entry's size to a quantity and checks it against the instrument's limits; exact arithmetic.

A quantity is rounded down to the step. `risk` is equity x percent / (distance from the entry's price to its stop loss),
without fees; `volatility` is the same with a feature's value as the distance.
"""

from decimal import Decimal

from actors.intents.refusing import Refused
from actors.model.fixed import Price, Qty, float_to_decimal
from actors.model.instrument import Instrument
from actors.model.pricing import base_of
from actors.model.result import RejectReason
from actors.strategy.messages import Facts
from ideacards.intents import SIZE_VALUE, OrderKind, Size, SizeKind, UnderMinimum

__all__ = ["at_least", "check_maximum", "check_quantity", "entry_quantity", "resolve_quantity"]

_LIMIT = OrderKind.LIMIT


def entry_quantity(
    size: Size, policy: UnderMinimum, price: Price, risk: int | None, facts: Facts, instrument: Instrument
) -> Qty:
    """The quantity of an entry at `price` whose stop loss is `risk` away (None: it has none), by the policy."""
    qty = at_least(resolve_quantity(size, facts, instrument, risk), policy, price, facts, instrument)
    if qty is None:
        raise Refused(RejectReason.SKIPPED)
    return qty


def at_least(qty: Qty, policy: UnderMinimum, price: Price, facts: Facts, instrument: Instrument) -> Qty | None:
    """What becomes of a quantity at a price, by the policy: None if it is to be skipped."""
    if policy is UnderMinimum.REFUSE:
        return qty
    least = smallest_quantity(price, instrument)
    if qty >= least:
        return qty
    if policy is UnderMinimum.SKIP:
        return None
    if facts.equity <= 0:
        raise Refused(RejectReason.BELOW_MINIMUM, "no equity is left")
    return least


def resolve_quantity(size: Size, facts: Facts, instrument: Instrument, risk: int | None = None) -> Qty:
    """The size as a quantity, rounded down to the step; money amounts count at the deciding close.

    `risk` is the distance to the stop loss in units of Price. Refused where a value is unknown.
    """
    match size.kind:
        case SizeKind.QUANTITY:
            return instrument.floor_qty(size.value)
        case SizeKind.NOTIONAL:
            return instrument.qty_for_notional(size.value, facts.close)
        case SizeKind.EXPRESSION:
            return instrument.qty_for_notional(_amount(facts), facts.close)
        case SizeKind.EQUITY_PERCENT:
            return _share(facts.equity, size.value, facts.close, 1, instrument)
        case SizeKind.AVAILABLE_PERCENT:
            return _share(facts.available, size.value, facts.close, 1, instrument)
        case SizeKind.RISK:
            if risk is None or risk <= 0:
                raise Refused(RejectReason.LEVEL_SIDE, "a size by risk needs a stop loss away from the entry's price")
            return _share(facts.equity, size.value, risk, 1, instrument)
        case SizeKind.VOLATILITY:
            base = base_of(size.feature, facts, instrument)
            if base is None or base[0] <= 0:
                raise Refused(RejectReason.UNRESOLVED_PRICE, f"{size.feature} is no distance")
            return _share(facts.equity, size.value, *base, instrument)


def _amount(facts: Facts) -> Decimal:
    """What the size's expression came to, in quote coin; 0 if it is negative."""
    for name, value in facts.values:
        if name == SIZE_VALUE:
            return max(float_to_decimal(value), Decimal(0))
    raise Refused(RejectReason.UNRESOLVED_PRICE, "the size's expression has no value")


def _share(money: int, percent: Decimal, top: int, bottom: int, instrument: Instrument) -> Qty:
    """floor(money x percent / 100 / (top / bottom) / step) x step; top / bottom in units of Price, money as Money."""
    more, whole = percent.as_integer_ratio()
    worth = money * more * bottom
    if worth <= 0:
        return Qty(0)
    return Qty(worth // (100 * whole * instrument.rate_one * top * instrument.step) * instrument.step)


def smallest_quantity(price: Price, instrument: Instrument) -> Qty:
    """The smallest quantity on the step that the instrument takes at `price`."""
    step = instrument.step
    steps = max(1, -(-instrument.min_qty // step), -(-instrument.min_notional // (instrument.value(price, step))))
    return Qty(steps * step)


def check_quantity(qty: Qty, value: int, kind: OrderKind, instrument: Instrument) -> None:
    """Refuse a quantity below the minimum or above the maximum, and a value below the minimum."""
    if qty < instrument.min_qty or qty == 0:
        raise Refused(
            RejectReason.BELOW_MINIMUM,
            f"quantity {instrument.qty_text(qty)} < {instrument.qty_text(instrument.min_qty)}, the minimum",
        )
    if value < instrument.min_notional:
        least = instrument.money_text(instrument.min_notional)
        raise Refused(RejectReason.BELOW_MINIMUM, f"value {instrument.money_text(value)} < {least}, the minimum")
    check_maximum(qty, kind, instrument)


def check_maximum(qty: Qty, kind: OrderKind, instrument: Instrument) -> None:
    """Refuse a quantity above the maximum of its kind of order."""
    most = instrument.max_qty if kind is _LIMIT else instrument.max_market_qty
    if qty > most:
        of = "a limit order" if kind is _LIMIT else "a market order"
        reason = f"quantity {instrument.qty_text(qty)} > {instrument.qty_text(most)}, the maximum of {of}"
        raise Refused(RejectReason.ABOVE_MAXIMUM, reason)
