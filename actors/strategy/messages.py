"""A card's decision and the facts it was made on, for the IntentProcessor; and an operator's commands to a card."""

import msgspec

from actors.model.fixed import Money, Price
from actors.model.position import Position
from ideacards.intents import Intent

__all__ = ["CardPaused", "Decided", "Facts", "LeaderLate", "Pause", "Resume"]


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


class Pause(msgspec.Struct, frozen=True, gc=False):
    """An operator's command: enter nothing until Resume. Resting entries are cancelled, exits go on."""

    reason: str = ""


class Resume(msgspec.Struct, frozen=True, gc=False):
    """An operator's command: the card may enter again, from the next bar on."""

    reason: str = ""


class CardPaused(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: the card was paused, or has resumed."""

    card_id: str
    is_paused: bool
    reason: str


class LeaderLate(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: the card decided at `ts_close` (UTC ms) without a leader's bar of it."""

    card_id: str
    symbol: str
    ts_close: int
