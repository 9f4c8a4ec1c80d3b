"""The status socket: one public topic, which tells of a maintenance when it is announced, begins, and ends.

Nothing is told at the subscription: what was announced before is read by REST (system/status).
"""

from actors.bybit.server.clock import ExchangeClock
from actors.bybit.server.sockets.connection import Connection
from actors.bybit.server.sockets.frames import bad_request, pong, read_control, refused_topics, subscribed
from actors.bybit.topics import Socket, TopicKind, check_args
from actors.bybit.wire.base import WireError, encode
from actors.bybit.wire.market import Maintenance
from actors.bybit.wire.streams import SystemStatusFrame
from actors.bybit.wire.values import SocketOp

__all__ = ["StatusStreams"]


class StatusStreams:
    """Who subscribes to system.status."""

    def __init__(self, clock: ExchangeClock) -> None:
        self._clock = clock
        self._subscribers: dict[Connection, None] = {}

    async def hear(self, connection: Connection, text: str) -> None:
        """A text frame of a client."""
        try:
            request = read_control(text)
            if request.op in (SocketOp.SUBSCRIBE, SocketOp.UNSUBSCRIBE):
                check_args(Socket.STATUS, tuple(map(str, request.args or ())))
        except WireError as error:
            connection.answer(bad_request(connection.conn_id, f"error:{error}"))
            return
        if request.op is SocketOp.PING:
            connection.answer(pong(Socket.STATUS, request, connection.conn_id, self._clock.wall_ms()))
        elif request.op in (SocketOp.SUBSCRIBE, SocketOp.UNSUBSCRIBE):
            if request.op is SocketOp.SUBSCRIBE:
                self._subscribers[connection] = None
            else:
                self._subscribers.pop(connection, None)
            connection.answer(subscribed(Socket.STATUS, request, connection.conn_id))
        else:
            connection.answer(
                refused_topics(request, connection.conn_id, f"error:op {request.op} is not for this socket")
            )

    def left(self, connection: Connection) -> None:
        """A client has gone."""
        self._subscribers.pop(connection, None)

    def tell(self, row: Maintenance) -> None:
        """Push a row to everyone who subscribes."""
        frame = encode(SystemStatusFrame(TopicKind.SYSTEM_STATUS.value, self._clock.wall_ms(), data=(row,)))
        for connection in list(self._subscribers):
            connection.push(frame)
