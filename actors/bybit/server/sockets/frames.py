"""Control frames of public and private sockets, each in its own style."""

import msgspec

from actors.bybit.topics import Socket
from actors.bybit.wire.base import decode, encode
from actors.bybit.wire.streams import ControlReply, ControlRequest
from actors.bybit.wire.values import SocketOp

__all__ = ["bad_request", "pong", "read_control", "refused_topics", "subscribed"]


def read_control(text: str) -> ControlRequest:
    """A control frame. Raises WireError for anything else."""
    request = decode(text, ControlRequest, lenient=False)
    if request.req_id is not None and not isinstance(request.req_id, str):
        request = msgspec.structs.replace(request, req_id=str(request.req_id))
    return request


def pong(socket: Socket, request: ControlRequest, conn_id: str, wall_ms: int) -> bytes:
    """The answer to a ping: public sockets call it ping, the private one pong."""
    req_id = None if request.req_id is None else str(request.req_id)
    if socket is Socket.PRIVATE:
        return encode(ControlReply(req_id=req_id, op=SocketOp.PONG, args=(str(wall_ms),), conn_id=conn_id))
    if socket is Socket.PUBLIC_SPOT:
        return encode(ControlReply(success=True, ret_msg="pong", conn_id=conn_id, op=SocketOp.PING))
    return encode(ControlReply(success=True, ret_msg="pong", conn_id=conn_id, req_id=req_id or "", op=SocketOp.PING))


def subscribed(socket: Socket, request: ControlRequest, conn_id: str) -> bytes:
    """A subscription (or its end) that was taken; it names no topics."""
    text = "subscribe" if socket is Socket.PUBLIC_SPOT and request.op is SocketOp.SUBSCRIBE else ""
    req_id = None if request.req_id is None else str(request.req_id)
    if socket is not Socket.PRIVATE:
        req_id = req_id or ""
    return encode(ControlReply(success=True, ret_msg=text, conn_id=conn_id, req_id=req_id, op=request.op))


def refused_topics(request: ControlRequest, conn_id: str, text: str) -> bytes:
    """A subscription that was not taken."""
    req_id = "" if request.req_id is None else str(request.req_id)
    return encode(ControlReply(success=False, ret_msg=text, conn_id=conn_id, req_id=req_id, op=request.op))


def bad_request(conn_id: str, text: str) -> bytes:
    """Not a control frame at all."""
    return encode(ControlReply(success=False, ret_msg=text, conn_id=conn_id))
