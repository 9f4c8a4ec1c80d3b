"""The port to an exchange: one contract, as messages for actors and as an async facade for everyone else.

Every request is answered by exactly one reply. `OrderResult` answers a command, `BatchResult` several in one request;
acceptance never waits for a fill. What the venue does later arrives as `OrderReport` and `Fill`, in a `PrivateFrame`.
"""

from decimal import Decimal
from typing import Protocol, runtime_checkable

import msgspec

from actors.model.fixed import Money, Price, Qty
from actors.model.maintenance import MaintenanceQuery
from actors.model.order import Fill, OrderReport, OrderRequest, PositionIdx, PriceKind, ProtectionTerms
from actors.model.position import Position
from actors.model.result import OrderResult

__all__ = [
    "AddTradingStop",
    "AmendBatch",
    "AmendOrder",
    "Batch",
    "BatchResult",
    "CancelAll",
    "CancelBatch",
    "CancelOrder",
    "Candle",
    "ClosedBars",
    "Command",
    "EquityQuery",
    "EquityReport",
    "ExecutionBackend",
    "Executions",
    "ExecutionsQuery",
    "HistoryQuery",
    "NeverSent",
    "OpenOrders",
    "OpenOrdersQuery",
    "OrderFound",
    "OrderQuery",
    "PositionQuery",
    "PositionReport",
    "PrivateFrame",
    "Query",
    "ServerTime",
    "ServerTimeQuery",
    "SetLeverage",
    "SetTradingStop",
    "SubmitBatch",
    "SubmitOrder",
    "SyncState",
    "Unanswered",
]


class SubmitOrder(msgspec.Struct, frozen=True, gc=False):
    """Place one order; answered by OrderResult at acceptance."""

    request: OrderRequest


class AmendOrder(msgspec.Struct, frozen=True, gc=False):
    """Change a working order; `qty` is the new total. None leaves a field as it is."""

    symbol: str
    link_id: str
    qty: Qty | None = None
    price: Price | None = None
    trigger_price: Price | None = None
    trigger_by: PriceKind | None = None
    protection: ProtectionTerms | None = None


class CancelOrder(msgspec.Struct, frozen=True, gc=False):
    """Cancel a working order by our id."""

    symbol: str
    link_id: str


class CancelAll(msgspec.Struct, frozen=True, gc=False):
    """Cancel every order of a symbol, its stops and targets too; answered by BatchResult, an accepted result an order.

    The position's own have no link id.
    """

    symbol: str


class SubmitBatch(msgspec.Struct, frozen=True):
    """Place several orders; answered by BatchResult, a result a request in their order."""

    requests: tuple[OrderRequest, ...]


class AmendBatch(msgspec.Struct, frozen=True):
    """Change several orders, none of them conditional; answered by BatchResult."""

    amends: tuple[AmendOrder, ...]


class CancelBatch(msgspec.Struct, frozen=True):
    """Cancel several orders; answered by BatchResult."""

    cancels: tuple[CancelOrder, ...]


class BatchResult(msgspec.Struct, frozen=True):
    """The venue's word on each of several requests; `result` is its word on the whole."""

    result: OrderResult
    results: tuple[OrderResult, ...] = ()


class SetTradingStop(msgspec.Struct, frozen=True, gc=False):
    """Set the stop loss, take profit and trailing stop of the whole position, executed at market; None removes.

    `trailing_stop` is a distance in price from the best last price since activation, at `active_price` or at once.
    """

    symbol: str
    stop_loss: Price | None
    take_profit: Price | None
    trailing_stop: Price | None = None
    active_price: Price | None = None
    stop_loss_trigger_by: PriceKind = PriceKind.LAST
    take_profit_trigger_by: PriceKind = PriceKind.LAST


class AddTradingStop(msgspec.Struct, frozen=True, gc=False):
    """Add a stop loss, a take profit or an OCO pair for `qty` of the position; a fill of one reduces its sibling."""

    symbol: str
    qty: Qty
    terms: ProtectionTerms


class SetLeverage(msgspec.Struct, frozen=True, gc=False):
    """Set the leverage of a symbol, of both sides."""

    symbol: str
    leverage: int


class OpenOrdersQuery(msgspec.Struct, frozen=True, gc=False):
    """Orders that have not ended, a page at a time from `cursor` on (empty: the first); answered by OpenOrders."""

    symbol: str
    cursor: str = ""


class OpenOrders(msgspec.Struct, frozen=True):
    """A page of reports as they are at `time_ms` (UTC ms of the venue); `cursor`: the next page's, empty at the end."""

    orders: tuple[OrderReport, ...]
    time_ms: int
    cursor: str = ""


class OrderQuery(msgspec.Struct, frozen=True, gc=False):
    """One order by our id, open or ended; answered by OrderFound."""

    symbol: str
    link_id: str


class OrderFound(msgspec.Struct, frozen=True):
    """The order's report, or None where the venue does not know it."""

    order: OrderReport | None


class ExecutionsQuery(msgspec.Struct, frozen=True, gc=False):
    """Executions from `since_ms` on (UTC ms of the venue), a page at a time; answered by Executions."""

    symbol: str
    since_ms: int = 0
    cursor: str = ""


class Executions(msgspec.Struct, frozen=True):
    """A page of executions at `time_ms` (UTC ms of the venue); `cursor` asks for the next, empty at the end."""

    fills: tuple[Fill, ...]
    time_ms: int
    cursor: str = ""


class PositionQuery(msgspec.Struct, frozen=True, gc=False):
    """The net position; answered by PositionReport."""

    symbol: str


