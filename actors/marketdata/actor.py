"""Keeps closed bars whole: a hole that a frame leaves, or a reconnect, is filled from the history.

Readers share the columns; messages to them name ranges. A bar is published once, in order. Marketdata speaks to its
socket and to the port alone; which bars matter to a reader is between that reader and the socket.
"""

from collections.abc import Mapping
from types import MappingProxyType

from actors.marketdata.closing import closed_part
from actors.marketdata.feed import Appended, Feed
from actors.marketdata.messages import BarRefused, BarsClosed, BarsDue, CatchUp, Subscribe, Subscribed
from actors.model.backend import ClosedBars, HistoryQuery, NeverSent, Unanswered
from actors.model.errors import NetworkError
from actors.model.venue_time import VenueTime
from runtime.actor import STARTING, Actor, StartResult, handles
from runtime.context import Context
from runtime.messages import AskFailed, Down, Ref, Up

__all__ = ["MarketData"]

_TIMEOUT_NS = 10_000_000_000
_MAX_FAILURES = 5
_RETRY_NS = 1_000_000_000
_NOTHING_APPENDED: Mapping[str, Appended] = MappingProxyType({})
_CLOCK_RETRY_NS = 1_000_000_000  # where the venue's time is not known at all


class MarketData(Actor):
    """`feeds` by symbol with their timeframe in ms; history comes through `port`, frames from `socket`.

    `appended` are the columns, by symbol, of feeds whose bars come with their values; the others name ranges of columns
    that are shared with the venue. `wakes` is passed on to readers: the maker of the bars in a simulation, which they
    tell the bars that they wait for.
    """

    def __init__(
        self,
        port: Ref,
        socket: Ref,
        feeds: dict[str, int],
        round_trip_ns: int = 0,
        *,
        wakes: Ref | None = None,
        appended: Mapping[str, Appended] = _NOTHING_APPENDED,
    ) -> None:
        self._timeout_ns = _TIMEOUT_NS + round_trip_ns
        self._port = port
        self._socket = socket
        self._wakes = wakes
        self._feeds = {
            symbol: Feed(symbol, timeframe_ms, appended.get(symbol)) for symbol, timeframe_ms in feeds.items()
        }
        self._asked: dict[int, Feed] = {}
        self._is_started = False

    def start(self, ctx: Context) -> StartResult:
        ctx.watch(self._socket)
        self._fetch_all(ctx)
        return STARTING

    @handles(Subscribe)
    def subscribe(self, message: Subscribe, ctx: Context) -> None:
        """Add a reader; one that has restarted is in the list already."""
        feed = self._feeds[message.symbol]
        if message.subscriber not in feed.readers:
            feed.readers.append(message.subscriber)
        ctx.reply(Subscribed(feed.stop, self._wakes))

    @handles(CatchUp)
    def catch_up(self, message: CatchUp, ctx: Context) -> None:
        """Send the newest bar again to one reader."""
        feed = self._feeds[message.symbol]
        if message.ts_close == feed.ts_close:
            ctx.send(message.subscriber, BarsClosed(feed.symbol, feed.stop - 1, feed.stop, feed.ts_close))

    @handles(ClosedBars)
    def bars(self, message: ClosedBars, ctx: Context) -> None:
        """Take a frame, or an answer to a history query."""
        asked = self._asked.pop(ctx.correlation, None) if ctx.correlation else None
        feed = asked or self._feeds.get(message.symbol)
        if feed is None:
            ctx.note(BarRefused(message.symbol, message.ts_open, "nobody here reads this symbol"))
            return
        if asked is not None:
            message = self._closed_for_certain(message, ctx)
        new = feed.take(message, is_history=asked is not None)
        if new is not None:
            closed = BarsClosed(feed.symbol, *new, feed.ts_close)
            for reader in feed.readers:
                ctx.send(reader, closed)
        if asked is not None:
            self._history_read(feed, ctx, is_page=message.has_more, has_new=new is not None)
        elif feed.has_hole:
            self._fetch(feed, ctx)
        for refused in feed.refused:
            ctx.note(refused)

    def _history_read(self, feed: Feed, ctx: Context, *, is_page: bool, has_new: bool) -> None:
        """Ask for the next page of history, or again later for bars that it does not have yet."""
        feed.question = feed.failures = 0
        if is_page and has_new:
            self._fetch(feed, ctx)
            return
        feed.is_known = True
        if not self._is_started and all(each.is_known for each in self._feeds.values()):
            self._is_started = True
            ctx.started()
        if not feed.is_behind:
            feed.late_pages = 0
        elif feed.late_pages < _MAX_FAILURES:  # the history is behind the stream; else the next frame asks again
            feed.late_pages += 1
            ctx.after(_RETRY_NS, BarsDue(feed.symbol), f"history/{feed.symbol}")

    @handles(BarsDue)
    def bars_due(self, message: BarsDue, ctx: Context) -> None:
        """Fetch the rest of the history."""
        self._fetch(self._feeds[message.symbol], ctx)

    @handles(AskFailed, NeverSent, Unanswered)
    def failed(self, message: AskFailed | NeverSent | Unanswered, ctx: Context) -> None:
        """A history query failed: repeat it. NetworkError after more than five failures in a row."""
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
        """A new connection replays nothing, so fetch the bars that have closed meanwhile."""
        self._fetch_all(ctx)

    @handles(Down)
    def socket_down(self, message: Down, ctx: Context) -> None:
        """Nothing to do: Up follows, or the tree stops."""

    def _closed_for_certain(self, bars: ClosedBars, ctx: Context) -> ClosedBars:
        """The bars of a history answer that have closed by the venue's clock; a timer fetches the others later."""
        now = VenueTime(ctx.wall, ctx.wall_error_ns)
        closed, waits_for_ms = closed_part(bars, now)
        if waits_for_ms is not None:
            wait_ns = now.ns_until_past(waits_for_ms)
            delay_ns = _CLOCK_RETRY_NS if wait_ns is None else wait_ns
            ctx.after(delay_ns, BarsDue(bars.symbol), f"closing/{bars.symbol}")
        return closed

    def _fetch_all(self, ctx: Context) -> None:
        for feed in self._feeds.values():
            self._fetch(feed, ctx)

    def _fetch(self, feed: Feed, ctx: Context) -> None:
        if not feed.question:
            query = HistoryQuery(feed.symbol, feed.timeframe_ms, feed.ts_close)
            feed.question = ctx.ask(self._port, query, self._timeout_ns)
            self._asked[feed.question] = feed
