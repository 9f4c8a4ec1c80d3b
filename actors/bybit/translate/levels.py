"""Prices, quantities and the levels that go with an order, in the wire's text and in the model's fixed point."""

from typing import Any

from actors.bybit.numbers import read_level, read_number, write_number
from actors.bybit.translate.values import TRIGGER_PRICES, WIRE_TRIGGER_PRICES
from actors.bybit.wire.orders import AmendItem, CreateItem
from actors.bybit.wire.values import WireCategory, WireOrderType, WireTpslMode, WireTriggerBy
from actors.model.fixed import Price, Qty
from actors.model.instrument import Instrument
from actors.model.order import PriceKind, ProtectionTerms

__all__ = [
    "REMOVE",
    "attached_levels",
    "category_of",
    "exit_type",
    "price_kind",
    "price_text",
    "read_level_price",
    "read_levels",
    "read_price",
    "read_qty",
    "replaced_levels",
]

REMOVE = "0"
"""The text that takes a level away."""


def category_of(instrument: Instrument) -> WireCategory:
    """The instrument's category in the wire's words."""
    return WireCategory(instrument.category)


def price_text(price: int | None, instrument: Instrument) -> str | None:
    """The wire's text of a price; None stays None."""
    return None if price is None else write_number(price, instrument.price_digits)


def exit_type(limit_price: int | None) -> WireOrderType:
    """A level with a limit price exits with a limit order, another at market."""
    return WireOrderType.MARKET if limit_price is None else WireOrderType.LIMIT


def attached_levels(terms: ProtectionTerms, instrument: Instrument, is_spot: bool) -> dict[str, Any]:
    """Levels that go with a new order. Spot has no mode and no choice of trigger price."""
    has_stop, has_target = terms.stop_loss is not None, terms.take_profit is not None
    levels: dict[str, Any] = {
        "take_profit": price_text(terms.take_profit, instrument),
        "stop_loss": price_text(terms.stop_loss, instrument),
    }
    if not is_spot:
        levels["tpsl_mode"] = WireTpslMode.PARTIAL if terms.is_partial else WireTpslMode.FULL
        levels["tp_trigger_by"] = WIRE_TRIGGER_PRICES[terms.take_profit_trigger_by] if has_target else None
        levels["sl_trigger_by"] = WIRE_TRIGGER_PRICES[terms.stop_loss_trigger_by] if has_stop else None
    if is_spot or terms.is_partial:
        levels["tp_order_type"] = exit_type(terms.take_profit_limit_price) if has_target else None
        levels["sl_order_type"] = exit_type(terms.stop_loss_limit_price) if has_stop else None
        levels["tp_limit_price"] = price_text(terms.take_profit_limit_price, instrument)
        levels["sl_limit_price"] = price_text(terms.stop_loss_limit_price, instrument)
    return levels


def replaced_levels(terms: ProtectionTerms, instrument: Instrument) -> dict[str, Any]:
    """Levels that replace those of a resting order: one that is None is removed."""
    return {
        "take_profit": price_text(terms.take_profit, instrument) or REMOVE,
        "stop_loss": price_text(terms.stop_loss, instrument) or REMOVE,
        "tpsl_mode": WireTpslMode.PARTIAL if terms.is_partial else WireTpslMode.FULL,
        "tp_trigger_by": WIRE_TRIGGER_PRICES[terms.take_profit_trigger_by],
        "sl_trigger_by": WIRE_TRIGGER_PRICES[terms.stop_loss_trigger_by],
        "tp_limit_price": price_text(terms.take_profit_limit_price, instrument),
        "sl_limit_price": price_text(terms.stop_loss_limit_price, instrument),
    }


def read_levels(item: CreateItem | AmendItem, instrument: Instrument) -> ProtectionTerms | None:
    """None where the item names no level at all; "0" names one that is removed."""
    if not item.take_profit and not item.stop_loss:
        return None
    return ProtectionTerms(
        stop_loss=read_level_price(item.stop_loss, instrument, "stopLoss"),
        take_profit=read_level_price(item.take_profit, instrument, "takeProfit"),
        stop_loss_trigger_by=price_kind(item.sl_trigger_by),
        take_profit_trigger_by=price_kind(item.tp_trigger_by),
        is_partial=item.tpsl_mode is WireTpslMode.PARTIAL,
        stop_loss_limit_price=read_level_price(item.sl_limit_price, instrument, "slLimitPrice"),
        take_profit_limit_price=read_level_price(item.tp_limit_price, instrument, "tpLimitPrice"),
    )


def price_kind(trigger_by: WireTriggerBy | None) -> PriceKind:
    """The last price where nothing else is said."""
    return TRIGGER_PRICES.get(trigger_by, PriceKind.LAST) if trigger_by else PriceKind.LAST


def read_price(text: str | None, instrument: Instrument, field: str) -> Price | None:
    """A price on the instrument's grid; None for no value."""
    value = read_number(text, instrument.price_digits, field)
    return None if value is None else Price(value)


def read_level_price(text: str | None, instrument: Instrument, field: str) -> Price | None:
    """The price of a level; None for no value and for "0", which removes it."""
    value = read_level(text, instrument.price_digits, field)
    return None if value is None else Price(value)


def read_qty(text: str | None, instrument: Instrument, field: str) -> Qty | None:
    """A quantity on the instrument's grid; None for no value."""
    value = read_number(text, instrument.qty_digits, field)
    return None if value is None else Qty(value)