class PositionReport(msgspec.Struct, frozen=True):
    """The venue's position with its protection, as it is at `time_ms` (UTC ms of the venue).

    The position's cost is exact in a simulation. A real venue states `average_price` alone, and cost is then quantity x
    average: it is read once, where a symbol is read for the first time or adopted, and never replaces ours.
    """

    symbol: str
    position: Position
    stop_loss: Price | None
    take_profit: Price | None
    time_ms: int
    trailing_stop: Price | None = None
    leverage: int = 0  # 0: not told
    parts: tuple[OrderReport, ...] = ()  # stops and targets of parts of it
    position_idx: PositionIdx = PositionIdx.ONE_WAY
    average_price: Decimal | None = None  # as the venue rounds it; None: not told


class EquityQuery(msgspec.Struct, frozen=True, gc=False):
    """Wallet and equity; answered by EquityReport."""

    symbol: str


class EquityReport(msgspec.Struct, frozen=True, gc=False):
    """Balances of the account at `time_ms` (UTC ms of the venue).

    `wallet` = start + realised - fees; `equity` adds the unrealised PnL; `available` is free for new orders.
    """

    wallet: Money
    equity: Money
    available: Money
    time_ms: int


class HistoryQuery(msgspec.Struct, frozen=True, gc=False):
    """Closed bars that open at `since_ms` (UTC ms) or later; answered by ClosedBars."""

    symbol: str
    timeframe_ms: int
    since_ms: int = 0


class Candle(msgspec.Struct, frozen=True, gc=False):
    """One closed bar: open time in UTC ms, prices and volume (in base coin) on the instrument's grids."""

    ts_open: int
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Qty


class ClosedBars(msgspec.Struct, frozen=True, gc=False):
    """Closed bars of one feed, oldest first: a frame of the public stream, or a page of history.

    `ts_open` is the open of the first, `ts_close` the close of the last, UTC ms (0 when there is none). Their values
    are `candles`; a venue that shares its columns with the reader names the range [start, stop) of them instead.
    `has_more`: later bars are closed too, ask for the next page.
    """

    symbol: str
    timeframe_ms: int
    ts_open: int
    ts_close: int
    start: int = 0
    stop: int = 0
    candles: tuple[Candle, ...] = ()
    has_more: bool = False


class ServerTimeQuery(msgspec.Struct, frozen=True, gc=False):
    """The venue's clock; answered by ServerTime."""


class ServerTime(msgspec.Struct, frozen=True, gc=False):
    """UTC ms at the venue."""

    time_ms: int


class SyncState(msgspec.Struct, frozen=True):
    """What reconciliation compares, in the order in which it was asked for; each part has its own time.

    The position comes first and the executions last, so that no execution that the position holds can be missing.
    """

    position: PositionReport
    equity: EquityReport
    orders: tuple[OrderReport, ...]
    fills: tuple[Fill, ...]


class NeverSent(msgspec.Struct, frozen=True, gc=False):
    """Our own gate could not send this question before its asker's deadline; of a command its result says so."""

    reason: str


class Unanswered(msgspec.Struct, frozen=True, gc=False):
    """The venue gave this question no answer that can be read, or refused it: ask again. Of a command its result says
    so.
    """

    reason: str


class PrivateFrame(msgspec.Struct, frozen=True):
    """One frame of the private stream, or what a reconciliation has read: reports and executions in venue order."""

    events: tuple[OrderReport | Fill, ...]
    is_read: bool = False


Command = SubmitOrder | AmendOrder | CancelOrder | SetTradingStop | AddTradingStop | SetLeverage
Batch = SubmitBatch | AmendBatch | CancelBatch | CancelAll
MarketQuery = HistoryQuery | ServerTimeQuery | MaintenanceQuery
Query = OpenOrdersQuery | OrderQuery | ExecutionsQuery | PositionQuery | EquityQuery | MarketQuery


@runtime_checkable
class ExecutionBackend(Protocol):
    """The contract of Simulator, Demo and Live. Commands never raise for a venue's refusal: they return it."""

    async def submit_order(self, request: OrderRequest) -> OrderResult: ...
    async def amend_order(self, amend: AmendOrder) -> OrderResult: ...
    async def cancel_order(self, symbol: str, link_id: str) -> OrderResult: ...
    async def set_trading_stop(
        self, symbol: str, stop_loss: Price | None, take_profit: Price | None, trailing_stop: Price | None = None
    ) -> OrderResult: ...
    async def add_trading_stop(self, protection: AddTradingStop) -> OrderResult: ...
    async def set_leverage(self, symbol: str, leverage: int) -> OrderResult: ...
    async def submit_batch(self, requests: tuple[OrderRequest, ...]) -> BatchResult: ...
    async def amend_batch(self, amends: tuple[AmendOrder, ...]) -> BatchResult: ...
    async def cancel_batch(self, cancels: tuple[CancelOrder, ...]) -> BatchResult: ...
    async def cancel_all(self, symbol: str) -> BatchResult: ...
    async def open_orders(self, symbol: str) -> tuple[OrderReport, ...]: ...
    async def order_by_id(self, symbol: str, link_id: str) -> OrderReport | None: ...
    async def executions(self, symbol: str, since_ms: int = 0) -> tuple[Fill, ...]: ...
    async def position(self, symbol: str) -> PositionReport: ...
    async def equity(self, symbol: str) -> EquityReport: ...
    async def history(self, symbol: str, timeframe_ms: int, since_ms: int = 0) -> ClosedBars: ...
    async def server_time_ms(self) -> int: ...
    async def sync_state(self, symbol: str, since_ms: int = 0) -> SyncState: ...
