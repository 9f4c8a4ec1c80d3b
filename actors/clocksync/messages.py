"""Whether the venue's time is known well enough to trade, told to whoever follows it; the time itself is `ctx.wall`."""

import msgspec

from runtime.messages import Ref

__all__ = ["FollowClock", "SyncDue", "Synchronised", "Unsynchronised"]


class FollowClock(msgspec.Struct, frozen=True, gc=False):
    """Ask: is the clock synchronised? Answered at once, and `follower` is told of each change from then on.

    A new life of clocksync knows no followers: ask again at its Up.
    """

    follower: Ref


class Synchronised(msgspec.Struct, frozen=True, gc=False):
    """`ctx.wall` is the venue's time within `ctx.wall_error_ns`, which is small enough to trade."""


class Unsynchronised(msgspec.Struct, frozen=True, gc=False):
    """The alarm: the venue's time is not known well enough to take new risk, and why."""

    reason: str


class SyncDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: measure again."""
