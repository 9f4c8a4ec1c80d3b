"""Opening and following a stream, notes about it for the record, and its actor's own timers.

Its frames are `ClosedBars` (public) or `PrivateFrame` (private).
"""

from enum import StrEnum

import msgspec

from runtime.messages import Ref

__all__ = [
    "AnswerUnmatched",
    "DoubtDue",
    "FollowStream",
    "FrameUnreadable",
    "MaintenanceBegins",
    "MaintenanceEnds",
    "OpenStream",
    "PingDue",
    "ReconnectDue",
    "RenewStream",
    "SilenceDue",
    "StepOverdue",
    "StreamDown",
    "StreamKind",
    "StreamLive",
    "StreamOpened",
    "StreamQuery",
    "StreamReport",
    "StreamSilent",
    "TopicGap",
]


class StreamKind(StrEnum):
    """The exchange's streams."""

    PUBLIC = "public"
    PRIVATE = "private"
    STATUS = "status"
    TRADE = "trade"  # calls and their answers, no topics


class OpenStream(msgspec.Struct, frozen=True, gc=False):
    """Deliver frames of this kind to `reader` as long as `socket` lives; answered by StreamOpened."""

    kind: StreamKind
    socket: Ref
    reader: Ref


class StreamOpened(msgspec.Struct, frozen=True, gc=False):
    """The stream is live."""

    kind: StreamKind


# -- of a stream over a socket ---------------------------------------------------------------------------------------


class FollowStream(msgspec.Struct, frozen=True, gc=False):
    """Ask: is the stream live? Answered at once by StreamLive or StreamDown; `follower` is told of each change.

    A new life of the stream's actor knows no followers: ask again at its Up.
    """

    follower: Ref


class StreamLive(msgspec.Struct, frozen=True, gc=False):
    """Every topic is subscribed to, and what a broken connection has missed has been asked for.

    A trade stream has no topics: it is live when it has signed in.
    """

    kind: StreamKind


class StreamDown(msgspec.Struct, frozen=True, gc=False):
    """The stream tells nothing and takes no calls, and why."""

    kind: StreamKind
    reason: str


class StreamQuery(msgspec.Struct, frozen=True, gc=False):
    """Ask for a StreamReport."""


class RenewStream(msgspec.Struct, frozen=True, gc=False):
    """Take a new connection: this one lives and does not tell what it should, and why that is known.

    Nothing was told since `since_ns` (kernel time). A stream that has not been live since then has had what it missed
    read again: it stays.
    """

    reason: str
    since_ns: int


class StreamSilent(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: the connection is given up, though it lives."""

    kind: StreamKind
    reason: str


class StreamReport(msgspec.Struct, frozen=True, gc=False):
    """Counts of this life. `dropped` frames were coalesced by the edge; `ignored` are events without effect.

    `calls` were sent; `unmatched` answers belong to no call under way; `renewed` connections were given up as silent.
    """

    kind: StreamKind
    state: str
    connections: int
    frames: int
    unreadable: int
    gaps: int
    dropped: int
    foreign: int
    ignored: int
    calls: int
    unmatched: int
    renewed: int


class FrameUnreadable(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: the beginning of a frame that could not be read, and why."""

    kind: StreamKind
    reason: str
    text: str


class AnswerUnmatched(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: an answer to no call under way, as one that is late or came twice."""

    kind: StreamKind
    req_id: str


class TopicGap(msgspec.Struct, frozen=True, gc=False):
    """A note for the record, sent to nobody: frames of a topic are missing."""

    kind: StreamKind
    topic: str


# -- timers ----------------------------------------------------------------------------------------------------------


class StepOverdue(msgspec.Struct, frozen=True, gc=False):
    """Connecting, an answer or the close takes too long."""


class PingDue(msgspec.Struct, frozen=True, gc=False):
    """Say ping."""


class SilenceDue(msgspec.Struct, frozen=True, gc=False):
    """Look whether frames still come."""


class ReconnectDue(msgspec.Struct, frozen=True, gc=False):
    """The wait is over: connect."""


class DoubtDue(msgspec.Struct, frozen=True, gc=False):
    """Ask for what unreadable frames may have said."""


class MaintenanceBegins(msgspec.Struct, frozen=True, gc=False):
    """A planned maintenance begins."""


class MaintenanceEnds(msgspec.Struct, frozen=True, gc=False):
    """Connect again after a planned maintenance."""
