"""What an intent refers to: a price from a reference and an offset, a quantity from a size. Exact throughout."""

import math
from fractions import Fraction

from actors.model.fixed import Price, Qty, Rounding, float_to_decimal, power_of_ten
from actors.model.instrument import Instrument
from actors.strategy.messages import Facts
from ideacards.intents import PriceRef, Size, SizeKind

__all__ = ["resolve_price", "resolve_quantity"]


def resolve_price(ref: PriceRef, facts: Facts, place: Instrument, rounding: Rounding) -> Price | None:
    """The price `ref` names, on the tick; None where it is undefined (no entry, no value) or not positive."""
    base = _base(ref.ref, facts, place)
    if base is None:
        return None
    if ref.offset_percent is not None:
        base += base * Fraction(ref.offset_percent) / 100
    if ref.offset_ticks is not None:
        base += ref.offset_ticks * place.tick
    price = place.round_price(base, rounding)
    return price if price > 0 else None


def _base(name: str, facts: Facts, place: Instrument) -> Fraction | None:
    """The reference in units of Price, exactly."""
    if name == "close":
        return Fraction(facts.close)
    if name == "entry":
        held = facts.position
        return Fraction(held.cost, place.value(1, held.qty)) if held.qty else None
    for key, value in facts.values:
        if key == name and not math.isnan(value):
            return Fraction(float_to_decimal(value)) * power_of_ten(place.price_digits)
    return None


def resolve_quantity(size: Size, facts: Facts, place: Instrument) -> Qty:
    """floor(size / step) x step; notional and equity_percent are valued at the deciding close."""
    if size.kind is SizeKind.QUANTITY:
        return place.floor_qty(size.value)
    if size.kind is SizeKind.NOTIONAL:
        return place.qty_for_notional(size.value, facts.close)
    equity = Fraction(facts.equity, 10**place.money_digits)
    return _of_fraction(equity * Fraction(size.value) / 100, facts, place)


def _of_fraction(notional: Fraction, facts: Facts, place: Instrument) -> Qty:
    if notional <= 0:
        return Qty(0)
    units = notional * 10 ** (place.price_digits + place.qty_digits)
    return Qty(int(units // (facts.close * place.step)) * place.step)
