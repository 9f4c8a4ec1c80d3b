"""Resolves an intent's price: a reference and an offset become a price on the tick; exact arithmetic."""

import math
from typing import Protocol

from actors.model.fixed import Price, Rounding, float_to_decimal, power_of_ten
from actors.model.instrument import Instrument
from actors.model.position import Position
from ideacards.intents import PriceRef

__all__ = ["PriceFacts", "base_of", "resolve_price"]


_AT_CLOSE = ("close", "best_bid", "best_ask")  # no quotes reach a card: its bar's close stands for both


class PriceFacts(Protocol):
    """What references are resolved from: the deciding close, the position, the last fill, and values of features."""

    @property
    def close(self) -> Price: ...
    @property
    def position(self) -> Position: ...
    @property
    def last_fill(self) -> Price | None: ...
    @property
    def values(self) -> tuple[tuple[str, float], ...]: ...


def resolve_price(ref: PriceRef, facts: PriceFacts, instrument: Instrument, rounding: Rounding) -> Price | None:
    """The price `ref` names, on the tick; None where it is undefined (no entry, no value) or not positive."""
    base = base_of(ref.ref, facts, instrument)
    if base is None:
        return None
    top, bottom = base
    if ref.offset_percent is not None:
        more, whole = ref.offset_percent.as_integer_ratio()
        top, bottom = top * (100 * whole + more), bottom * 100 * whole
    if ref.offset_ticks is not None:
        top += ref.offset_ticks * instrument.tick * bottom
    if ref.offset_feature:
        offset = base_of(ref.offset_feature, facts, instrument)
        if offset is None:
            return None
        more, whole = ref.offset_multiple.as_integer_ratio()
        top, bottom = top * offset[1] * whole + offset[0] * more * bottom, bottom * offset[1] * whole
    price = instrument.round_price(top, bottom, rounding)
    return price if price > 0 else None


def base_of(name: str, facts: PriceFacts, instrument: Instrument) -> tuple[int, int] | None:
    """The reference's value in units of Price, exactly, as (numerator, denominator); None where it is undefined."""
    if name in _AT_CLOSE:
        return facts.close, 1
    if name == "last_fill":
        return None if facts.last_fill is None else (facts.last_fill, 1)
    if name == "entry":
        held = facts.position
        sign = 1 if held.qty > 0 else -1
        return (sign * held.cost, sign * instrument.value(1, held.qty)) if held.qty else None
    for key, value in facts.values:
        if key == name and not math.isnan(value):
            top, bottom = float_to_decimal(value).as_integer_ratio()
            return top * power_of_ten(instrument.price_digits), bottom
    return None
