"""Whether the venue's time is known well enough to trade, sent to all followers; the time itself is `ctx.wall`."""

import msgspec

from runtime.messages import Ref

__all__ = ["FollowClock", "SyncDue", "Synchronised", "TimestampRefused", "Unsynchronised"]


class FollowClock(msgspec.Struct, frozen=True, gc=False):
    """Ask whether the clock is synchronised: the state is the answer, and `follower` is sent each change from then on.

    After a restart clocksync has no followers, so ask again at its Up.
    """

    follower: Ref


class Synchronised(msgspec.Struct, frozen=True, gc=False):
    """`ctx.wall` is the venue's time within `ctx.wall_error_ns`, which is small enough to trade."""


class Unsynchronised(msgspec.Struct, frozen=True, gc=False):
    """The alarm: the venue's time is not known well enough to take new risk, and why."""

    reason: str


class TimestampRefused(msgspec.Struct, frozen=True, gc=False):
    """The venue refused a request for its time stamp: measure its clock anew."""


class SyncDue(msgspec.Struct, frozen=True, gc=False):
    """Our own timer: measure again."""
