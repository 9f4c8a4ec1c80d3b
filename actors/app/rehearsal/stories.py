"""What a run decided and what became of it, in words that a live run and a simulated one share.

Prices, quantities and fees are exact decimals, whatever digits a run counts in.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs

from actors.intents.messages import IntentRefused
from actors.model.instrument import Instrument
from actors.model.order import Fill, Order
from actors.orders.messages import FillBooked, OrderUpdated
from actors.strategy.messages import Decided
from runtime.kernel.recorder import Record

__all__ = ["DecisionLine", "FillLine", "OrderLine", "Story", "story_of"]


@attrs.frozen
class DecisionLine:
    """An intent, or its refusal by the processor."""

    card_id: str
    block_id: str
    bar_close_ms: int
    action: str
    close: Decimal | None
    refusal: str = ""
    metadata: str = ""


@attrs.frozen
class OrderLine:
    """An order as it was first sent, and how it stood at the end."""

    link_id: str
    side: str
    type: str
    qty: Decimal
    price: Decimal | None
    trigger_price: Decimal | None
    status: str
    filled_qty: Decimal


@attrs.frozen
class FillLine:
    """An execution."""

    link_id: str
    time_ms: int
    side: str
    qty: Decimal
    price: Decimal
    fee: Decimal
    is_maker: bool
    origin: str


@attrs.define
class Story:
    """Lines in the order in which they happened; orders by our id."""

    decisions: list[DecisionLine] = attrs.field(factory=list)
    orders: dict[str, OrderLine] = attrs.field(factory=dict)
    fills: list[FillLine] = attrs.field(factory=list)


def story_of(stream: Iterable[Record], instruments: Mapping[str, Instrument], symbols: Mapping[str, str]) -> Story:
    """The story of a decision stream; `instruments` by symbol, `symbols` by card."""
    story = Story()
    for record in stream:
        match record.message:
            case Decided():
                story.decisions.append(_decided(record.message, instruments[symbols[record.message.intent.card_id]]))
            case IntentRefused():
                told = record.message
                story.decisions.append(
                    DecisionLine(
                        told.card_id, told.block_id, told.bar_close_ms, str(told.action), None, str(told.refusal)
                    )
                )
            case OrderUpdated(order):
                _updated(story, order, instruments[order.request.symbol])
            case FillBooked(fill):
                story.fills.append(_filled(fill, instruments[fill.symbol]))
    return story


def _decided(message: Decided, instrument: Instrument) -> DecisionLine:
    intent = message.intent
    close = _scaled(message.facts.close, instrument.price_digits)
    return DecisionLine(
        intent.card_id, intent.block_id, intent.bar_close_ms, str(intent.action), close, metadata=repr(intent.metadata)
    )


def _updated(story: Story, order: Order, instrument: Instrument) -> None:
    request = order.request
    line = story.orders.get(request.link_id)
    filled = _scaled(order.filled_qty, instrument.qty_digits)
    if line is not None:
        story.orders[request.link_id] = attrs.evolve(line, status=order.status.name, filled_qty=filled)
        return
    story.orders[request.link_id] = OrderLine(
        request.link_id,
        request.side.name,
        request.type.name,
        _scaled(request.qty, instrument.qty_digits),
        _price(request.price, instrument),
        _price(request.trigger_price, instrument),
        order.status.name,
        filled,
    )


def _filled(fill: Fill, instrument: Instrument) -> FillLine:
    return FillLine(
        fill.link_id,
        fill.time_ms,
        fill.side.name,
        _scaled(fill.traded_qty, instrument.qty_digits),
        _scaled(fill.price, instrument.price_digits),
        _scaled(fill.fee, instrument.money_digits),
        fill.is_maker,
        str(fill.origin),
    )


def _price(price: int | None, instrument: Instrument) -> Decimal | None:
    return None if price is None else _scaled(price, instrument.price_digits)


def _scaled(value: int, digits: int) -> Decimal:
    """Exact, and without trailing zeros, so that equal amounts are equal text too."""
    found = Decimal(value).scaleb(-digits)
    return found.normalize() if found else Decimal(0)


def as_text(line: Any) -> str:
    """One line for people."""
    return " ".join(f"{name}={value}" for name, value in attrs.asdict(line).items() if value not in (None, ""))
