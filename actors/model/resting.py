"""What an actor watches of a resting entry: when it expires, and the price that it follows."""

from decimal import Decimal

import msgspec

from actors.model.exits import LevelTerms
from actors.model.fixed import Price, Qty
from ideacards.intents import PriceRef

__all__ = ["RestingOrder", "RestingTerms"]


class RestingTerms(msgspec.Struct, frozen=True):
    """Stated when the entry was decided, at `since_ms` (UTC ms).

    It expires after so many exec bars, at the minute `until` of the day in UTC, or when the card's condition
    `expires_when` holds; it follows `price` once that is more than so many ticks, or percent of the order's price,
    away.
    """

    since_ms: int
    expires_bars: int | None = None
    until: int | None = None
    follow_ticks: int | None = None
    follow_percent: Decimal | None = None
    price: PriceRef | None = None
    expires_when: str = ""


class RestingOrder(msgspec.Struct, frozen=True):
    """An entry that may rest: what is watched of it, its side, whether it is a stop, the price and quantity that it has
    now, its number in a ladder, and its levels.
    """

    terms: RestingTerms | None
    side: int
    is_stop: bool
    price: Price
    qty: Qty
    rung: int = 0
    stop_loss: LevelTerms | None = None
    take_profit: LevelTerms | None = None
