"""Topics as data: which socket carries them, what their frames hold, and what a subscription may ask for.

A topic is written `kind[.argument…]`: `orderbook.50.BTCUSDT`, `kline.1.ETHUSDT`, `order`, `order.linear`.
"""

from enum import StrEnum
from functools import lru_cache
from typing import Any

import msgspec

from actors.bybit.wire.base import WireError, decode
from actors.bybit.wire.streams import (
    BookFrame,
    ExecutionFrame,
    FastExecutionFrame,
    FrameHead,
    KlineFrame,
    LiquidationFrame,
    OrderFrame,
    PositionFrame,
    PriceLimitFrame,
    SystemStatusFrame,
    TickerFrame,
    TradeFrame,
    WalletFrame,
)
from actors.bybit.wire.values import WireCategory, WireInterval

__all__ = [
    "BOOK_DEPTHS",
    "MAX_ARGS_LENGTH",
    "MAX_SPOT_ARGS",
    "PING_EVERY_MS",
    "SOCKET_PATHS",
    "TOPICS",
    "Socket",
    "Topic",
    "TopicKind",
    "TopicRule",
    "check_args",
    "decode_frame",
    "decode_topic",
    "read_topic",
]

BOOK_DEPTHS = (1, 50, 200, 1000)
MAX_ARGS_LENGTH = 21_000  # characters of all args on one public connection
MAX_SPOT_ARGS = 10  # of one request
PING_EVERY_MS = 20_000


class Socket(StrEnum):
    """The sockets, each with a path of its own."""

    PUBLIC_LINEAR = "public linear"
    PUBLIC_SPOT = "public spot"
    PRIVATE = "private"
    TRADE = "trade"
    STATUS = "status"


SOCKET_PATHS: dict[Socket, str] = {
    Socket.PUBLIC_LINEAR: "/v5/public/linear",
    Socket.PUBLIC_SPOT: "/v5/public/spot",
    Socket.PRIVATE: "/v5/private",
    Socket.TRADE: "/v5/trade",
    Socket.STATUS: "/v5/public/misc/status",
}


class TopicKind(StrEnum):
    """The first words of a topic."""

    ORDERBOOK = "orderbook"
    PUBLIC_TRADE = "publicTrade"
    TICKERS = "tickers"
    KLINE = "kline"
    PRICE_LIMIT = "priceLimit"
    ALL_LIQUIDATION = "allLiquidation"
    ORDER = "order"
    EXECUTION = "execution"
    EXECUTION_FAST = "execution.fast"
    POSITION = "position"
    WALLET = "wallet"
    DCP = "dcp"
    SYSTEM_STATUS = "system.status"


class TopicRule(msgspec.Struct, frozen=True):
    """`frame` is None where a topic pushes nothing; `categories` says that `kind.linear` and its kin exist."""

    sockets: tuple[Socket, ...]
    frame: Any
    pattern: str
    note: str = ""
    categories: bool = False
    on_demo: bool = True


_PUBLIC = (Socket.PUBLIC_LINEAR, Socket.PUBLIC_SPOT)
_LINEAR, _PRIVATE = (Socket.PUBLIC_LINEAR,), (Socket.PRIVATE,)

TOPICS: dict[TopicKind, TopicRule] = {
    TopicKind.ORDERBOOK: TopicRule(_PUBLIC, BookFrame, "orderbook.{depth}.{symbol}", "depth 1: snapshots only"),
    TopicKind.PUBLIC_TRADE: TopicRule(_PUBLIC, TradeFrame, "publicTrade.{symbol}", "new trades, never history"),
    TopicKind.TICKERS: TopicRule(_PUBLIC, TickerFrame, "tickers.{symbol}", "linear: merge deltas; spot: snapshots"),
    TopicKind.KLINE: TopicRule(_PUBLIC, KlineFrame, "kline.{interval}.{symbol}", "closed when confirm is true"),
    TopicKind.PRICE_LIMIT: TopicRule(_PUBLIC, PriceLimitFrame, "priceLimit.{symbol}", "every 300 ms"),
    TopicKind.ALL_LIQUIDATION: TopicRule(_LINEAR, LiquidationFrame, "allLiquidation.{symbol}"),
    TopicKind.ORDER: TopicRule(_PRIVATE, OrderFrame, "order", "no snapshot: seed by REST", categories=True),
    TopicKind.EXECUTION: TopicRule(_PRIVATE, ExecutionFrame, "execution", "not only trades", categories=True),
    TopicKind.EXECUTION_FAST: TopicRule(
        _PRIVATE, FastExecutionFrame, "execution.fast", "trades only, no fee", categories=True, on_demo=False
    ),
    TopicKind.POSITION: TopicRule(_PRIVATE, PositionFrame, "position", "on every order change", categories=True),
    TopicKind.WALLET: TopicRule(_PRIVATE, WalletFrame, "wallet", "the coins concerned"),
    TopicKind.DCP: TopicRule(_PRIVATE, None, "dcp.future, dcp.spot", "arms cancel on disconnect", on_demo=False),
    TopicKind.SYSTEM_STATUS: TopicRule((Socket.STATUS,), SystemStatusFrame, "system.status", "announced maintenance"),
}

