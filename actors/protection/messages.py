"""Messages of the protection actor about a position's levels."""

import msgspec

__all__ = ["RetryProtection", "StopSeen", "Unprotected"]


class RetryProtection(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: set the levels again, for the last request was not accepted."""

    symbol: str


class Unprotected(msgspec.Struct, frozen=True, gc=False):
    """A position lacks a level it should have, and the venue has rejected every attempt to set it."""

    symbol: str
    reason: str


class StopSeen(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: at `time_ms` (UTC) the position's stop loss was in force, or missing.

    The result's `seconds_unprotected` is computed from these.
    """

    symbol: str
    is_standing: bool
    time_ms: int
