"""Control frames of every socket: what opens one, keeps it alive and subscribes, and how an answer is told from data.

Frames are told apart by their fields, never by their text: data has a topic, an answer an op. A pong has three shapes:
`op: pong` on the private and the trade socket, `op: ping` with `ret_msg: pong` on the public ones.
"""

from enum import StrEnum

from actors.bybit.signing import sign_socket
from actors.bybit.wire.base import WireError, decode
from actors.bybit.wire.streams import ControlReply, ControlRequest, FrameHead
from actors.bybit.wire.trade import TradeReply
from actors.bybit.wire.values import SocketOp

__all__ = [
    "FrameKind",
    "auth_request",
    "is_success",
    "kind_of",
    "kind_of_head",
    "ping_request",
    "subscribe_request",
    "unsubscribe_request",
]

_ORDER_OPS = "order."


class FrameKind(StrEnum):
    """What a frame that came in is."""

    DATA = "data"
    PONG = "pong"
    AUTH = "auth"
    SUBSCRIPTION = "subscription"
    ORDER = "order"  # the trade socket's answer to an order operation


def auth_request(key: str, secret: str, expires_ms: int, req_id: str | None = None) -> ControlRequest:
    """Authenticates a private or trade socket; `expires_ms` (UTC ms of the venue) must lie ahead when it arrives."""
    return ControlRequest(op=SocketOp.AUTH, args=(key, expires_ms, sign_socket(secret, expires_ms)), req_id=req_id)


def ping_request(req_id: str | None = None) -> ControlRequest:
    """A text frame: the venue does not count the protocol's own pings as activity."""
    return ControlRequest(op=SocketOp.PING, req_id=req_id)


def subscribe_request(args: tuple[str, ...], req_id: str) -> ControlRequest:
    """The acknowledgement does not name the topics: it is matched by `req_id`."""
    return ControlRequest(op=SocketOp.SUBSCRIBE, args=args, req_id=req_id)


def unsubscribe_request(args: tuple[str, ...], req_id: str) -> ControlRequest:
    """The opposite."""
    return ControlRequest(op=SocketOp.UNSUBSCRIBE, args=args, req_id=req_id)


def kind_of(data: bytes | str) -> FrameKind:
    """Raises WireError for a frame that is neither data nor an answer that we know."""
    return kind_of_head(decode(data, FrameHead))


def kind_of_head(head: FrameHead) -> FrameKind:
    """The same of a head that is decoded already."""
    if head.topic is not None:
        return FrameKind.DATA
    match head.op:
        case "ping" | "pong":
            return FrameKind.PONG
        case "auth":
            return FrameKind.AUTH
        case "subscribe" | "unsubscribe":
            return FrameKind.SUBSCRIPTION
    if head.op is not None and head.op.startswith(_ORDER_OPS):
        return FrameKind.ORDER
    if head.type == "COMMAND_RESP":
        return FrameKind.SUBSCRIPTION
    raise WireError(f"neither data nor an answer: op {head.op!r}")


def is_success(reply: ControlReply | TradeReply) -> bool:
    """Whether an answer to auth, subscribe or ping says yes, in whichever of the two styles."""
    if isinstance(reply, TradeReply):
        return reply.ret_code == 0
    return reply.success is True or reply.op is SocketOp.PONG
