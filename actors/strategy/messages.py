"""A card's decision and the facts it was made on, for the IntentProcessor."""

import msgspec

from actors.model.fixed import Money, Price
from actors.model.position import Position
from ideacards.intents import Intent

__all__ = ["Decided", "Facts"]


class Facts(msgspec.Struct, frozen=True, gc=False):
    """The deciding bar's close, the equity at that close, the position, and the feature values that the refs name."""

    close: Price
    equity: Money
    position: Position
    values: tuple[tuple[str, float], ...] = ()
    last_fill: Price | None = None  # of the symbol's newest execution
    available: Money = Money(0)  # equity less the margin of open positions; the processor fills it in


class Decided(msgspec.Struct, frozen=True, gc=False):
    """An intent with its facts; the processor makes an order or a refusal of it."""

    intent: Intent
    facts: Facts
