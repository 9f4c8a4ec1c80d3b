"""What a case emits, in words, and which of it rests at the venue.

A field that this module has no sentence for is told by its name and value, so that nothing of a card is left out.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from ideacards.card import Emit
from ideacards.decimals import plain_text
from ideacards.expressions.wording import text_of
from ideacards.intents import (
    Action,
    AtPrice,
    Distance,
    Level,
    LevelAt,
    OrderKind,
    OrderSpec,
    PriceRef,
    Size,
    SizeKind,
    TickDistance,
)

__all__ = ["emit_text", "is_at_market", "venue_lines"]

_ACTIONS = {
    Action.ENTER_LONG: "enter long",
    Action.ENTER_SHORT: "enter short",
    Action.EXIT: "exit",
    Action.REVERSE: "reverse the position through zero",
    Action.SCALE_IN: "add to the position",
    Action.FLATTEN: "cancel what rests and exit at market",
    Action.WITHDRAW: "cancel what rests of the card's entries",
    Action.SET_STOP: "move the stop loss",
    Action.SET_TARGET: "move the take profit",
    Action.REPLACE: "amend the resting entry",
    Action.TRAIL: "set the position's trailing stop",
}
_SIZES = {
    SizeKind.NOTIONAL: "worth {} in quote coin at the deciding close",
    SizeKind.QUANTITY: "of {} in base coin",
    SizeKind.EQUITY_PERCENT: "worth {} % of the equity at the deciding close",
    SizeKind.AVAILABLE_PERCENT: "worth {} % of the equity that is not bound as margin",
    SizeKind.RISK: "as much as loses {} % of the equity at the stop loss",
}
_ENTRIES = (Action.ENTER_LONG, Action.ENTER_SHORT)
_EXITS = (Action.EXIT, Action.FLATTEN)
_MOVES = (Action.SET_STOP, Action.SET_TARGET, Action.TRAIL)
_SENDS = (*_ENTRIES, Action.EXIT, Action.REVERSE, Action.SCALE_IN)  # those whose order the card describes
_TOLD = ("size", "order", "stop_loss", "take_profit", "fraction", "add", "exits", "reason")
_FROM_ENTRY, _FROM_AVERAGE = " from the entry fill's price", " from the average entry price"
_LEVELS = ("level", "distance", "activation")
_MINUTES = ("session_end", "until")
_OF_ORDER = ("type", "price", "limit", "ladder", "expires_when")


def emit_text(emit: Emit | None) -> str:
    """`enter long, worth 1000 in quote coin at the deciding close, at market at the next open`."""
    if emit is None:
        return "nothing (action: none), and no later case of the block is tried"
    told, action = emit.metadata, emit.action
    parts = [_ACTIONS.get(action, action.value.replace("_", " "))]
    if told.size is not None:
        parts.append(_size(told.size))
    if action is Action.REPLACE and told.order.price is not None:
        parts.append(f"to {_price(told.order.price)}")
    if action is Action.EXIT:
        parts.append("all of the position" if told.fraction in (None, 1) else _share(told.fraction))
    if action in _SENDS:
        parts.append(_order(told.order))
        parts += [f"{name}: {_value(value)}" for name, value in _others(told.order, _OF_ORDER)]
        if told.order.expires_when is not None:
            parts.append(f"taken back at the first close with {text_of(told.order.expires_when)}")
    origin = _FROM_AVERAGE if action in _MOVES else _FROM_ENTRY
    for name in ("stop_loss", "take_profit"):
        level = getattr(told, name)
        if level is not None:
            parts.append(f"{name} {_level(level, origin)}")
    if told.exits is not None:
        parts += [f"{name}: {_named(name, value, origin)}" for name, value in _others(told.exits, ())]
    if action in _ENTRIES:
        parts.append("also into an open position of the same side" if told.add else "not while a position is open")
    parts += [f"{name}: {_value(value)}" for name, value in _others(told, _TOLD)]
    return ", ".join(parts)


def is_at_market(emit: Emit) -> bool:
    """Whether its order is a market order."""
    return emit.action in (*_SENDS, Action.FLATTEN) and emit.metadata.order.type is OrderKind.MARKET


def venue_lines(emit: Emit) -> Iterator[str]:
    """What of it rests at the venue, and what of it an actor watches, a sentence each."""
    told, action = emit.metadata, emit.action
    kind = told.order.type
    if action in _SENDS and kind is not OrderKind.MARKET:
        what = "the exit" if action in _EXITS else "the entry"
        as_what = "a limit order" if kind is OrderKind.LIMIT else "a conditional order, which the last price triggers"
        as_what = f"{len(told.order.ladder)} limit orders" if told.order.ladder else as_what
        yield f"at the venue: {what} as {as_what}, until it fills or {_end_of(emit)}"
        if told.order.ladder:
            yield "when the position of a ladder has ended, what still rests of the ladder is cancelled"
        if told.order.follow is not None:
            yield "watched here: where the price of a resting entry lies, at each close; it is amended when it follows"
    levels = [name for name in ("stop_loss", "take_profit") if getattr(told, name) is not None]
    if levels and action in _MOVES:
        yield f"at the venue: {levels[0]} of the position, moved"
    elif levels:
        names = " and ".join(levels)
        yield f"at the venue: {names} of the position from the entry's fill on, triggered by the last price"
    if told.exits is not None and told.exits.targets:
        yield "at the venue: the targets as limit orders, from the entry's fill on"
    if action is Action.TRAIL and told.exits is not None and not told.exits.is_watched:
        yield "at the venue: the trailing stop of the position, from the decision on"
    if told.exits is not None and told.exits.is_watched:
        yield "watched here, at each close: the exits that follow a feature, count bars, end with a session or need R"
    is_bare = told.stop_loss is None and (told.exits is None or told.exits.trail is None)
    if action in _ENTRIES and not levels and is_bare:
        yield f"no stop_loss: the position of {action.value} is protected by the card's exits alone"


def _end_of(emit: Emit) -> str:
    """What else ends a resting order."""
    if emit.action in _EXITS:
        return "a newer exit replaces it"
    order = emit.metadata.order
    return "it expires" if order.expires is not None or order.expires_when is not None else "the run ends"


def _size(size: Size) -> str:
    if size.expression is not None:
        return f"worth {text_of(size.expression)} in quote coin"
    if size.kind is SizeKind.VOLATILITY:
        return (
            f"as much as gains or loses {plain_text(size.value)} % of the equity if the price moves by {size.feature}"
        )
    text = _SIZES.get(size.kind)
    return f"size {_value(size)}" if text is None else text.format(plain_text(size.value))


def _level(level: Level, origin: str) -> str:
    match level:
        case Decimal():
            return f"{plain_text(level)} %{origin}"
        case Distance():
            times = "" if level.multiple == 1 else f"{plain_text(level.multiple)} * "
            return f"{times}{level.feature}{origin}"
        case LevelAt():
            return f"at {level.price}"
        case TickDistance():
            return f"{level.ticks} ticks{origin}"
        case AtPrice():
            return f"at {plain_text(level.at)}"


def _share(fraction: Decimal | None) -> str:
    return f"{plain_text((fraction or Decimal(1)) * 100)} % of the position"


def _order(order: OrderSpec) -> str:
    if order.ladder:
        total = plain_text(sum((rung.weight for rung in order.ladder), Decimal(0)))
        rungs = ", ".join(f"{plain_text(rung.weight)}/{total} of it at {_price(rung.price)}" for rung in order.ladder)
        return f"by a ladder of {len(order.ladder)} limit orders: {rungs}"
    if order.type is OrderKind.MARKET or order.price is None:
        return "at market at the next open"
    text = f"by a {order.type.value.replace('_', ' ')} order at {_price(order.price)}"
    if order.type is OrderKind.STOP_LIMIT and order.limit is not None:
        text += f" with the limit {_price(order.limit)}"
    return text


def _price(ref: PriceRef) -> str:
    price = {"close": "the deciding close", "entry": "the position's entry price"}.get(ref.ref, ref.ref)
    if ref.offset_percent is not None:
        price += f" {_signed(ref.offset_percent)} %"
    if ref.offset_ticks is not None:
        price += f" {_signed(Decimal(ref.offset_ticks))} ticks"
    if ref.offset_feature:
        times = _signed(ref.offset_multiple)
        price += f" {times} * {ref.offset_feature}"
    return price


def _signed(value: Decimal) -> str:
    return f"{'+' if value >= 0 else '-'} {plain_text(abs(value))}"


def _others(told: msgspec.Struct, sentences: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Fields that have no sentence, where they are not what a card has without them."""
    plain = type(told)()
    for name in told.__struct_fields__:
        value = getattr(told, name)
        if name not in sentences and value != getattr(plain, name):
            yield name, value


def _named(name: str, value: Any, origin: str = _FROM_ENTRY) -> str:
    """The value of a field; a minute of the day as a time."""
    if name in _MINUTES and isinstance(value, int):
        return f"{value // 60:02d}:{value % 60:02d} UTC"
    return _level(value, origin) if name in _LEVELS and isinstance(value, Level) else _value(value, origin)


def _value(value: Any, origin: str = _FROM_ENTRY) -> str:
    """A number as the card has it; a level in words; of another struct its fields by name."""
    if isinstance(value, Decimal):
        return plain_text(value)
    if isinstance(value, msgspec.Struct):
        fields = [(name, getattr(value, name)) for name in value.__struct_fields__]
        told = ", ".join(f"{name} {_named(name, each, origin)}" for name, each in fields if each not in (None, "", ()))
        return f"({told})"
    if isinstance(value, tuple):
        return " then ".join(_value(each, origin) for each in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
