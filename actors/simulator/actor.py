"""The venue as an actor: answers the port, performs one market event a pull, and streams what happened.

All rules are in `venue.py`; here is only time (kernel ns to venue ms) and who hears of what. The venue is the world:
its death cannot be repaired by a restart, so its spec says `restart: fatal`.
"""

from collections.abc import Callable

from actors.marketdata.messages import Subscribe, Wake
from actors.model.backend import (
    AmendOrder,
    BarRange,
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
    SetProtection,
    SubmitOrder,
    SyncStateQuery,
)
from actors.simulator.messages import Pull
from actors.simulator.venue import Venue
from actors.websocket.messages import OpenStream, StreamKind, StreamOpened
from runtime.actor import Actor, handles
from runtime.context import Context
from runtime.messages import Ref

__all__ = ["NS_PER_MS", "VenueActor"]

NS_PER_MS = 1_000_000


class VenueActor(Actor):
    """Around one Venue; `close_ms` gives a bar's close time by index."""

    def __init__(self, venue: Venue, symbol: str, timeframe_ms: int, close_ms: Callable[[int], int]) -> None:
        self.venue = venue
        self._symbol = symbol
        self._timeframe_ms = timeframe_ms
        self._close_ms = close_ms
        self._public: Ref | None = None
        self._private: Ref | None = None
        self._streamed = 0  # bars before it have been told of, on this stream or an earlier one
        self.bars_streamed = 0

    @handles(Pull)
    def pull(self, message: Pull, ctx: Context) -> None:
        """One market event."""
        venue = self.venue
        closed = venue.advance()
        if venue.has_events:
            self._publish(ctx)
        if closed is not None and self._public is not None:
            self.bars_streamed += 1
            start, self._streamed = self._streamed, closed + 1
            bars = BarRange(self._symbol, self._timeframe_ms, start, closed + 1, self._close_ms(closed))
            ctx.send(self._public, bars)

    @handles(OpenStream)
    def open_stream(self, message: OpenStream, ctx: Context) -> None:
        """A socket connects; what happened before is not repeated on it."""
        if message.kind is StreamKind.PUBLIC:
            self._public = message.socket
        else:
            self._private = message.socket
        ctx.reply(StreamOpened(message.kind))

    @handles(Subscribe)
    def subscribe(self, message: Subscribe, ctx: Context) -> None:
        """Which closes somebody waits for."""
        self.venue.subscribe(message.wake)

    @handles(Wake)
    def wake(self, message: Wake, ctx: Context) -> None:
        """The subscriber's trading state."""
        self.venue.wake(message.state, message.size, message.entry_price)

    @handles(SubmitOrder)
    def submit(self, message: SubmitOrder, ctx: Context) -> None:
        """Acknowledge or refuse; what follows from it is streamed."""
        ctx.reply(self.venue.submit(message.request, ctx.now // NS_PER_MS))
        self._publish(ctx)

    @handles(AmendOrder)
    def amend(self, message: AmendOrder, ctx: Context) -> None:
        """Change a working order."""
        ctx.reply(self.venue.amend(message, ctx.now // NS_PER_MS))
        self._publish(ctx)

    @handles(CancelOrder)
    def cancel(self, message: CancelOrder, ctx: Context) -> None:
        """Cancel a working order."""
        ctx.reply(self.venue.cancel(message, ctx.now // NS_PER_MS))
        self._publish(ctx)

    @handles(SetProtection)
    def set_protection(self, message: SetProtection, ctx: Context) -> None:
        """Set the position's stop and target."""
        ctx.reply(self.venue.set_protection(message, ctx.now // NS_PER_MS))
        self._publish(ctx)

    @handles(OpenOrdersQuery)
    def open_orders(self, message: OpenOrdersQuery, ctx: Context) -> None:
        """All open orders."""
        ctx.reply(OpenOrders(self.venue.open_orders()))

    @handles(OrderQuery)
    def order(self, message: OrderQuery, ctx: Context) -> None:
        """One order by our id."""
        ctx.reply(OrderFound(self.venue.order(message.link_id)))

    @handles(ExecutionsQuery)
    def executions(self, message: ExecutionsQuery, ctx: Context) -> None:
        """Executions after a sequence number."""
        ctx.reply(Executions(self.venue.executions(message.after_seq)))

    @handles(PositionQuery)
    def position(self, message: PositionQuery, ctx: Context) -> None:
        """The position with its protection."""
        ctx.reply(self.venue.position_report())

    @handles(EquityQuery)
    def equity(self, message: EquityQuery, ctx: Context) -> None:
        """Wallet, equity, available."""
        ctx.reply(self.venue.equity_report(ctx.now // NS_PER_MS))

    @handles(HistoryQuery)
    def history(self, message: HistoryQuery, ctx: Context) -> None:
        """Closed bars, by range."""
        stop = self.venue.closed_stop(ctx.now // NS_PER_MS)
        close_ms = self._close_ms(stop - 1) if stop else 0
        ctx.reply(BarRange(self._symbol, self._timeframe_ms, min(message.start, stop), stop, close_ms))

    @handles(ServerTimeQuery)
    def server_time(self, message: ServerTimeQuery, ctx: Context) -> None:
        """The venue's clock is the kernel's."""
        ctx.reply(ServerTime(ctx.now // NS_PER_MS))

    @handles(SyncStateQuery)
    def sync_state(self, message: SyncStateQuery, ctx: Context) -> None:
        """All of it, at one instant."""
        ctx.reply(self.venue.state(message.after_seq, ctx.now // NS_PER_MS))

    def _publish(self, ctx: Context) -> None:
        events = self.venue.take_events()
        if events and self._private is not None:
            ctx.send(self._private, PrivateFrame(events))
