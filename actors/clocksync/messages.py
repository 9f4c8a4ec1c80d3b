"""The clock's estimate, for whoever asks."""

import msgspec

__all__ = ["ClockEstimate", "ClockQuery", "SyncDue"]


class ClockQuery(msgspec.Struct, frozen=True, gc=False):
    """What is the offset? Answered by ClockEstimate."""


class ClockEstimate(msgspec.Struct, frozen=True, gc=False):
    """venue time = our wall time + `offset_ns`, within `error_ns` either way."""

    offset_ns: int
    error_ns: int


class SyncDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: measure again."""
