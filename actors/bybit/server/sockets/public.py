"""The public sockets: who subscribes to what, and one task a topic that pushes its frames."""

import trio

from actors.bybit.server.clock import ExchangeClock
from actors.bybit.server.sockets.connection import Connection
from actors.bybit.server.sockets.feeds import TopicFeed, feed_of
from actors.bybit.server.sockets.frames import bad_request, pong, read_control, refused_topics, subscribed
from actors.bybit.server.trading.exchange import LocalExchange
from actors.bybit.topics import MAX_ARGS_LENGTH, Socket, Topic, check_args
from actors.bybit.wire.base import WireError
from actors.bybit.wire.streams import ControlRequest
from actors.bybit.wire.values import SocketOp
from actors.model.order import Category

__all__ = ["PublicStreams"]

_CATEGORY = {Socket.PUBLIC_LINEAR: Category.LINEAR, Socket.PUBLIC_SPOT: Category.SPOT}


class PublicStreams:
    """Of one public socket path. `nursery` runs the tasks of the topics that somebody subscribes to."""

    def __init__(self, socket: Socket, exchange: LocalExchange, clock: ExchangeClock, nursery: trio.Nursery) -> None:
        self._socket = socket
        self._category = _CATEGORY[socket]
        self._exchange = exchange
        self._clock = clock
        self._nursery = nursery
        self._feeds: dict[str, TopicFeed] = {}
        self._subscribers: dict[str, dict[Connection, None]] = {}
        self._scopes: dict[str, trio.CancelScope] = {}

    async def hear(self, connection: Connection, text: str) -> None:
        """A text frame of a client."""
        try:
            request = read_control(text)
        except WireError as error:
            connection.answer(bad_request(connection.conn_id, f"error:{error}"))
            return
        if request.op is SocketOp.PING:
            connection.answer(pong(self._socket, request, connection.conn_id, self._clock.wall_ms()))
        elif request.op is SocketOp.SUBSCRIBE:
            self._subscribe(connection, request)
        elif request.op is SocketOp.UNSUBSCRIBE:
            for arg in request.args or ():
                self._leave(connection, str(arg))
            connection.answer(subscribed(self._socket, request, connection.conn_id))
        else:
            connection.answer(
                refused_topics(request, connection.conn_id, f"error:op {request.op} is not for this socket")
            )

    def left(self, connection: Connection) -> None:
        """A client has gone."""
        for text in list(self._subscribers):
            self._leave(connection, text)

    def _subscribe(self, connection: Connection, request: ControlRequest) -> None:
        try:
            topics = check_args(self._socket, tuple(map(str, request.args or ())))
            held = sum(len(text) for text, clients in self._subscribers.items() if connection in clients)
            if held + sum(len(topic.text) for topic in topics) > MAX_ARGS_LENGTH:
                raise WireError(f"args: longer than {MAX_ARGS_LENGTH} characters on one connection")
            for topic in topics:
                if (self._category, topic.symbol) not in self._exchange.listings:
                    raise WireError(f"Invalid symbol :[{topic.text}]")
        except WireError as error:
            connection.answer(refused_topics(request, connection.conn_id, f"error:{error}"))
            return
        connection.answer(subscribed(self._socket, request, connection.conn_id))
        for topic in topics:
            self._join(connection, topic)

    def _join(self, connection: Connection, topic: Topic) -> None:
        key, now_ms = (self._category, topic.symbol), self._clock.market_ms()
        feed = self._feeds.get(topic.text)
        if feed is None:
            feed = feed_of(topic, self._exchange.feeds[key], self._exchange.books[key], now_ms)
            self._feeds[topic.text] = feed
            self._subscribers[topic.text] = {}
            scope = self._scopes[topic.text] = trio.CancelScope()
            self._nursery.start_soon(self._run, topic.text, feed, scope)
        self._subscribers[topic.text][connection] = None
        for frame in feed.first(now_ms):
            connection.answer(frame)

    def _leave(self, connection: Connection, text: str) -> None:
        clients = self._subscribers.get(text)
        if clients is None or clients.pop(connection, True) is not None or clients:
            return
        self._scopes.pop(text).cancel()
        del self._feeds[text], self._subscribers[text]

    async def _run(self, text: str, feed: TopicFeed, scope: trio.CancelScope) -> None:
        """Push the topic's frames in its period, on a grid of market time, while somebody listens.

        The grid is in whole milliseconds: a period in seconds is no exact number, and would come due twice at a time.
        """
        with scope:
            while True:
                next_ms = (self._clock.market_ms() // feed.period_ms + 1) * feed.period_ms
                await trio.sleep_until((next_ms - self._clock.epoch_ms) / 1000)
                for frame in feed.frames(self._clock.market_ms()):
                    for connection in list(self._subscribers[text]):
                        connection.push(frame)
