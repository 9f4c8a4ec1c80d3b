"""What an actor watches of a resting entry: when it expires, and the price that it follows."""

from decimal import Decimal

import msgspec

from actors.model.fixed import Price
from ideacards.intents import PriceRef

__all__ = ["RestingOrder", "RestingTerms"]


class RestingTerms(msgspec.Struct, frozen=True):
    """Stated when the entry was decided, at `since_ms` (UTC ms).

    It expires after so many exec bars, or at the minute `until` of the day in UTC; it follows `price` once that is more
    than so many ticks, or percent of the order's price, away.
    """

    since_ms: int
    expires_bars: int | None = None
    until: int | None = None
    follow_ticks: int | None = None
    follow_percent: Decimal | None = None
    price: PriceRef | None = None


class RestingOrder(msgspec.Struct, frozen=True):
    """An entry that is watched: its terms, its side, whether it is a stop, the price that it stands at now, and its
    number in a ladder.
    """

    terms: RestingTerms
    side: int
    is_stop: bool
    price: Price
    rung: int = 0