_TWO_WORDS = {f"{kind}": kind for kind in (TopicKind.EXECUTION_FAST, TopicKind.SYSTEM_STATUS)}
_OF_DCP = ("future", "spot", "option")


class Topic(msgspec.Struct, frozen=True):
    """A topic, read. `symbol`, `depth`, `interval` and `category` are set where its kind has them."""

    kind: TopicKind
    symbol: str = ""
    depth: int = 0
    interval: WireInterval | None = None
    category: WireCategory | None = None
    product: str = ""

    @property
    def text(self) -> str:
        """As it is subscribed to."""
        parts = [str(self.kind)]
        parts += [str(self.depth)] if self.depth else []
        parts += [text for text in (self.interval, self.symbol, self.category, self.product) if text]
        return ".".join(parts)


@lru_cache(maxsize=1_024)
def read_topic(text: str) -> Topic:
    """The topic of a subscription or of a frame. Raises WireError for one that does not exist.

    Any depth is read: archives hold frames of depths that are no longer offered (`check_args` refuses to subscribe).
    """
    words = text.split(".")
    kind = _TWO_WORDS.get(".".join(words[:2]))
    rest = words[2:] if kind else words[1:]
    try:
        kind = kind or TopicKind(words[0])
        return _read(kind, rest)
    except (ValueError, IndexError):
        raise WireError(f"handler not found,topic:{text}") from None


def _read(kind: TopicKind, rest: list[str]) -> Topic:
    if kind is TopicKind.ORDERBOOK:
        depth, symbol = int(rest[0]), _rest(rest[1:])
        if depth < 1 or str(depth) != rest[0]:
            raise ValueError(depth)
        return Topic(kind, symbol, depth)
    if kind is TopicKind.KLINE:
        return Topic(kind, _rest(rest[1:]), interval=WireInterval(rest[0]))
    if kind is TopicKind.DCP:
        (product,) = rest
        if product not in _OF_DCP:
            raise ValueError(product)
        return Topic(kind, product=product)
    rule = TOPICS[kind]
    if rule.categories or kind in (TopicKind.WALLET, TopicKind.SYSTEM_STATUS):
        if rest and not (rule.categories and len(rest) == 1):
            raise ValueError(rest)
        return Topic(kind, category=WireCategory(rest[0]) if rest else None)
    return Topic(kind, _rest(rest))


def _rest(words: list[str]) -> str:
    """The one word that is left: a symbol."""
    (symbol,) = words
    if not symbol:
        raise ValueError(symbol)
    return symbol


def check_args(socket: Socket, args: tuple[str, ...]) -> tuple[Topic, ...]:
    """The topics of one subscribe request. Raises WireError for what the socket would refuse."""
    topics = tuple(read_topic(text) for text in args)
    if sum(map(len, args)) > MAX_ARGS_LENGTH:
        raise WireError(f"args: longer than {MAX_ARGS_LENGTH} characters")
    if socket is Socket.PUBLIC_SPOT and len(args) > MAX_SPOT_ARGS:
        raise WireError(f"args: more than {MAX_SPOT_ARGS} in one request")
    for topic, text in zip(topics, args, strict=True):
        if socket not in TOPICS[topic.kind].sockets or (topic.depth and topic.depth not in BOOK_DEPTHS):
            raise WireError(f"handler not found,topic:{text}")
    styles: dict[TopicKind, bool] = {}
    for topic in topics:
        if TOPICS[topic.kind].categories and styles.setdefault(topic.kind, bool(topic.category)) != bool(
            topic.category
        ):
            raise WireError(f"args: {topic.kind} for all categories and for one in the same request")
    return topics


def decode_frame(data: bytes | str) -> Any:
    """A pushed data frame as the shape of its topic. Raises WireError for an unknown topic, or a frame without one."""
    head = decode(data, FrameHead)
    if head.topic is None:
        raise WireError("a frame without a topic is an answer, not data")
    return decode_topic(data, head.topic)


def decode_topic(data: bytes | str, topic: str) -> Any:
    """The same of a frame whose topic is known."""
    frame = TOPICS[read_topic(topic).kind].frame
    if frame is None:
        raise WireError(f"{topic} pushes no data")
    return decode(data, frame)
