"""The venue as an actor: answers the port, performs one market event a pull, and streams what happened.

All rules are in `venue.py`. This actor only converts time (kernel ns to venue ms) and decides who receives what. The
venue's state is the simulated world, which a restart would lose, so its spec says `restart: fatal`.
"""

from actors.marketdata.messages import WaitForBars, Wake
from actors.model.backend import (
    AddTradingStop,
    AmendBatch,
    AmendOrder,
    CancelAll,
    CancelBatch,
    CancelOrder,
    EquityQuery,
    Executions,
    ExecutionsQuery,
    HistoryQuery,
    OpenOrders,
    OpenOrdersQuery,
    OrderFound,
    OrderQuery,
    PositionQuery,
    PrivateFrame,
    ServerTime,
    ServerTimeQuery,
    SetLeverage,
    SetTradingStop,
    SubmitBatch,
    SubmitOrder,
)
from actors.model.maintenance import MaintenanceQuery, PlannedMaintenance
from actors.model.order import Fill, OrderReport
from actors.simulator.messages import Pull
from actors.simulator.venue.pages import EXECUTIONS_A_PAGE, ORDERS_A_PAGE, page_of
from actors.simulator.venue.venue import Venue
from actors.websocket.messages import OpenStream, StreamKind, StreamOpened
from runtime.actor import Actor, handles
from runtime.context import Context
from runtime.messages import Down, Ref, Up

__all__ = ["NS_PER_MS", "VenueActor"]

NS_PER_MS = 1_000_000


