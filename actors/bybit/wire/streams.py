"""Text frames of the public and private sockets: what we ask, what the socket answers, and what it pushes.

These sockets write control fields in snake case (`ret_msg`, `conn_id`, `req_id`), the order-entry socket in camel case.
Data frames are told from answers by their topic.
"""

import msgspec

from actors.bybit.wire.account import WireWallet
from actors.bybit.wire.base import Wire
from actors.bybit.wire.executions import FastExecution, WireExecution
from actors.bybit.wire.market import Maintenance, PriceLevel, PriceLimit, WireTicker
from actors.bybit.wire.orders import WireOrder
from actors.bybit.wire.positions import WirePosition
from actors.bybit.wire.values import SocketOp, WireFrameType, WireInterval, WireSide, WireTickDirection

__all__ = [
    "BookData",
    "BookFrame",
    "CandleData",
    "ControlReply",
    "ControlRequest",
    "ExecutionFrame",
    "FastExecutionFrame",
    "FrameHead",
    "KlineFrame",
    "LiquidationData",
    "LiquidationFrame",
    "OrderFrame",
    "PositionFrame",
    "PriceLimitFrame",
    "SubscribedTopics",
    "SystemStatusFrame",
    "TickerFrame",
    "TradeData",
    "TradeFrame",
    "WalletFrame",
]


class _Control(msgspec.Struct, frozen=True, omit_defaults=True):
    """Control fields stand as they are written here."""


class ControlRequest(_Control, frozen=True):
    """auth, ping, subscribe, unsubscribe. Ours carry text as `req_id`; clients send numbers too."""

    op: SocketOp
    args: tuple[str | int, ...] | None = None
    req_id: str | int | None = None


class SubscribedTopics(Wire, frozen=True):
    """What an option subscription came to, topic by topic."""

    fail_topics: tuple[str, ...] | None = None
    success_topics: tuple[str, ...] | None = None


class ControlReply(_Control, frozen=True):
    """The answer to a ControlRequest, of all public and private sockets.

    A public pong is `op: ping` with `ret_msg: pong`; a private one is `op: pong` with the server's UTC ms in `args`.
    """

    success: bool | None = None
    ret_msg: str | None = None
    conn_id: str | None = None
    req_id: str | None = None
    op: SocketOp | None = None
    args: tuple[str, ...] | None = None
    type: str | None = None
    data: SubscribedTopics | None = None


class FrameHead(_Control, frozen=True):
    """Enough of any frame to know what to decode it as: a topic marks data, an op an answer."""

    topic: str | None = None
    op: str | None = None
    type: str | None = None


class BookData(_Control, frozen=True):
    """Levels of a snapshot (best first) or of a delta (unordered; size "0" removes)."""

    s: str
    b: tuple[PriceLevel, ...]
    a: tuple[PriceLevel, ...]
    u: int
    seq: int


class BookFrame(_Control, frozen=True):
    """`orderbook.{depth}.{symbol}`; `ts` is the system's, `cts` the matching engine's UTC ms."""

    topic: str
    type: WireFrameType
    ts: int
    data: BookData
    cts: int | None = None


class TradeData(
    _Control,
    frozen=True,
    rename={
        "time": "T",
        "symbol": "s",
        "side": "S",
        "size": "v",
        "price": "p",
        "tick_direction": "L",
        "trade_id": "i",
        "is_block": "BT",
        "is_rpi": "RPI",
    },
):
    """A public trade; `side` is the taker's, `time` in UTC ms."""

    time: int
    symbol: str
    side: WireSide
    size: str
    price: str
    trade_id: str
    tick_direction: WireTickDirection | None = None
    is_block: bool | None = None
    is_rpi: bool | None = None
    seq: int | None = None


class TradeFrame(_Control, frozen=True):
    """`publicTrade.{symbol}`: its type is always snapshot, and it is none."""

    topic: str
    ts: int
    data: tuple[TradeData, ...]
    type: WireFrameType | None = None
    id: str | None = None


class TickerFrame(_Control, frozen=True):
    """`tickers.{symbol}`: linear sends deltas to be merged, spot snapshots; `cs` is the cross sequence."""

    topic: str
    type: WireFrameType
    ts: int
    data: WireTicker
    cs: int | None = None
    id: str | None = None


class CandleData(_Control, frozen=True):
    """A candle; `confirm` is true exactly when it has closed. Times in UTC ms, `end` is the last one inside."""

    start: int
    end: int
    interval: WireInterval
    open: str
    close: str
    high: str
    low: str
    volume: str
    turnover: str
    confirm: bool
    timestamp: int


class KlineFrame(_Control, frozen=True):
    """`kline.{interval}.{symbol}`; may hold the closing candle and the new one."""

    topic: str
    ts: int
    data: tuple[CandleData, ...]
    type: WireFrameType | None = None


class PriceLimitFrame(_Control, frozen=True):
    """`priceLimit.{symbol}`."""

    topic: str
    ts: int
    data: PriceLimit


class LiquidationData(
    _Control, frozen=True, rename={"time": "T", "symbol": "s", "side": "S", "size": "v", "price": "p"}
):
    """A liquidated position: its side, size and bankruptcy price."""

    time: int
    symbol: str
    side: WireSide
    size: str
    price: str


class LiquidationFrame(_Control, frozen=True):
    """`allLiquidation.{symbol}`."""

    topic: str
    ts: int
    data: tuple[LiquidationData, ...]
    type: WireFrameType | None = None


class SystemStatusFrame(_Control, frozen=True):
    """`system.status`."""

    topic: str
    ts: int
    data: tuple[Maintenance, ...]


class _Private(Wire, frozen=True):
    """`creation_time` in UTC ms. There is no sequence number: after a reconnect REST is read again."""

    topic: str
    creation_time: int
    id: str | None = None


class OrderFrame(_Private, frozen=True, kw_only=True):
    """`order` and `order.{category}`."""

    data: tuple[WireOrder, ...]


class ExecutionFrame(_Private, frozen=True, kw_only=True):
    """`execution` and `execution.{category}`."""

    data: tuple[WireExecution, ...]


class FastExecutionFrame(_Private, frozen=True, kw_only=True):
    """`execution.fast` and its categories: an early hint, without fees."""

    data: tuple[FastExecution, ...]


class PositionFrame(_Private, frozen=True, kw_only=True):
    """`position` and `position.{category}`: comes with every order change, changed or not."""

    data: tuple[WirePosition, ...]


class WalletFrame(_Private, frozen=True, kw_only=True):
    """`wallet`."""

    data: tuple[WireWallet, ...]
