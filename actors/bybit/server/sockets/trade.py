"""The order-entry socket: the same commands as REST, one envelope in camel case."""

import msgspec

from actors.bybit.endpoints import endpoint
from actors.bybit.server.clock import ExchangeClock
from actors.bybit.server.gate import KeyLimits, check_time, signer_of_socket
from actors.bybit.server.market.dice import mixed
from actors.bybit.server.operations import Answered, CarryOut, carry_out, read_body
from actors.bybit.server.rest.call import RestCall
from actors.bybit.server.sockets.connection import Connection
from actors.bybit.server.trading.account import TradingAccount
from actors.bybit.server.trading.exchange import LocalExchange
from actors.bybit.server.trading.rejection import Rejection
from actors.bybit.signing import DEFAULT_WINDOW_MS
from actors.bybit.wire.base import UnknownValueError, WireError, decode, encode
from actors.bybit.wire.trade import TradeReply, TradeReplyHeader, TradeRequest
from actors.bybit.wire.values import SocketOp

__all__ = ["TradeSocket"]

_MAX_REQ_ID = 36
_REMEMBERED = 10_000
_ENDPOINTS = {
    SocketOp.ORDER_CREATE: endpoint("order/create"),
    SocketOp.ORDER_AMEND: endpoint("order/amend"),
    SocketOp.ORDER_CANCEL: endpoint("order/cancel"),
    SocketOp.ORDER_CREATE_BATCH: endpoint("order/create-batch"),
    SocketOp.ORDER_AMEND_BATCH: endpoint("order/amend-batch"),
    SocketOp.ORDER_CANCEL_BATCH: endpoint("order/cancel-batch"),
}


class TradeSocket:
    """Signed-in connections and the request ids that each has used."""

    def __init__(
        self, exchange: LocalExchange, clock: ExchangeClock, limits: KeyLimits, carry_out: CarryOut = carry_out
    ) -> None:
        self._exchange = exchange
        self._clock = clock
        self._limits = limits
        self._carry_out = carry_out
        self._signers: dict[Connection, TradingAccount] = {}
        self._used: dict[Connection, dict[str, None]] = {}
        self._answers = 0

    async def hear(self, connection: Connection, text: str) -> None:
        """A text frame of a client."""
        try:
            request = decode(text, TradeRequest)
        except UnknownValueError as error:
            self._refuse(connection, SocketOp.PING, 10404, f"op: unknown value {error.value!r}", None)
            return
        except WireError as error:
            self._refuse(connection, SocketOp.PING, 10001, f"params error: {error}", None)
            return
        req_id = None if request.req_id is None else str(request.req_id)
        if request.op is SocketOp.PING:
            stamp = msgspec.Raw(msgspec.json.encode([str(self._clock.wall_ms())]))
            connection.answer(encode(TradeReply(SocketOp.PONG, 0, "OK", req_id, stamp, conn_id=connection.conn_id)))
        elif request.op is SocketOp.AUTH:
            self._authenticate(connection, request, req_id)
        elif request.op in _ENDPOINTS:
            self._order(connection, request, req_id)
        else:
            self._refuse(connection, request.op, 10404, f"op {request.op} is not for this socket", req_id)

    def left(self, connection: Connection) -> None:
        """A client has gone."""
        self._signers.pop(connection, None)
        self._used.pop(connection, None)

    def _authenticate(self, connection: Connection, request: TradeRequest, req_id: str | None) -> None:
        if connection in self._signers:
            self._refuse(connection, SocketOp.AUTH, 20001, "Repeat auth", req_id)
            return
        try:
            args = msgspec.json.decode(request.args or b"[]", type=list[str | int])
            account = signer_of_socket(self._exchange, args, self._clock.wall_ms())
        except msgspec.MsgspecError:
            self._refuse(connection, SocketOp.AUTH, 10001, "params error: args", req_id)
        except Rejection as error:
            self._refuse(connection, SocketOp.AUTH, error.code, error.text, req_id)
        else:
            self._signers[connection], connection.account = account, account.plan.key
            connection.answer(encode(TradeReply(SocketOp.AUTH, 0, "OK", req_id, conn_id=connection.conn_id)))

    def _order(self, connection: Connection, request: TradeRequest, req_id: str | None) -> None:
        wall_ms = self._clock.wall_ms()
        account = self._signers.get(connection)
        try:
            if account is None:
                raise Rejection(10003, "not authorised: send auth first")
            self._check_req_id(connection, req_id)
            header = request.header
            if header is None:
                raise Rejection(10001, "params error: header X-BAPI-TIMESTAMP is required")
            check_time(str(header.timestamp), str(header.recv_window or DEFAULT_WINDOW_MS), wall_ms)
            if account.plan.is_read_only:
                raise Rejection(10005, "Permission denied, please check your API key permissions.")
            body = self._body(request)
            found = _ENDPOINTS[request.op]
            call = RestCall(self._exchange, self._clock.market_ms(), wall_ms, account)
            answer = self._carry_out(call, found, read_body(found, body, is_query=False), self._limits)
        except Rejection as error:
            answer = Answered(error.code, error.text)
        connection.answer(self._reply(connection, request.op, answer, req_id))

    @staticmethod
    def _body(request: TradeRequest) -> str:
        """The one object in `args`."""
        try:
            args = msgspec.json.decode(request.args or b"[]", type=list[msgspec.Raw])
        except msgspec.MsgspecError:
            raise Rejection(10001, "params error: args must be a list of one object") from None
        if len(args) != 1:
            raise Rejection(10001, "params error: args must be a list of one object")
        return bytes(args[0]).decode()

    def _check_req_id(self, connection: Connection, req_id: str | None) -> None:
        if req_id is None:
            return
        used = self._used.setdefault(connection, {})
        if len(req_id) > _MAX_REQ_ID:
            raise Rejection(10001, f"params error: reqId has more than {_MAX_REQ_ID} characters")
        if req_id in used:
            raise Rejection(20006, "Duplicate reqId")
        used[req_id] = None
        if len(used) > _REMEMBERED:
            del used[next(iter(used))]

    def _refuse(self, connection: Connection, op: SocketOp, code: int, text: str, req_id: str | None) -> None:
        connection.answer(encode(TradeReply(op, code, text, req_id, conn_id=connection.conn_id)))

    def _reply(self, connection: Connection, op: SocketOp, answer: Answered, req_id: str | None) -> bytes:
        self._answers += 1
        trace = f"{mixed(self._answers, 1):016x}{mixed(self._answers, 2):016x}"
        quota, wall = answer.quota, str(self._clock.wall_ms())
        header = TradeReplyHeader(
            None if quota is None else str(quota.limit),
            None if quota is None else str(quota.left),
            None if quota is None else str(quota.reset_ms),
            trace,
            wall,
        )
        data = msgspec.Raw(msgspec.json.encode(answer.result))
        ext = msgspec.Raw(msgspec.json.encode(answer.ext))
        return encode(TradeReply(op, answer.code, answer.text, req_id, data, ext, header, connection.conn_id))
