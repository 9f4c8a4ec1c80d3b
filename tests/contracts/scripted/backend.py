"""ExecutionBackend over a scripted Bybit: every port message becomes the venue's request, and its JSON the answer."""

from collections.abc import Mapping
from typing import Any, cast

from actors.bybit.conversations.asking import VenueAccount
from actors.bybit.conversations.port import converse
from actors.bybit.topics import decode_frame
from actors.bybit.translate.frames import read_private
from actors.model.backend import (
    AddTradingStop,
    AmendBatch,
    AmendOrder,
    Batch,
    BatchResult,
    CancelAll,
    CancelBatch,
    CancelOrder,
    ClosedBars,
    Command,
    EquityQuery,
    EquityReport,
    ExecutionsQuery,
    HistoryQuery,
    OpenOrdersQuery,
    OrderQuery,
    PositionQuery,
    PositionReport,
    Query,
    ServerTimeQuery,
    SetLeverage,
    SetTradingStop,
    SubmitBatch,
    SubmitOrder,
    SyncState,
)
from actors.model.fixed import Price
from actors.model.instrument import Instrument
from actors.model.order import Fill, OrderReport, OrderRequest
from actors.model.result import OrderResult
from tests.contracts.scripted.script import ScriptedVenue

__all__ = ["ScriptedBybit"]


class ScriptedBybit:
    """Holds no state but the script's: what it answers went through the codec twice."""

    def __init__(self, venue: ScriptedVenue, instruments: Mapping[str, Instrument]) -> None:
        self.venue = venue
        self._account = VenueAccount(instruments)

    def ask(self, message: Command | Batch | Query) -> Any:
        """The port's answer to a message, after as many requests as it takes."""
        conversation = converse(message, self._account)
        request = next(conversation)
        while True:
            try:
                request = conversation.send(self.venue.answer(request))
            except StopIteration as end:
                return end.value

    def stream(self) -> tuple[OrderReport | Fill, ...]:
        """What the private stream has said since the last call."""
        events: list[OrderReport | Fill] = []
        for data in self.venue.frames():
            events += read_private(decode_frame(data), self._account.instruments).frame.events
        return tuple(events)

    async def submit_order(self, request: OrderRequest) -> OrderResult:
        return cast(OrderResult, self.ask(SubmitOrder(request)))

    async def amend_order(self, amend: AmendOrder) -> OrderResult:
        return cast(OrderResult, self.ask(amend))

    async def cancel_order(self, symbol: str, link_id: str) -> OrderResult:
        return cast(OrderResult, self.ask(CancelOrder(symbol, link_id)))

    async def set_trading_stop(
        self, symbol: str, stop_loss: Price | None, take_profit: Price | None, trailing_stop: Price | None = None
    ) -> OrderResult:
        return cast(OrderResult, self.ask(SetTradingStop(symbol, stop_loss, take_profit, trailing_stop)))

    async def add_trading_stop(self, protection: AddTradingStop) -> OrderResult:
        return cast(OrderResult, self.ask(protection))

    async def set_leverage(self, symbol: str, leverage: int) -> OrderResult:
        return cast(OrderResult, self.ask(SetLeverage(symbol, leverage)))

    async def submit_batch(self, requests: tuple[OrderRequest, ...]) -> BatchResult:
        return cast(BatchResult, self.ask(SubmitBatch(requests)))

    async def amend_batch(self, amends: tuple[AmendOrder, ...]) -> BatchResult:
        return cast(BatchResult, self.ask(AmendBatch(amends)))

    async def cancel_batch(self, cancels: tuple[CancelOrder, ...]) -> BatchResult:
        return cast(BatchResult, self.ask(CancelBatch(cancels)))

    async def cancel_all(self, symbol: str) -> BatchResult:
        return cast(BatchResult, self.ask(CancelAll(symbol)))

    async def open_orders(self, symbol: str) -> tuple[OrderReport, ...]:
        found: list[OrderReport] = []
        page = self.ask(OpenOrdersQuery(symbol))
        found += page.orders
        while page.cursor:
            page = self.ask(OpenOrdersQuery(symbol, page.cursor))
            found = [*page.orders, *found]  # the venue shows the newest first
        return tuple(found)

    async def order_by_id(self, symbol: str, link_id: str) -> OrderReport | None:
        return cast("OrderReport | None", self.ask(OrderQuery(symbol, link_id)).order)

    async def executions(self, symbol: str, since_ms: int = 0) -> tuple[Fill, ...]:
        found: list[Fill] = []
        page = self.ask(ExecutionsQuery(symbol, since_ms))
        found += page.fills
        while page.cursor:
            page = self.ask(ExecutionsQuery(symbol, since_ms, page.cursor))
            found += page.fills
        return tuple(sorted(found, key=lambda fill: fill.time_ms))

    async def position(self, symbol: str) -> PositionReport:
        return cast(PositionReport, self.ask(PositionQuery(symbol)))

    async def equity(self, symbol: str) -> EquityReport:
        return cast(EquityReport, self.ask(EquityQuery(symbol)))

    async def history(self, symbol: str, timeframe_ms: int, since_ms: int = 0) -> ClosedBars:
        return cast(ClosedBars, self.ask(HistoryQuery(symbol, timeframe_ms, since_ms)))

    async def server_time_ms(self) -> int:
        return int(self.ask(ServerTimeQuery()).time_ms)

    async def sync_state(self, symbol: str, since_ms: int = 0) -> SyncState:
        position, equity = await self.position(symbol), await self.equity(symbol)
        return SyncState(position, equity, await self.open_orders(symbol), await self.executions(symbol, since_ms))
