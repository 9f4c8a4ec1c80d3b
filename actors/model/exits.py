"""The exits of an entry, resolved: only the entry fill's price is missing."""

from decimal import Decimal

import msgspec

from actors.model.fixed import Price

__all__ = ["FixedLevel", "LevelTerms"]


class FixedLevel(msgspec.Struct, frozen=True, gc=False):
    """A distance in price from the entry fill, or a price; exactly one of them is set, both on the tick."""

    distance: Price | None = None
    price: Price | None = None


LevelTerms = Decimal | FixedLevel
"""Where a stop loss or take profit lies; a Decimal is a distance in percent of the entry fill's price."""
