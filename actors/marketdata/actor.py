"""Keeps the counts of closed bars whole: a hole that a frame leaves, or a reconnect, is filled from the history.

The columns themselves are shared and read-only; messages name ranges. A bar is published once, in order. It speaks to
its socket and to the port alone; which bars matter to a reader is between that reader and the socket.
"""

from actors.marketdata.feed import Feed
from actors.marketdata.messages import BarsClosed, CatchUp, Subscribe, Subscribed
from actors.model.backend import BarRange, HistoryQuery, NeverSent
from actors.model.errors import NetworkError
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.messages import AskFailed, Down, Ref, Up

__all__ = ["MarketData"]

_TIMEOUT_NS = 10_000_000_000
_MAX_FAILURES = 5


class MarketData(Actor):
    """`feeds` by symbol with their timeframe in ms; history comes through `port`, frames from `socket`.

    `wakes` is for the readers: who makes the bars, in a simulation, and is to hear which of them they wait for.
    """

    def __init__(
        self, port: Ref, socket: Ref, feeds: dict[str, int], round_trip_ns: int = 0, *, wakes: Ref | None = None
    ) -> None:
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self._port = port
        self._socket = socket
        self._wakes = wakes
        self._feeds = {symbol: Feed(symbol, timeframe_ms) for symbol, timeframe_ms in feeds.items()}
        self._asked: dict[int, Feed] = {}
        self._is_started = False

    def start(self, ctx: Context) -> StartResult:
        ctx.watch(self._socket)
        self._fetch_all(ctx)
        return STARTING

    @handles(Subscribe)
    def subscribe(self, message: Subscribe, ctx: Context) -> None:
        """One more reader, or the next life of one."""
        feed = self._feeds[message.symbol]
        if message.subscriber not in feed.readers:
            feed.readers.append(message.subscriber)
        ctx.reply(Subscribed(feed.stop, self._wakes))

    @handles(CatchUp)
    def catch_up(self, message: CatchUp, ctx: Context) -> None:
        """The newest bar again, for one reader."""
        feed = self._feeds[message.symbol]
        if message.ts_close == feed.ts_close:
            ctx.send(message.subscriber, BarsClosed(feed.symbol, feed.stop - 1, feed.stop, feed.ts_close))

    @handles(BarRange)
    def bars(self, message: BarRange, ctx: Context) -> None:
        """A frame, or the history we asked for."""
        feed = self._asked.pop(ctx.correlation, None) if ctx.correlation else None
        if feed is not None:
            feed.question = feed.failures = 0
            feed.is_known = True
        else:
            feed = self._feeds[message.symbol]
        if feed.leaves_a_hole(message):
            self._fetch(feed, ctx)
        new = feed.takes(message)
        if new is not None:
            closed = BarsClosed(feed.symbol, *new, feed.ts_close)
            for reader in feed.readers:
                ctx.send(reader, closed)
        if not self._is_started and all(each.is_known for each in self._feeds.values()):
            self._is_started = True
            ctx.started()

    @handles(AskFailed, NeverSent)
    def failed(self, message: AskFailed | NeverSent, ctx: Context) -> None:
        """History did not come: ask again, a few times."""
        feed = self._asked.pop(ctx.correlation, None)
        if feed is None:
            return
        feed.question = 0
        feed.failures += 1
        if feed.failures > _MAX_FAILURES:
            raise NetworkError(f"no history of {feed.symbol} in {feed.failures} attempts")
        self._fetch(feed, ctx)

    @handles(Up)
    def socket_up(self, message: Up, ctx: Context) -> None:
        """Nothing is replayed on a new connection: fetch what closed meanwhile."""
        self._fetch_all(ctx)

    @handles(Down)
    def socket_down(self, message: Down, ctx: Context) -> None:
        """Expected: Up follows, or the tree stops."""

    def _fetch_all(self, ctx: Context) -> None:
        for feed in self._feeds.values():
            self._fetch(feed, ctx)

    def _fetch(self, feed: Feed, ctx: Context) -> None:
        if not feed.question:
            query = HistoryQuery(feed.symbol, feed.timeframe_ms, feed.stop)
            feed.question = ctx.ask(self._port, query, self._timeout_ns)
            self._asked[feed.question] = feed
