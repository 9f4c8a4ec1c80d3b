"""What a stream's actor, its edge and the venue's protocol say to each other, in no venue's own words.

The edge owns one socket: it opens, sends and closes when it is told, and tells what comes. The protocol reads and
writes the venue's frames. The actor decides.
"""

from enum import StrEnum
from typing import Protocol

import msgspec

from actors.model.backend import ClosedBars, PrivateFrame
from actors.model.calls import CallAnswered, SendCall
from actors.model.fixed import Price, Qty
from actors.model.maintenance import MaintenanceOver, MaintenancePlanned

__all__ = [
    "AnswerKind",
    "AuthAnswer",
    "CallReturned",
    "CloseCause",
    "CloseSocket",
    "Continuity",
    "Heard",
    "MarketTrade",
    "MarketTrades",
    "OpenSocket",
    "Pong",
    "Remedy",
    "SendText",
    "SignIn",
    "SocketClosed",
    "SocketConnected",
    "SocketFrame",
    "StreamData",
    "StreamMessage",
    "StreamProtocol",
    "TopicsAnswer",
    "Unreadable",
]


# -- to the edge -------------------------------------------------------------------------------------------------------


class OpenSocket(msgspec.Struct, frozen=True, gc=False):
    """Connect. Answered by SocketConnected, frames and SocketClosed, or by SocketClosed alone.

    `connection` names it in what follows; no two connections of an edge have the same name.
    """

    connection: str


class SendText(msgspec.Struct, frozen=True, gc=False):
    """Send a text frame. Frames of a connection leave in the order of `number`, which counts from 1."""

    connection: str
    number: int
    text: str


class SignIn(msgspec.Struct, frozen=True, gc=False):
    """Send the frame that authenticates, valid until `expires_ms` (UTC ms of the venue); the edge holds the secret."""

    connection: str
    number: int
    expires_ms: int


class CloseSocket(msgspec.Struct, frozen=True, gc=False):
    """Close, or give up connecting; answered by SocketClosed. Nothing happens when it is closed already."""

    connection: str


# -- from the edge -----------------------------------------------------------------------------------------------------


class CloseCause(StrEnum):
    """Why a socket is closed."""

    UNREACHABLE = "unreachable"  # no connection: name, network or TLS
    TIMED_OUT = "timed out"  # no connection within the edge's deadline
    REFUSED = "refused"  # the host answered HTTP instead
    PEER = "closed by the venue"
    BROKEN = "broken"  # the connection ended without a word
    OVERFLOW = "overflow"  # frames that may not be dropped came faster than they were read
    OURS = "closed by us"


class SocketConnected(msgspec.Struct, frozen=True, gc=False):
    """The connection is open."""


class SocketFrame(msgspec.Struct, frozen=True, gc=False):
    """A text frame; `dropped` frames before it were replaced by newer ones or dropped because we were too slow."""

    text: str
    dropped: int = 0


class SocketClosed(msgspec.Struct, frozen=True, gc=False):
    """The end of a connection, said once. `status` is HTTP's where the host refused, `code` WebSocket's; 0: none."""

    cause: CloseCause
    detail: str = ""
    status: int = 0
    code: int = 0


# -- what frames say ---------------------------------------------------------------------------------------------------


class AnswerKind(StrEnum):
    """The venue's word on a request."""

    ACCEPTED = "accepted"
    FAILED = "failed"  # not now: it may be accepted later
    REFUSED = "refused"


class Pong(msgspec.Struct, frozen=True, gc=False):
    """The answer to a ping."""


class AuthAnswer(msgspec.Struct, frozen=True, gc=False):
    """Whether we are signed in."""

    kind: AnswerKind
    reason: str = ""


class TopicsAnswer(msgspec.Struct, frozen=True, gc=False):
    """The answer to a request to subscribe or unsubscribe; `req_id` is empty where the venue does not say which."""

    req_id: str
    kind: AnswerKind
    reason: str = ""


class Remedy(StrEnum):
    """What a gap in a topic asks for."""

    BACKFILL = "backfill"  # what is missing is read by REST
    RESUBSCRIBE = "resubscribe"  # the topic starts anew with a snapshot


class Continuity(msgspec.Struct, frozen=True, gc=False):
    """How a frame continues its topic: [first, last] must begin `step` after the last of the frame before.

    `is_snapshot`: it stands for itself, whatever came before. What begins earlier is known already, and no gap.
    """

    first: int
    last: int
    step: int
    remedy: Remedy
    is_snapshot: bool = False


class MarketTrade(msgspec.Struct, frozen=True, gc=False):
    """A trade between others: UTC ms of the venue, on the instrument's grids."""

    time_ms: int
    price: Price
    qty: Qty


class MarketTrades(msgspec.Struct, frozen=True):
    """Trades of one symbol as the public stream tells them, oldest first."""

    symbol: str
    trades: tuple[MarketTrade, ...]


StreamMessage = ClosedBars | PrivateFrame | MaintenancePlanned | MaintenanceOver | MarketTrades


class StreamData(msgspec.Struct, frozen=True):
    """A data frame: what its reader is told, in the venue's order. `foreign` names symbols in it that are not ours."""

    topic: str
    messages: tuple[StreamMessage, ...] = ()
    continuity: Continuity | None = None
    foreign: tuple[str, ...] = ()


class CallReturned(msgspec.Struct, frozen=True, gc=False):
    """The answer to a call, under the id that its frame carried.

    `farewell` says why the venue takes no more calls on this connection; empty while it does.
    """

    req_id: str
    reply: CallAnswered
    farewell: str = ""


class Unreadable(msgspec.Struct, frozen=True, gc=False):
    """A frame that the protocol does not know, and why. Nothing is guessed from it."""

    reason: str


Heard = Pong | AuthAnswer | TopicsAnswer | StreamData | CallReturned | Unreadable


class StreamProtocol(Protocol):
    """A venue's frames. `topics` are those of the stream, none where it carries calls alone; pure, without state."""

    @property
    def topics(self) -> tuple[str, ...]: ...
    @property
    def is_signed(self) -> bool: ...
    def batches(self, topics: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """The topics as the venue takes them, a request each."""

    def subscribe(self, topics: tuple[str, ...], req_id: str) -> str: ...
    def unsubscribe(self, topics: tuple[str, ...], req_id: str) -> str: ...
    def ping(self) -> str: ...
    def call(self, request: SendCall, req_id: str) -> str | None:
        """The frame of a call; None where the stream does not take calls of its kind."""

    def read(self, text: str) -> Heard:
        """What a frame says. Never raises: what it cannot read is Unreadable."""
