"""The port to an exchange: one contract, as messages for actors and as an async facade for everyone else.

Every request is answered by exactly one reply. `OrderResult` answers the four commands; acceptance never waits for a
fill. What the venue does later arrives as `OrderReport` and `Fill`, in a `PrivateFrame`.
"""

from typing import Protocol, runtime_checkable

import msgspec

from actors.model.fixed import Money, Price, Qty
from actors.model.order import Fill, OrderReport, OrderRequest
from actors.model.position import Position
from actors.model.result import OrderResult

__all__ = [
    "AmendOrder",
    "BarRange",
    "CancelOrder",
    "Command",
    "EquityQuery",
    "EquityReport",
    "ExecutionBackend",
    "Executions",
    "ExecutionsQuery",
    "HistoryQuery",
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
    "SetProtection",
    "SubmitOrder",
    "SyncStateQuery",
    "VenueState",
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


class CancelOrder(msgspec.Struct, frozen=True, gc=False):
    """Cancel a working order by our id."""

    symbol: str
    link_id: str


class SetProtection(msgspec.Struct, frozen=True, gc=False):
    """Set the position's stop and target (full, market, on last price); None removes."""

    symbol: str
    stop: Price | None
    target: Price | None


class OpenOrdersQuery(msgspec.Struct, frozen=True, gc=False):
    """All orders that have not ended; answered by OpenOrders."""

    symbol: str


class OpenOrders(msgspec.Struct, frozen=True):
    """Reports of the open orders, oldest first."""

    orders: tuple[OrderReport, ...]


class OrderQuery(msgspec.Struct, frozen=True, gc=False):
    """One order by our id, open or ended; answered by OrderFound."""

    symbol: str
    link_id: str


class OrderFound(msgspec.Struct, frozen=True):
    """The order's report, or None where the venue does not know it."""

    order: OrderReport | None


class ExecutionsQuery(msgspec.Struct, frozen=True, gc=False):
    """Executions with seq greater than `after_seq`; answered by Executions."""

    symbol: str
    after_seq: int = 0


class Executions(msgspec.Struct, frozen=True):
    """Fills, oldest first."""

    fills: tuple[Fill, ...]


class PositionQuery(msgspec.Struct, frozen=True, gc=False):
    """The net position; answered by PositionReport."""

    symbol: str


class PositionReport(msgspec.Struct, frozen=True, gc=False):
    """The venue's position with its protection, after execution `seq`."""

    symbol: str
    position: Position
    stop: Price | None
    target: Price | None
    seq: int


class EquityQuery(msgspec.Struct, frozen=True, gc=False):
    """Wallet and equity; answered by EquityReport."""

    symbol: str


class EquityReport(msgspec.Struct, frozen=True, gc=False):
    """`wallet` = start + realised - fees; `equity` adds the unrealised PnL; `available` is free for new orders."""

    wallet: Money
    equity: Money
    available: Money


class HistoryQuery(msgspec.Struct, frozen=True, gc=False):
    """Closed bars of index >= `start`; answered by BarRange."""

    symbol: str
    timeframe_ms: int
    start: int = 0


class BarRange(msgspec.Struct, frozen=True, gc=False):
    """Closed bars [start, stop); `ts_close` is the close time of bar stop - 1 in UTC ms (0 when empty)."""

    symbol: str
    timeframe_ms: int
    start: int
    stop: int
    ts_close: int


class ServerTimeQuery(msgspec.Struct, frozen=True, gc=False):
    """The venue's clock; answered by ServerTime."""


class ServerTime(msgspec.Struct, frozen=True, gc=False):
    """UTC ms at the venue."""

    time_ms: int


class SyncStateQuery(msgspec.Struct, frozen=True, gc=False):
    """Everything reconciliation needs in one answer; answered by VenueState."""

    symbol: str
    after_seq: int = 0


class VenueState(msgspec.Struct, frozen=True):
    """What is, at the venue: open orders, executions after `after_seq`, position with protection, money, clock."""

    open_orders: tuple[OrderReport, ...]
    fills: tuple[Fill, ...]
    position: PositionReport
    equity: EquityReport
    time_ms: int


class PrivateFrame(msgspec.Struct, frozen=True):
    """One frame of the private stream: reports and executions in venue order."""

    events: tuple[OrderReport | Fill, ...]


Command = SubmitOrder | AmendOrder | CancelOrder | SetProtection
Query = (
    OpenOrdersQuery
    | OrderQuery
    | ExecutionsQuery
    | PositionQuery
    | EquityQuery
    | HistoryQuery
    | ServerTimeQuery
    | SyncStateQuery
)


@runtime_checkable
class ExecutionBackend(Protocol):
    """The contract of Simulator, Demo and Live. Commands never raise for a venue's refusal: they return it."""

    async def submit_order(self, request: OrderRequest) -> OrderResult: ...
    async def amend_order(self, amend: AmendOrder) -> OrderResult: ...
    async def cancel_order(self, symbol: str, link_id: str) -> OrderResult: ...
    async def set_protection(self, symbol: str, stop: Price | None, target: Price | None) -> OrderResult: ...
    async def open_orders(self, symbol: str) -> tuple[OrderReport, ...]: ...
    async def order_by_id(self, symbol: str, link_id: str) -> OrderReport | None: ...
    async def executions(self, symbol: str, after_seq: int = 0) -> tuple[Fill, ...]: ...
    async def position(self, symbol: str) -> PositionReport: ...
    async def equity(self, symbol: str) -> EquityReport: ...
    async def history(self, symbol: str, timeframe_ms: int, start: int = 0) -> BarRange: ...
    async def server_time_ms(self) -> int: ...
    async def sync_state(self, symbol: str) -> VenueState: ...
