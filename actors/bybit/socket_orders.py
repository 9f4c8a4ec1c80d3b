"""Order entry over the trade socket: the same requests as by REST, and answers read as REST's.

So a conversation does not know which way its requests take. `reqId` names the request: the socket answers in any order,
and refuses an id that it has seen.
"""

import msgspec

from actors.bybit.endpoints import RestEndpoint, endpoint
from actors.bybit.numbers import read_number
from actors.bybit.signing import DEFAULT_WINDOW_MS
from actors.bybit.translate.results import RestReply
from actors.bybit.wire.base import WireError, decode, encode
from actors.bybit.wire.envelope import RestAnswer
from actors.bybit.wire.trade import ABSENT, TradeHeader, TradeReply, TradeReplyHeader, TradeRequest
from actors.bybit.wire.values import SocketOp
from actors.model.calls import LimitHeaders

__all__ = ["SOCKET_OPS", "SocketAnswer", "goes_by_socket", "read_answer", "write_request_frame"]

SOCKET_OPS: dict[str, SocketOp] = {
    endpoint("order/create").path: SocketOp.ORDER_CREATE,
    endpoint("order/amend").path: SocketOp.ORDER_AMEND,
    endpoint("order/cancel").path: SocketOp.ORDER_CANCEL,
    endpoint("order/create-batch").path: SocketOp.ORDER_CREATE_BATCH,
    endpoint("order/amend-batch").path: SocketOp.ORDER_AMEND_BATCH,
    endpoint("order/cancel-batch").path: SocketOp.ORDER_CANCEL_BATCH,
}
"""The operation of each endpoint that the socket has too."""

_HTTP_OK = 200


class SocketAnswer(msgspec.Struct, frozen=True):
    """An answer, the request it belongs to, and the endpoint's limit (None: not told)."""

    req_id: str
    ret_code: int
    reply: RestReply
    limit: LimitHeaders | None = None


def goes_by_socket(item: RestEndpoint) -> bool:
    """Whether the trade socket takes requests of this endpoint."""
    return item.path in SOCKET_OPS


def write_request_frame(
    path: str, payload: str, req_id: str, time_ms: int, window_ms: int = DEFAULT_WINDOW_MS
) -> bytes:
    """The text frame of a request to an endpoint; no signature, for the socket is authenticated.

    `payload` is REST's body. Raises KeyError for an endpoint that is not of the socket.
    """
    frame = TradeRequest(
        op=SOCKET_OPS[path],
        args=msgspec.Raw(f"[{payload}]".encode()),
        header=TradeHeader(timestamp=str(time_ms), recv_window=str(window_ms)),
        req_id=req_id,
    )
    return encode(frame)


def read_answer(data: bytes | str) -> SocketAnswer:
    """An order operation's answer, as REST would give it. Raises WireError for one that names no request."""
    answer = decode(data, TradeReply)
    if not answer.req_id:
        raise WireError(f"{answer.op}: an answer without reqId, retCode {answer.ret_code}")
    header = answer.header
    time_text = header.time_now if header else None
    empty = RestAnswer(ret_code=0)
    body = RestAnswer(
        ret_code=answer.ret_code,
        ret_msg=answer.ret_msg,
        result=empty.result if answer.data is ABSENT else answer.data,
        ret_ext_info=empty.ret_ext_info if answer.ret_ext_info is ABSENT else answer.ret_ext_info,
        time=read_number(time_text, 0, "Timenow"),
    )
    return SocketAnswer(answer.req_id, answer.ret_code, RestReply(_HTTP_OK, encode(body)), _limit(header))


def _limit(header: TradeReplyHeader | None) -> LimitHeaders | None:
    """The venue's count, None where an answer has none, as REST's."""
    if header is None:
        return None
    try:
        return LimitHeaders(*(int(text or "") for text in (header.limit, header.limit_status, header.limit_reset)))
    except ValueError:
        return None
