"""An entry has filled and wants protection."""

from decimal import Decimal

import msgspec

from actors.model.fixed import Price
from actors.model.order import ProtectionTerms, Side

__all__ = ["ProtectEntry", "RetryProtection", "StopSeen", "Unprotected"]


class ProtectEntry(msgspec.Struct, frozen=True, gc=False):
    """Move the position's stop and target to percents of this fill's price; None leaves a level as it is.

    `attached` are the levels that the order brought along: at the venue they stand since the fill.
    """

    symbol: str
    side: Side
    fill_price: Price
    stop_loss: Decimal | None
    take_profit: Decimal | None
    attached: ProtectionTerms | None = None


class RetryProtection(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: the last attempt was not accepted."""


class Unprotected(msgspec.Struct, frozen=True, gc=False):
    """A position stands without the protection it should have, and the venue keeps refusing it."""

    symbol: str
    reason: str


class StopSeen(msgspec.Struct, frozen=True, gc=False):
    """On the record alone, for `seconds_unprotected`: at this time (UTC ms) the position's stop stood, or was gone."""

    is_standing: bool
    time_ms: int
