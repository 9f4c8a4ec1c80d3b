"""The private socket: authentication, and what happens to the account as it happens."""

from actors.bybit.server.clock import ExchangeClock
from actors.bybit.server.gate import signer_of_socket
from actors.bybit.server.market.dice import mixed
from actors.bybit.server.shown.orders import fast_execution, stream_execution, stream_order
from actors.bybit.server.shown.positions import stream_position
from actors.bybit.server.shown.wallet import wallet
from actors.bybit.server.sockets.connection import Connection
from actors.bybit.server.sockets.frames import bad_request, pong, read_control, refused_topics, subscribed
from actors.bybit.server.trading.account import News, TradingAccount
from actors.bybit.server.trading.exchange import LocalExchange
from actors.bybit.server.trading.records import ExecutionRecord, OrderRecord
from actors.bybit.server.trading.rejection import Rejection
from actors.bybit.topics import TOPICS, Socket, Topic, TopicKind, check_args
from actors.bybit.wire.base import WireError, encode
from actors.bybit.wire.streams import (
    ControlReply,
    ControlRequest,
    ExecutionFrame,
    FastExecutionFrame,
    OrderFrame,
    PositionFrame,
    WalletFrame,
)
from actors.bybit.wire.values import SocketOp
from actors.model.order import Category
from actors.model.origins import ExecType

__all__ = ["PrivateStreams"]


class PrivateStreams:
    """Connections by account; it listens to every account of the exchange."""

    def __init__(self, exchange: LocalExchange, clock: ExchangeClock, *, is_demo: bool) -> None:
        self._exchange = exchange
        self._clock = clock
        self._is_demo = is_demo
        self._signers: dict[Connection, TradingAccount] = {}
        self._topics: dict[Connection, dict[str, Topic]] = {}
        self._frames_made = 0
        for account in exchange.accounts.values():
            account.listener = lambda news, account=account: self.tell(account, news)  # type: ignore[misc]

    async def hear(self, connection: Connection, text: str) -> None:
        """A text frame of a client."""
        try:
            request = read_control(text)
        except WireError as error:
            connection.answer(bad_request(connection.conn_id, f"error:{error}"))
            return
        if request.op is SocketOp.PING:
            connection.answer(pong(Socket.PRIVATE, request, connection.conn_id, self._clock.wall_ms()))
        elif request.op is SocketOp.AUTH:
            self._authenticate(connection, request)
        elif request.op in (SocketOp.SUBSCRIBE, SocketOp.UNSUBSCRIBE):
            self._subscribe(connection, request)
        else:
            connection.answer(
                refused_topics(request, connection.conn_id, f"error:op {request.op} is not for this socket")
            )

    def left(self, connection: Connection) -> None:
        """A client has gone."""
        self._signers.pop(connection, None)
        self._topics.pop(connection, None)

    def _authenticate(self, connection: Connection, request: ControlRequest) -> None:
        try:
            account = signer_of_socket(self._exchange, request.args or (), self._clock.wall_ms())
        except Rejection as error:
            connection.answer(refused_topics(request, connection.conn_id, error.text))
            return
        self._signers[connection], connection.account = account, account.plan.key
        self._topics.setdefault(connection, {})
        req_id = None if request.req_id is None else str(request.req_id)
        connection.answer(
            encode(ControlReply(success=True, ret_msg="", op=SocketOp.AUTH, conn_id=connection.conn_id, req_id=req_id))
        )

    def _subscribe(self, connection: Connection, request: ControlRequest) -> None:
        topics = self._topics.get(connection)
        if topics is None:
            connection.answer(refused_topics(request, connection.conn_id, "Request not authorized"))
            return
        try:
            wanted = check_args(Socket.PRIVATE, tuple(map(str, request.args or ())))
            for topic in wanted:
                if self._is_demo and not TOPICS[topic.kind].on_demo:
                    raise WireError(f"handler not found,topic:{topic.text}")
        except WireError as error:
            connection.answer(refused_topics(request, connection.conn_id, f"error:{error}"))
            return
        for topic in wanted:
            if request.op is SocketOp.SUBSCRIBE:
                topics[topic.text] = topic
            else:
                topics.pop(topic.text, None)
        connection.answer(subscribed(Socket.PRIVATE, request, connection.conn_id))

    # -- news ---------------------------------------------------------------------------------------------------------

    def tell(self, account: TradingAccount, news: News) -> None:
        """Push what happened to everyone signed in to the account: events in their order, then position and wallet."""
        listeners = [each for each, signer in self._signers.items() if signer is account]
        if not listeners:
            return
        now_ms = self._clock.market_ms()
        for event in news.events:
            self._tell_event(account, listeners, event)
        for symbol in news.positions:
            row = stream_position(account, symbol, now_ms)
            for connection, topic in self._wanting(listeners, TopicKind.POSITION, Category.LINEAR):
                connection.push(encode(PositionFrame(topic, self._clock.wall_ms(), self._id(account), data=(row,))))
        if news.coins:
            rows = (wallet(account, now_ms, news.coins),)
            for connection, topic in self._wanting(listeners, TopicKind.WALLET, None):
                connection.push(encode(WalletFrame(topic, self._clock.wall_ms(), self._id(account), data=rows)))

    def _tell_event(
        self, account: TradingAccount, listeners: list[Connection], event: OrderRecord | ExecutionRecord
    ) -> None:
        category, wall_ms = event.listing.category, self._clock.wall_ms()
        if isinstance(event, OrderRecord):
            order = stream_order(event)
            for connection, topic in self._wanting(listeners, TopicKind.ORDER, category):
                connection.push(encode(OrderFrame(topic, wall_ms, self._id(account), data=(order,))))
            return
        execution = stream_execution(event)
        for connection, topic in self._wanting(listeners, TopicKind.EXECUTION, category):
            connection.push(encode(ExecutionFrame(topic, wall_ms, self._id(account), data=(execution,))))
        if event.fill.exec_type is ExecType.TRADE:
            fast = fast_execution(event)
            for connection, topic in self._wanting(listeners, TopicKind.EXECUTION_FAST, category):
                connection.push(encode(FastExecutionFrame(topic, wall_ms, None, data=(fast,))))

    def _wanting(
        self, listeners: list[Connection], kind: TopicKind, category: Category | None
    ) -> list[tuple[Connection, str]]:
        """Who subscribes to a kind of topic, with the text that they subscribed by."""
        return [
            (connection, text)
            for connection in listeners
            for text, topic in self._topics[connection].items()
            if topic.kind is kind
            and (topic.category is None or category is None or str(topic.category) == str(category))
        ]

    def _id(self, account: TradingAccount) -> str:
        self._frames_made += 1
        return f"{account.plan.uid}{mixed(self._exchange.start_ms, self._frames_made):016x}"
