"""An entry has filled and wants protection."""

from decimal import Decimal

import msgspec

from actors.model.fixed import Price
from actors.model.order import Side

__all__ = ["ProtectEntry", "RetryProtection", "Unprotected"]


class ProtectEntry(msgspec.Struct, frozen=True, gc=False):
    """Set the position's stop and target, in percent of this fill's price; None leaves a level off."""

    symbol: str
    side: Side
    fill_price: Price
    stop_loss: Decimal | None
    take_profit: Decimal | None


class RetryProtection(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: the last attempt was not accepted."""


class Unprotected(msgspec.Struct, frozen=True, gc=False):
    """A position stands without the protection it should have, and the venue keeps refusing it."""

    symbol: str
    reason: str
