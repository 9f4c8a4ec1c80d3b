"""The async facade of the exchange port, for callers that are not actors: tests, tools, notebooks.

SimulatorBackend pumps its own driver until the answer is there and needs no Trio; its market moves only in
`advance`. Demo and live backends will implement the same protocol over their profiles' exchange branch.
"""

from typing import TypeVar, cast

import msgspec

from actors.app import names
from actors.app.exchanges.simulated import simulated_exchange
from actors.app.markets import SimulatedMarkets
from actors.app.runs.simulation import start_kernel
from actors.app.settings import Settings
from actors.app.specs import with_more_patience
from actors.app.tree import journal_spec
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
    Executions,
    ExecutionsQuery,
    HistoryQuery,
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
)
from actors.model.candles import candles_of
from actors.model.errors import NetworkError
from actors.model.fixed import Price
from actors.model.order import Fill, OrderReport, OrderRequest
from actors.model.result import OrderResult, RequestOutcome
from actors.simulator.actor import NS_PER_MS
from runtime.actor import Actor, handles
from runtime.context import Context
from runtime.messages import AskFailed, Ref
from runtime.spec import ActorSpec, RestartStrategy, SupervisorSpec

__all__ = ["SimulatorBackend"]

_TIMEOUT_NS = 60_000_000_000
_READER = Ref("reader")
Answer = TypeVar("Answer")


class _Reader(Actor):
    """Takes the place of orders and marketdata: it drops bars, and keeps private events until they are read."""

    def __init__(self, events: list[OrderReport | Fill]) -> None:
        self._events = events

    @handles(PrivateFrame, ClosedBars)
    def frame(self, message: PrivateFrame | ClosedBars, ctx: Context) -> None:
        """Keep what the private stream says."""
        if isinstance(message, PrivateFrame):
            self._events += message.events


