"""Resolves an intent's price and size: a reference and an offset to a price, a size to a quantity; exact arithmetic."""

import math

from actors.model.fixed import Price, Qty, Rounding, float_to_decimal, power_of_ten
from actors.model.instrument import Instrument
from actors.strategy.messages import Facts
from ideacards.intents import PriceRef, Size, SizeKind

__all__ = ["resolve_price", "resolve_quantity"]


def resolve_price(ref: PriceRef, facts: Facts, instrument: Instrument, rounding: Rounding) -> Price | None:
    """The price `ref` names, on the tick; None where it is undefined (no entry, no value) or not positive."""
    base = _base(ref.ref, facts, instrument)
    if base is None:
        return None
    top, bottom = base
    if ref.offset_percent is not None:
        more, whole = ref.offset_percent.as_integer_ratio()
        top, bottom = top * (100 * whole + more), bottom * 100 * whole
    if ref.offset_ticks is not None:
        top += ref.offset_ticks * instrument.tick * bottom
    price = instrument.round_price(top, bottom, rounding)
    return price if price > 0 else None


def _base(name: str, facts: Facts, instrument: Instrument) -> tuple[int, int] | None:
    """The reference's value in units of Price, exactly, as (numerator, denominator); None where it is undefined."""
    if name == "close":
        return facts.close, 1
    if name == "entry":
        held = facts.position
        sign = 1 if held.qty > 0 else -1
        return (sign * held.cost, sign * instrument.value(1, held.qty)) if held.qty else None
    for key, value in facts.values:
        if key == name and not math.isnan(value):
            top, bottom = float_to_decimal(value).as_integer_ratio()
            return top * power_of_ten(instrument.price_digits), bottom
    return None


def resolve_quantity(size: Size, facts: Facts, instrument: Instrument) -> Qty:
    """The size as a quantity, rounded down to the step; notional and equity_percent count at the deciding close."""
    if size.kind is SizeKind.QUANTITY:
        return instrument.floor_qty(size.value)
    if size.kind is SizeKind.NOTIONAL:
        return instrument.qty_for_notional(size.value, facts.close)
    top, bottom = size.value.as_integer_ratio()  # a percentage; equity is in units of price x quantity x rate
    worth = facts.equity * top
    if worth <= 0:
        return Qty(0)
    return Qty(worth // (100 * bottom * instrument.rate_one * facts.close * instrument.step) * instrument.step)