class VenueActor(Actor):
    """Hosts one Venue."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self._sockets: dict[Ref, StreamKind] = {}  # the open streams
        self._public: Ref | None = None  # the actor that reads the public stream
        self._private: Ref | None = None
        self._waiting: dict[str, dict[Ref, bool]] = {symbol: {} for symbol in venue.markets}  # the subscribers to bars
        self._streamed = dict.fromkeys(venue.markets, 0)  # index behind the last published bar
        self.bars_streamed = dict.fromkeys(venue.markets, 0)

    @handles(Pull)
    def pull(self, message: Pull, ctx: Context) -> None:
        """Perform one market event; publish what happened and the closed bar, if a subscriber waits for it."""
        venue = self.venue
        closed = venue.advance()
        if venue.has_events:
            self._publish(ctx)
        if closed is not None and self._public is not None:
            symbol, bar = closed
            self.bars_streamed[symbol] += 1
            start, self._streamed[symbol] = self._streamed[symbol], bar + 1
            ctx.send(self._public, venue.markets[symbol].bars_between(start, bar + 1))

    @handles(OpenStream)
    def open_stream(self, message: OpenStream, ctx: Context) -> None:
        """A socket connects; its reader receives only what happens from now on."""
        self._sockets[message.socket] = message.kind
        self._lead(message.kind, message.reader)
        ctx.watch(message.socket)
        ctx.reply(StreamOpened(message.kind))

    @handles(Down)
    def socket_down(self, message: Down, ctx: Context) -> None:
        """A socket has died: publish nothing on its stream until it opens it again."""
        self._lead(self._sockets[message.ref], None)

    @handles(Up)
    def socket_up(self, message: Up, ctx: Context) -> None:
        """A socket has restarted: nothing to do until it opens its stream."""

    def _lead(self, kind: StreamKind, reader: Ref | None) -> None:
        if kind is StreamKind.PUBLIC:
            self._public = reader
        else:
            self._private = reader

    @handles(WaitForBars)
    def wait_for_bars(self, message: WaitForBars, ctx: Context) -> None:
        """Set the bars whose close the subscriber wants; all bars if there are several, whose states may differ."""
        waiting = self._waiting[message.symbol]
        waiting[message.subscriber] = True
        self.venue.markets[message.symbol].subscribe(message.wakes if len(waiting) == 1 else None)

    @handles(Wake)
    def wake(self, message: Wake, ctx: Context) -> None:
        """Set the subscriber's trading state, which selects the wake column."""
        market = self.venue.markets[message.symbol]
        market.agenda.watch_from(message.from_ms)
        market.wake(message.state, message.size, message.entry_price, message.held)

    @handles(SubmitOrder)
    def submit(self, message: SubmitOrder, ctx: Context) -> None:
        """Acknowledge or reject an order; its fills and reports follow on the private stream."""
        ctx.reply(self.venue.submit(message.request, self._arrival_ms(ctx)))
        self._publish(ctx)

    @handles(AmendOrder)
    def amend(self, message: AmendOrder, ctx: Context) -> None:
        """Change a working order."""
        ctx.reply(self.venue.amend(message, self._arrival_ms(ctx)))
        self._publish(ctx)

    @handles(CancelOrder)
    def cancel(self, message: CancelOrder, ctx: Context) -> None:
        """Cancel a working order."""
        ctx.reply(self.venue.cancel(message, self._arrival_ms(ctx)))
        self._publish(ctx)

    @handles(SetTradingStop)
    def set_trading_stop(self, message: SetTradingStop, ctx: Context) -> None:
        """Set the position's stop loss, take profit and trailing stop."""
        ctx.reply(self.venue.set_trading_stop(message, self._arrival_ms(ctx)))
        self._publish(ctx)

    @handles(AddTradingStop)
    def add_trading_stop(self, message: AddTradingStop, ctx: Context) -> None:
        """Add a stop loss and take profit for a part of the position."""
        ctx.reply(self.venue.add_trading_stop(message, self._arrival_ms(ctx)))
        self._publish(ctx)

    @handles(SetLeverage)
    def set_leverage(self, message: SetLeverage, ctx: Context) -> None:
        """Set a symbol's leverage."""
        ctx.reply(self.venue.set_leverage(message, self._arrival_ms(ctx)))

    @handles(SubmitBatch)
    def submit_batch(self, message: SubmitBatch, ctx: Context) -> None:
        """Submit several orders; each has its own result."""
        ctx.reply(self.venue.submit_batch(message, self._arrival_ms(ctx)))
        self._publish(ctx)

    @handles(AmendBatch)
    def amend_batch(self, message: AmendBatch, ctx: Context) -> None:
        """Amend several orders; each has its own result."""
        ctx.reply(self.venue.amend_batch(message, self._arrival_ms(ctx)))
        self._publish(ctx)

    @handles(CancelBatch)
    def cancel_batch(self, message: CancelBatch, ctx: Context) -> None:
        """Cancel several orders; each has its own result."""
        ctx.reply(self.venue.cancel_batch(message, self._arrival_ms(ctx)))
        self._publish(ctx)

    @handles(CancelAll)
    def cancel_all(self, message: CancelAll, ctx: Context) -> None:
        """Cancel all open orders of a symbol."""
        ctx.reply(self.venue.cancel_all(message, self._arrival_ms(ctx)))
        self._publish(ctx)

    @handles(OpenOrdersQuery)
    def open_orders(self, message: OpenOrdersQuery, ctx: Context) -> None:
        """Answer with a page of the open orders."""
        now_ms = self._now_ms(ctx)
        orders, cursor = page_of(self.venue.open_orders(message.symbol), message.cursor, _number_of, ORDERS_A_PAGE)
        ctx.reply(OpenOrders(orders, now_ms, cursor))

    @handles(OrderQuery)
    def order(self, message: OrderQuery, ctx: Context) -> None:
        """Answer with one order, found by our link id."""
        ctx.reply(OrderFound(self.venue.order(message.link_id, message.symbol)))

    @handles(ExecutionsQuery)
    def executions(self, message: ExecutionsQuery, ctx: Context) -> None:
        """Answer with a page of executions."""
        now_ms = self._now_ms(ctx)
        fills = self.venue.executions(message.since_ms, message.symbol)
        shown, cursor = page_of(fills, message.cursor, _number_of_fill, EXECUTIONS_A_PAGE)
        ctx.reply(Executions(shown, now_ms, cursor))

    @handles(PositionQuery)
    def position(self, message: PositionQuery, ctx: Context) -> None:
        """Answer with the position and its protection."""
        ctx.reply(self.venue.position_report(self._now_ms(ctx), message.symbol))

    @handles(EquityQuery)
    def equity(self, message: EquityQuery, ctx: Context) -> None:
        """Answer with wallet balance, equity and available balance."""
        ctx.reply(self.venue.equity_report(self._now_ms(ctx), message.symbol))

    @handles(HistoryQuery)
    def history(self, message: HistoryQuery, ctx: Context) -> None:
        """Answer with all closed bars from a time on."""
        market = self.venue.markets.get(message.symbol, self.venue.market)
        ctx.reply(market.bars_since(message.since_ms, self._now_ms(ctx)))

    @handles(MaintenanceQuery)
    def maintenance(self, message: MaintenanceQuery, ctx: Context) -> None:
        """A simulated venue announces nothing."""
        ctx.reply(PlannedMaintenance(()))

    @handles(ServerTimeQuery)
    def server_time(self, message: ServerTimeQuery, ctx: Context) -> None:
        """Answer with the kernel's time in ms, which is the venue's clock."""
        ctx.reply(ServerTime(self._now_ms(ctx)))

    def _now_ms(self, ctx: Context) -> int:
        """The venue's clock: the kernel's time."""
        return ctx.now // NS_PER_MS

    def _arrival_ms(self, ctx: Context) -> int:
        """When a command arrives."""
        return ctx.now // NS_PER_MS

    def _publish(self, ctx: Context) -> None:
        events = self.venue.take_events()
        if events and self._private is not None:
            ctx.send(self._private, PrivateFrame(events))


def _number_of(report: OrderReport) -> int:
    return int(report.order_id[1:])


def _number_of_fill(fill: Fill) -> int:
    return int(fill.exec_id[1:])