class SimulatorBackend:
    """ExecutionBackend over a simulated exchange alone: venue, rate limiter, gateway, clock, sockets."""

    def __init__(self, settings: Settings, market: SimulatedMarkets) -> None:
        self._market = market
        self._events: list[OrderReport | Fill] = []
        reader = ActorSpec(_READER, lambda: _Reader(self._events))
        bars_reader = ActorSpec(names.MARKETDATA, lambda: _Reader(self._events))
        exchange = simulated_exchange(settings, market, _READER)
        children = (journal_spec(), reader, bars_reader, exchange.branch)
        root = SupervisorSpec("root", RestartStrategy.REST_FOR_ONE, children)
        tree = with_more_patience(root, exchange.round_trip_ns)
        self._kernel, self._driver = start_kernel(tree, market, (), settings.seed)

    async def submit_order(self, request: OrderRequest) -> OrderResult:
        """Submit an order; returns at acceptance, before any fill. Outcome UNKNOWN if no answer came in time."""
        return self._command(SubmitOrder(request))

    async def amend_order(self, amend: AmendOrder) -> OrderResult:
        """Change the total quantity, price or trigger price of a resting order."""
        return self._command(amend)

    async def cancel_order(self, symbol: str, link_id: str) -> OrderResult:
        """Cancel by our id; ORDER_NOT_FOUND if it has ended or never existed."""
        return self._command(CancelOrder(symbol, link_id))

    async def set_trading_stop(
        self, symbol: str, stop: Price | None, target: Price | None, trailing: Price | None = None
    ) -> OrderResult:
        """Set or remove (None) the position's stop loss, take profit and trailing stop."""
        return self._command(SetTradingStop(symbol, stop, target, trailing))

    async def add_trading_stop(self, protection: AddTradingStop) -> OrderResult:
        """Add a stop loss, a take profit or both for a part of the position."""
        return self._command(protection)

    async def set_leverage(self, symbol: str, leverage: int) -> OrderResult:
        """Set the symbol's leverage."""
        return self._command(SetLeverage(symbol, leverage))

    async def submit_batch(self, requests: tuple[OrderRequest, ...]) -> BatchResult:
        """Submit several orders; each gets its own answer."""
        return self._batch(SubmitBatch(requests))

    async def amend_batch(self, amends: tuple[AmendOrder, ...]) -> BatchResult:
        """Amend several orders without a trigger; each gets its own answer."""
        return self._batch(AmendBatch(amends))

    async def cancel_batch(self, cancels: tuple[CancelOrder, ...]) -> BatchResult:
        """Cancel several orders; each gets its own answer."""
        return self._batch(CancelBatch(cancels))

    async def cancel_all(self, symbol: str) -> BatchResult:
        """Cancel all open orders of a symbol."""
        return self._batch(CancelAll(symbol))

    async def open_orders(self, symbol: str) -> tuple[OrderReport, ...]:
        """The open orders of a symbol, of all pages, oldest first."""
        found: list[OrderReport] = []
        cursor = ""
        while True:
            page = self._query(OpenOrdersQuery(symbol, cursor), OpenOrders)
            found += page.orders
            if not (cursor := page.cursor):
                return tuple(found)

    async def order_by_id(self, symbol: str, link_id: str) -> OrderReport | None:
        """The order with our id, open or ended; None if the venue does not know it."""
        return self._query(OrderQuery(symbol, link_id), OrderFound).order

    async def executions(self, symbol: str, since_ms: int = 0) -> tuple[Fill, ...]:
        """The executions from `since_ms` on (UTC ms of the venue), of all pages, oldest first."""
        found: list[Fill] = []
        cursor = ""
        while True:
            page = self._query(ExecutionsQuery(symbol, since_ms, cursor), Executions)
            found += page.fills
            if not (cursor := page.cursor):
                return tuple(found)

    async def position(self, symbol: str) -> PositionReport:
        """The net position with its protection."""
        return self._query(PositionQuery(symbol), PositionReport)

    async def equity(self, symbol: str) -> EquityReport:
        """Wallet balance, equity and available balance, in Money."""
        return self._query(EquityQuery(symbol), EquityReport)

    async def history(self, symbol: str, timeframe_ms: int, since_ms: int = 0) -> ClosedBars:
        """Closed bars that open at `since_ms` or later, with their values."""
        found = self._query(HistoryQuery(symbol, timeframe_ms, since_ms), ClosedBars)
        candles = candles_of(self._market.bars[symbol], self._market.instruments[symbol], found.start, found.stop)
        return msgspec.structs.replace(found, candles=candles)

    async def server_time_ms(self) -> int:
        """The venue's time in UTC ms."""
        return self._query(ServerTimeQuery(), ServerTime).time_ms

    async def sync_state(self, symbol: str, since_ms: int = 0) -> SyncState:
        """All that a reconciliation reads, queried in turn: the position first, the executions last."""
        position, equity = await self.position(symbol), await self.equity(symbol)
        return SyncState(position, equity, await self.open_orders(symbol), await self.executions(symbol, since_ms))

    def stream(self) -> tuple[OrderReport | Fill, ...]:
        """What the private stream has said since the last call, in venue order."""
        events = tuple(self._events)
        self._events.clear()
        return events

    async def advance(self, until_ms: int) -> None:
        """Run the market up to and including `until_ms` (UTC ms); nothing else moves it."""
        self._driver.run(until_ms * NS_PER_MS)

    def _command(self, message: Command) -> OrderResult:
        answer = self._ask(message)
        if isinstance(answer, AskFailed):
            return OrderResult(RequestOutcome.UNKNOWN, reason=f"no answer: {answer.cause}")
        return cast(OrderResult, answer)

    def _batch(self, message: Batch) -> BatchResult:
        answer = self._ask(message)
        if isinstance(answer, AskFailed):
            return BatchResult(OrderResult(RequestOutcome.UNKNOWN, reason=f"no answer: {answer.cause}"))
        return cast(BatchResult, answer)

    def _query(self, message: Query, kind: type[Answer]) -> Answer:
        answer = self._ask(message)
        if not isinstance(answer, kind):
            raise NetworkError(f"no answer to {type(message).__name__}: {answer}")
        return answer

    def _ask(self, message: Command | Batch | Query) -> object:
        answers = self._kernel.outside_answers
        correlation = self._kernel.ask(None, names.RATELIMITER, message, _TIMEOUT_NS)
        self._driver.serve(lambda: correlation in answers)
        return answers.pop(correlation)
