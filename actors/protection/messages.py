"""What protection finds of the position's levels."""

import msgspec

__all__ = ["RetryProtection", "StopSeen", "Unprotected"]


class RetryProtection(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: the last attempt was not accepted."""

    symbol: str


class Unprotected(msgspec.Struct, frozen=True, gc=False):
    """A position stands without the protection it should have, and the venue keeps refusing it."""

    symbol: str
    reason: str


class StopSeen(msgspec.Struct, frozen=True, gc=False):
    """On the record alone, for `seconds_unprotected`: at this time (UTC ms) the position's stop stood, or was gone."""

    symbol: str
    is_standing: bool
    time_ms: int
