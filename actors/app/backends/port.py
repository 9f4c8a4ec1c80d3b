"""The commands and questions of the exchange port as coroutines, written once; a backend says how a message is asked.

A venue's refusal is a result, never raised. A command that has no answer is UNKNOWN, a question that has none raises
NetworkError.
"""

from typing import ClassVar, TypeVar

import msgspec

from actors.model.backend import (
    AddTradingStop,
    AmendBatch,
    AmendOrder,
    Batch,
    BatchResult,
    CancelAll,
    CancelBatch,
    CancelOrder,
    Candle,
    ClosedBars,
    Command,
    EquityQuery,
    EquityReport,
    Executions,
    ExecutionsQuery,
    HistoryQuery,
    NeverSent,
    OpenOrders,
    OpenOrdersQuery,
    OrderFound,
    OrderQuery,
    PositionQuery,
    PositionReport,
    PrivateFrame,
    Query,
    ServerTime,
    ServerTimeQuery,
    SetLeverage,
    SetTradingStop,
    SubmitBatch,
    SubmitOrder,
    SyncState,
    Unanswered,
)
from actors.model.errors import InvariantError, NetworkError
from actors.model.fixed import Price
from actors.model.order import Fill, OrderReport, OrderRequest
from actors.model.result import OrderResult, RequestOutcome
from runtime.actor import Actor, handles
from runtime.context import Context
from runtime.messages import AskFailed, Ref

__all__ = ["READER", "Events", "PortBackend", "StreamReader"]

READER = Ref("reader")
"""Where the private stream's reader stands in the tree of a backend."""
Events = list[OrderReport | Fill]
Answer = TypeVar("Answer")


class StreamReader(Actor):
    """Takes the place of orders and marketdata: it drops bars, and keeps private events until they are read."""

    def __init__(self, events: Events) -> None:
        self._events = events

    @handles(PrivateFrame, ClosedBars)
    def frame(self, message: PrivateFrame | ClosedBars, ctx: Context) -> None:
        """Keep what the private stream says."""
        if isinstance(message, PrivateFrame):
            self._events += message.events


