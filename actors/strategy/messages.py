"""A decision, with the facts it was made on: all that the processor needs to turn it into an order."""

import msgspec

from actors.model.fixed import Money, Price
from actors.model.position import Position
from ideacards.intents import Intent

__all__ = ["Decided", "Facts"]


class Facts(msgspec.Struct, frozen=True, gc=False):
    """The deciding bar's close, equity at that close, the position, and the values the intent's refs name."""

    close: Price
    equity: Money
    position: Position
    values: tuple[tuple[str, float], ...] = ()


class Decided(msgspec.Struct, frozen=True, gc=False):
    """An intent on its way to become an order, or a refusal."""

    intent: Intent
    facts: Facts
