"""The order-entry socket `/v5/trade`: one object of REST's in `args`, one envelope in camel case back.

An answer is an acknowledgement, as by REST; the outcome comes on the private socket.
"""

import msgspec

from actors.bybit.wire.base import Wire
from actors.bybit.wire.values import SocketOp

__all__ = ["ABSENT", "TradeHeader", "TradeReply", "TradeReplyHeader", "TradeRequest"]

ABSENT = msgspec.Raw(b"")
"""Of a field that is not there: it is left out when written."""


class TradeHeader(
    Wire,
    frozen=True,
    rename={"timestamp": "X-BAPI-TIMESTAMP", "recv_window": "X-BAPI-RECV-WINDOW", "referer": "Referer"},
):
    """Time and window in ms. Ours are text; clients send numbers too."""

    timestamp: str | int
    recv_window: str | int | None = None
    referer: str | None = None


class TradeRequest(Wire, frozen=True):
    """auth (key, expiry in UTC ms, signature), ping, or an order operation with one body in `args`."""

    op: SocketOp
    args: msgspec.Raw = ABSENT
    header: TradeHeader | None = None
    req_id: str | int | None = None


class TradeReplyHeader(
    Wire,
    frozen=True,
    rename={
        "limit": "X-Bapi-Limit",
        "limit_status": "X-Bapi-Limit-Status",
        "limit_reset": "X-Bapi-Limit-Reset-Timestamp",
        "trace_id": "Traceid",
        "time_now": "Timenow",
    },
):
    """The rate limit of the endpoint after this request."""

    limit: str | None = None
    limit_status: str | None = None
    limit_reset: str | None = None
    trace_id: str | None = None
    time_now: str | None = None


class TradeReply(Wire, frozen=True):
    """`data` is REST's result (of a pong, the server's UTC ms); `ret_ext_info` holds the codes of a batch's items."""

    op: SocketOp
    ret_code: int
    ret_msg: str | None = None
    req_id: str | None = None
    data: msgspec.Raw = ABSENT
    ret_ext_info: msgspec.Raw = ABSENT
    header: TradeReplyHeader | None = None
    conn_id: str | None = None
    success: bool | None = None