class PortBackend:
    """ExecutionBackend over `_ask`. `newest_page_first`: the venue shows the newest page of a list first."""

    newest_page_first: ClassVar[bool] = False

    def __init__(self, events: Events) -> None:
        self._events = events

    async def _ask(self, message: Command | Batch | Query) -> object:
        """The answer of the exchange branch, or AskFailed."""
        raise NotImplementedError

    # -- commands -----------------------------------------------------------------------------------------------------

    async def submit_order(self, request: OrderRequest) -> OrderResult:
        """Submit an order; returns at acceptance, without waiting for a fill. UNKNOWN if no answer came in time."""
        return await self._command(SubmitOrder(request))

    async def amend_order(self, amend: AmendOrder) -> OrderResult:
        """Change the total quantity, price or trigger price of a resting order."""
        return await self._command(amend)

    async def cancel_order(self, symbol: str, link_id: str) -> OrderResult:
        """Cancel by our id; ORDER_NOT_FOUND if it has ended or never existed."""
        return await self._command(CancelOrder(symbol, link_id))

    async def set_trading_stop(
        self, symbol: str, stop_loss: Price | None, take_profit: Price | None, trailing_stop: Price | None = None
    ) -> OrderResult:
        """Set or remove (None) the position's stop loss, take profit and trailing stop."""
        return await self._command(SetTradingStop(symbol, stop_loss, take_profit, trailing_stop))

    async def add_trading_stop(self, protection: AddTradingStop) -> OrderResult:
        """Add a stop loss, a take profit or both for a part of the position."""
        return await self._command(protection)

    async def set_leverage(self, symbol: str, leverage: int) -> OrderResult:
        """Set the symbol's leverage."""
        return await self._command(SetLeverage(symbol, leverage))

    async def submit_batch(self, requests: tuple[OrderRequest, ...]) -> BatchResult:
        """Submit several orders; each gets its own answer."""
        return await self._batch(SubmitBatch(requests))

    async def amend_batch(self, amends: tuple[AmendOrder, ...]) -> BatchResult:
        """Amend several orders without a trigger; each gets its own answer."""
        return await self._batch(AmendBatch(amends))

    async def cancel_batch(self, cancels: tuple[CancelOrder, ...]) -> BatchResult:
        """Cancel several orders; each gets its own answer."""
        return await self._batch(CancelBatch(cancels))

    async def cancel_all(self, symbol: str) -> BatchResult:
        """Cancel all open orders of a symbol."""
        return await self._batch(CancelAll(symbol))

    # -- questions ----------------------------------------------------------------------------------------------------

    async def open_orders(self, symbol: str) -> tuple[OrderReport, ...]:
        """The open orders of a symbol, of all pages, oldest first."""
        found: list[OrderReport] = []
        cursor = ""
        while True:
            page = await self._query(OpenOrdersQuery(symbol, cursor), OpenOrders)
            found = [*page.orders, *found] if self.newest_page_first else [*found, *page.orders]
            if not (cursor := page.cursor):
                return tuple(found)

    async def order_by_id(self, symbol: str, link_id: str) -> OrderReport | None:
        """The order with our id, open or ended; None if the venue does not know it."""
        return (await self._query(OrderQuery(symbol, link_id), OrderFound)).order

    async def executions(self, symbol: str, since_ms: int = 0) -> tuple[Fill, ...]:
        """The executions from `since_ms` on (UTC ms of the venue), of all pages, oldest first."""
        found: list[Fill] = []
        cursor = ""
        while True:
            page = await self._query(ExecutionsQuery(symbol, since_ms, cursor), Executions)
            found = [*page.fills, *found] if self.newest_page_first else [*found, *page.fills]
            if not (cursor := page.cursor):
                return tuple(sorted(found, key=lambda fill: fill.time_ms))

    async def position(self, symbol: str) -> PositionReport:
        """The net position with its protection."""
        return await self._query(PositionQuery(symbol), PositionReport)

    async def equity(self, symbol: str) -> EquityReport:
        """Wallet balance, equity and available balance, in Money."""
        return await self._query(EquityQuery(symbol), EquityReport)

    async def history(self, symbol: str, timeframe_ms: int, since_ms: int = 0) -> ClosedBars:
        """Closed bars that open at `since_ms` or later, of all pages, with their values."""
        first = page = await self._query(HistoryQuery(symbol, timeframe_ms, since_ms), ClosedBars)
        candles = [*self._candles(first)]
        while page.has_more:
            page = await self._query(HistoryQuery(symbol, timeframe_ms, page.ts_close), ClosedBars)
            candles += self._candles(page)
        return msgspec.structs.replace(
            first, ts_close=page.ts_close, stop=page.stop, candles=tuple(candles), has_more=False
        )

    def _candles(self, page: ClosedBars) -> tuple[Candle, ...]:
        """The values of a page; a venue that shares its columns names them instead."""
        return page.candles

    async def server_time_ms(self) -> int:
        """The venue's time in UTC ms."""
        return (await self._query(ServerTimeQuery(), ServerTime)).time_ms

    async def sync_state(self, symbol: str, since_ms: int = 0) -> SyncState:
        """All that a reconciliation reads, queried in turn: the position first, the executions last."""
        position, equity = await self.position(symbol), await self.equity(symbol)
        return SyncState(position, equity, await self.open_orders(symbol), await self.executions(symbol, since_ms))

    def stream(self) -> tuple[OrderReport | Fill, ...]:
        """What the private stream has said since the last call, in venue order."""
        events = tuple(self._events)
        self._events.clear()
        return events

    # -- asking -------------------------------------------------------------------------------------------------------

    async def _command(self, message: Command) -> OrderResult:
        answer = await self._ask(message)
        if isinstance(answer, AskFailed):
            return _unknown(answer)
        if isinstance(answer, OrderResult):
            return answer
        raise InvariantError(f"{type(message).__name__} was answered by {answer!r}")

    async def _batch(self, message: Batch) -> BatchResult:
        answer = await self._ask(message)
        if isinstance(answer, AskFailed):
            return BatchResult(_unknown(answer))
        if isinstance(answer, BatchResult):
            return answer
        raise InvariantError(f"{type(message).__name__} was answered by {answer!r}")

    async def _query(self, message: Query, kind: type[Answer]) -> Answer:
        answer = await self._ask(message)
        if isinstance(answer, kind):
            return answer
        why = answer.reason if isinstance(answer, NeverSent | Unanswered) else str(answer)
        raise NetworkError(f"no answer to {type(message).__name__}: {why}")


def _unknown(failed: AskFailed) -> OrderResult:
    return OrderResult(RequestOutcome.UNKNOWN, reason=f"no answer: {failed.cause}")
