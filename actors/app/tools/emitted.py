"""What a case emits, in words, and which of it rests at the venue.

A field that this module has no sentence for is told by its name and value, so that nothing of a card is left out.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from ideacards.card import Emit
from ideacards.decimals import plain_text
from ideacards.intents import Action, IntentMetadata, OrderKind, OrderSpec, Size, SizeKind

__all__ = ["emit_text", "is_at_market", "venue_lines"]

_ACTIONS = {
    Action.ENTER_LONG: "enter long",
    Action.ENTER_SHORT: "enter short",
    Action.EXIT: "exit",
}
_SIZES = {
    SizeKind.NOTIONAL: "worth {} in quote coin at the deciding close",
    SizeKind.QUANTITY: "of {} in base coin",
    SizeKind.EQUITY_PERCENT: "worth {} % of the equity at the deciding close",
}
_ENTRIES = (Action.ENTER_LONG, Action.ENTER_SHORT)
_TOLD = ("size", "order", "stop_loss", "take_profit", "fraction", "add")


def emit_text(emit: Emit | None) -> str:
    """`enter long, worth 1000 in quote coin at the deciding close, at market at the next open`."""
    if emit is None:
        return "nothing (action: none), and no later case of the block is tried"
    told, action = emit.metadata, emit.action
    parts = [_ACTIONS.get(action, action.value.replace("_", " "))]
    if told.size is not None:
        parts.append(_size(told.size))
    if action is Action.EXIT:
        parts.append("all of the position" if told.fraction in (None, 1) else _share(told.fraction))
    parts.append(_order(told.order))
    for name in ("stop_loss", "take_profit"):
        level = getattr(told, name)
        if level is not None:
            parts.append(f"{name} {_value(level, ' %')} from the entry fill's price")
    if action in _ENTRIES:
        parts.append("also into an open position of the same side" if told.add else "not while a position is open")
    parts += [f"{name}: {_value(value)}" for name, value in _others(told)]
    return ", ".join(parts)


def is_at_market(emit: Emit) -> bool:
    """Whether its order is a market order."""
    return emit.metadata.order.type is OrderKind.MARKET


def venue_lines(emit: Emit) -> Iterator[str]:
    """What of it rests at the venue, a sentence each."""
    told = emit.metadata
    what = "the entry" if emit.action in _ENTRIES else "the exit"
    if told.order.type is OrderKind.LIMIT:
        ends = (
            "until it fills or the run ends"
            if emit.action in _ENTRIES
            else "until it fills, or a newer exit replaces it"
        )
        yield f"at the venue: {what} as a limit order, {ends}"
    if told.order.type is OrderKind.STOP:
        yield f"at the venue: {what} as a conditional market order, which the last price triggers"
    levels = [name for name in ("stop_loss", "take_profit") if getattr(told, name) is not None]
    if levels:
        names = " and ".join(levels)
        yield f"at the venue: {names} of the position from the entry's fill on, triggered by the last price"
    elif emit.action in _ENTRIES:
        yield f"no stop_loss: the position of {emit.action.value} is protected by the card's exits alone"


def _size(size: Size) -> str:
    text = _SIZES.get(size.kind)
    return f"size {_value(size)}" if text is None else text.format(plain_text(size.value))


def _share(fraction: Decimal | None) -> str:
    return f"{plain_text((fraction or Decimal(1)) * 100)} % of the position"


def _order(order: OrderSpec) -> str:
    ref = order.price
    if order.type is OrderKind.MARKET or ref is None:
        return "at market at the next open"
    price = {"close": "the deciding close", "entry": "the position's entry price"}.get(ref.ref, ref.ref)
    if ref.offset_percent is not None:
        price += f" {_signed(ref.offset_percent)} %"
    if ref.offset_ticks is not None:
        price += f" {_signed(Decimal(ref.offset_ticks))} ticks"
    if order.type is OrderKind.STOP:
        return f"by a stop order at {price}"
    return f"by a {order.type.value} order at {price}"


def _signed(value: Decimal) -> str:
    return f"{'+' if value >= 0 else '-'} {plain_text(abs(value))}"


def _others(told: IntentMetadata) -> Iterator[tuple[str, Any]]:
    """Fields that no sentence above tells, where they are not what a card has without them."""
    plain = type(told)()
    for name in told.__struct_fields__:
        value = getattr(told, name)
        if name not in _TOLD and value != getattr(plain, name):
            yield name, value


def _value(value: Any, unit: str = "") -> str:
    """A number with its unit; of a struct its fields by name."""
    if isinstance(value, Decimal):
        return f"{plain_text(value)}{unit}"
    if isinstance(value, msgspec.Struct):
        fields = [(name, getattr(value, name)) for name in value.__struct_fields__]
        return "(" + ", ".join(f"{name} {_value(each)}" for name, each in fields if each not in (None, "", ())) + ")"
    if isinstance(value, tuple):
        return ", ".join(map(_value, value))
    return str(value)
