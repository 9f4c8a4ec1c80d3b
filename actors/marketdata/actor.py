"""Keeps the count of closed bars whole: a frame that leaves a hole, or a reconnect, is filled from the venue's history.

The columns themselves are shared and read-only; messages name ranges. A bar is published once, in order.
"""

from actors.marketdata.messages import BarsClosed, CatchUp, Subscribe, Subscribed, Wake
from actors.model.backend import BarRange, HistoryQuery, NeverSent
from actors.model.errors import NetworkError
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.messages import AskFailed, Down, Ref, Up

__all__ = ["MarketData"]

_TIMEOUT_NS = 10_000_000_000
_MAX_FAILURES = 5


class MarketData(Actor):
    """One symbol and timeframe; history comes through `port`, frames from `socket`.

    `world` makes the bars, where they are made and not met, and hears which of them are waited for.
    """

    def __init__(
        self, port: Ref, socket: Ref, world: Ref, symbol: str, timeframe_ms: int, round_trip_ns: int = 0
    ) -> None:
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self._port = port
        self._socket = socket
        self._world = world
        self._symbol = symbol
        self._timeframe_ms = timeframe_ms
        self._stop = 0
        self._ts_close = 0
        self._history: int | None = None
        self._failures = 0
        self._is_started = False
        self._subscribers: list[Ref] = []

    def start(self, ctx: Context) -> StartResult:
        ctx.watch(self._socket)
        self._fetch(ctx)
        return STARTING

    @handles(Subscribe)
    def subscribe(self, message: Subscribe, ctx: Context) -> None:
        """One more reader, or the next life of one."""
        if message.subscriber not in self._subscribers:
            self._subscribers.append(message.subscriber)
        wake = message.wake if len(self._subscribers) == 1 else None  # one state speaks for one reader
        ctx.send(self._world, Subscribe(ctx.me, self._symbol, self._timeframe_ms, wake))
        ctx.reply(Subscribed(self._stop))

    @handles(Wake)
    def wake(self, message: Wake, ctx: Context) -> None:
        """The reader's trading state."""
        ctx.send(self._world, message)

    @handles(CatchUp)
    def catch_up(self, message: CatchUp, ctx: Context) -> None:
        """The newest bar again, for one reader."""
        if message.ts_close == self._ts_close:
            ctx.send(message.subscriber, BarsClosed(self._stop - 1, self._stop, self._ts_close))

    @handles(BarRange)
    def bars(self, message: BarRange, ctx: Context) -> None:
        """A frame, or the history we asked for."""
        is_history = self._history is not None and ctx.correlation == self._history
        if is_history:
            self._history = None
            self._failures = 0
        start, stop = self._stop, message.stop
        if message.start > start:
            self._fetch(ctx)
        elif stop > start:
            self._stop, self._ts_close = stop, message.ts_close
            closed = BarsClosed(start, stop, message.ts_close)
            for subscriber in self._subscribers:
                ctx.send(subscriber, closed)
        if is_history and not self._is_started:
            self._is_started = True
            ctx.started()

    @handles(AskFailed, NeverSent)
    def failed(self, message: AskFailed | NeverSent, ctx: Context) -> None:
        """History did not come: ask again, a few times."""
        if ctx.correlation == self._history:
            self._history = None
            self._failures += 1
            if self._failures > _MAX_FAILURES:
                raise NetworkError(f"no history of {self._symbol} in {self._failures} attempts")
            self._fetch(ctx)

    @handles(Up)
    def socket_up(self, message: Up, ctx: Context) -> None:
        """Nothing is replayed on a new connection: fetch what closed meanwhile."""
        self._fetch(ctx)

    @handles(Down)
    def socket_down(self, message: Down, ctx: Context) -> None:
        """Expected: Up follows, or the tree stops."""

    def _fetch(self, ctx: Context) -> None:
        if self._history is None:
            query = HistoryQuery(self._symbol, self._timeframe_ms, self._stop)
            self._history = ctx.ask(self._port, query, self._timeout_ns)
