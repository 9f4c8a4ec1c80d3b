"""What the gateway, whoever sends its requests and the venue's codec say to each other, in no venue's own words.

A call and its reply are plain text and numbers, so that the journal holds both and a replay hears what the live run
heard. What they mean is the codec's business: the gateway is given its conversations.
"""

from collections.abc import Callable, Generator
from enum import StrEnum
from typing import Any

import attrs
import msgspec

from actors.model.backend import Batch, Command, Query

__all__ = [
    "CallAnswered",
    "CallLost",
    "CallReply",
    "CallUnsent",
    "Conversation",
    "LimitHeaders",
    "Notice",
    "SendCall",
    "VenueCall",
    "VenueCodec",
]


class VenueCall(msgspec.Struct, frozen=True):
    """One request of a conversation: `payload` is the query or the body, exactly as it is signed and sent.

    `category` is the one that the venue counts it under; "" where the request names none.
    """

    method: str
    path: str
    payload: str
    is_signed: bool
    is_write: bool
    category: str = ""


class SendCall(msgspec.Struct, frozen=True):
    """Send this once, by REST or over a stream, and give up after `timeout_ms`.

    A signed call carries its time stamp and window.
    """

    call: VenueCall
    timeout_ms: int
    timestamp_ms: int = 0
    recv_window_ms: int = 0


class LimitHeaders(msgspec.Struct, frozen=True):
    """What the venue counts: requests a second, how many are left, and when it refills (UTC ms of the venue)."""

    limit: int
    left: int
    reset_ms: int


class CallAnswered(msgspec.Struct, frozen=True):
    """An answer, whatever it says; one that came over a stream reads as REST's with status 200."""

    status: int
    body: str
    limit: LimitHeaders | None = None


class CallLost(msgspec.Struct, frozen=True):
    """No answer. The request may have been sent and carried out."""

    reason: str


class CallUnsent(msgspec.Struct, frozen=True):
    """From a lane that does not take this call now: nothing was sent, and another lane may send it."""

    reason: str


CallReply = CallAnswered | CallLost
Conversation = Generator[VenueCall, CallReply, Any]


class Notice(StrEnum):
    """What an answer says beyond its question."""

    CLOCK = "clock"  # our time stamp was outside the venue's window
    BANNED = "banned"  # the venue refuses everything from our address for a while


@attrs.frozen
class VenueCodec:
    """A venue's language: the conversation that answers a message of the port, and what else an answer says.

    A conversation returns the port's answer; for a question it may raise a ColdframeError instead. `ban_ms` is how long
    a ban lasts.
    """

    converse: Callable[[Command | Batch | Query], Conversation]
    notice: Callable[[VenueCall, CallAnswered], Notice | None]
    ban_ms: int
