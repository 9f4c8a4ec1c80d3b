"""What each public topic pushes, frame by frame, and when: one state a topic, shared by all that subscribe to it.

A state makes the first frame for a new subscriber and the frames for everyone as time passes. A book's deltas go from
what the last frame showed to what is shown now, so they never delete a level that a subscriber does not hold.
"""

from typing import Any, Protocol

from actors.bybit.server.market.book import Level, SyntheticBook, changes
from actors.bybit.server.market.feed import ShownCandle, SymbolFeed
from actors.bybit.server.market.trades import public_trades
from actors.bybit.server.rest.market import INTERVALS_MS
from actors.bybit.server.shown.market import candle_row, levels, ticker
from actors.bybit.server.shown.texts import price_text, qty_text
from actors.bybit.topics import Topic, TopicKind
from actors.bybit.wire.base import encode
from actors.bybit.wire.market import PriceLimit, WireTicker
from actors.bybit.wire.streams import (
    BookData,
    BookFrame,
    CandleData,
    KlineFrame,
    PriceLimitFrame,
    TickerFrame,
    TradeData,
    TradeFrame,
)
from actors.bybit.wire.values import WireFrameType, WireSide, WireTickDirection
from actors.model.order import Category, Side
from actors.simulator.venue.checks import price_limit

__all__ = ["TopicFeed", "feed_of"]

_SNAPSHOT, _DELTA = WireFrameType.SNAPSHOT, WireFrameType.DELTA
_Tick = WireTickDirection
_BOOK_PERIODS_MS = {1: 10, 50: 20, 200: 100, 1000: 200}
_REPEAT_MS = 3_000  # of an unchanged best bid and ask
_KLINE_PERIOD_MS = 1_000
_PRICE_LIMIT_PERIOD_MS = 300
_TICKER_PERIODS_MS = {Category.LINEAR: 100, Category.SPOT: 50}
_MAX_TRADES = 1024


class TopicFeed(Protocol):
    """`period_ms` is how often `frames` is to be called."""

    period_ms: int

    def first(self, now_ms: int) -> list[bytes]:
        """What a new subscriber is told at once."""

    def frames(self, now_ms: int) -> list[bytes]:
        """What everyone is told now."""


class BookTopic:
    """`orderbook.{depth}`: a snapshot, then deltas with rising `u`; depth 1 has snapshots alone."""

    def __init__(self, topic: Topic, book: SyntheticBook, feed: SymbolFeed) -> None:
        self.period_ms = _BOOK_PERIODS_MS[topic.depth]
        self._topic, self._book, self._listing = topic, book, feed.listing
        self._u = 1  # 1 would say that the service has restarted
        self._bids: list[Level] = []
        self._asks: list[Level] = []
        self._sent_ms = 0

    def first(self, now_ms: int) -> list[bytes]:
        if not self._bids:
            self._look(now_ms)
        return [self._frame(_SNAPSHOT, self._bids, self._asks, now_ms)]

    def frames(self, now_ms: int) -> list[bytes]:
        bids, asks = self._bids, self._asks
        if not bids:
            return []  # nobody has been told a snapshot yet
        self._look(now_ms)
        gone = changes(bids, self._bids), changes(asks, self._asks)
        if self._topic.depth == 1:
            if any(gone):
                self._u += 1
            elif now_ms - self._sent_ms < _REPEAT_MS:
                return []
            return [self._frame(_SNAPSHOT, self._bids, self._asks, now_ms)]
        if not any(gone):
            return []
        self._u += 1
        return [self._frame(_DELTA, *gone, now_ms)]

    def _look(self, now_ms: int) -> None:
        self._bids, self._asks = self._book.levels(now_ms, self._topic.depth)
        if self._u == 1:
            self._u = 2

    def _frame(self, kind: WireFrameType, bids: list[Level], asks: list[Level], now_ms: int) -> bytes:
        self._sent_ms = now_ms
        data = BookData(self._listing.symbol, levels(self._listing, bids), levels(self._listing, asks), self._u, now_ms)
        return encode(BookFrame(self._topic.text, kind, now_ms, data, now_ms))


class TradesTopic:
    """`publicTrade`: trades since the last frame; never history."""

    period_ms = 50

    def __init__(self, topic: Topic, feed: SymbolFeed, now_ms: int) -> None:
        self._topic, self._feed = topic, feed
        self._told_ms = now_ms
        self._price, self._direction = 0, _Tick.ZERO_PLUS

    def first(self, now_ms: int) -> list[bytes]:
        return []

    def frames(self, now_ms: int) -> list[bytes]:
        since, self._told_ms = self._told_ms, now_ms
        listing = self._feed.listing
        rows = [
            TradeData(
                each.time_ms,
                listing.symbol,
                WireSide.BUY if each.is_buy else WireSide.SELL,
                qty_text(listing, each.size),
                price_text(listing, each.price),
                each.trade_id,
                self._tick_direction(each.price) if listing.category is Category.LINEAR else None,
                False,
                False,
                each.seq,
            )
            for each in public_trades(self._feed, since, now_ms)
        ]
        parts = [tuple(rows[at : at + _MAX_TRADES]) for at in range(0, len(rows), _MAX_TRADES)]
        return [encode(TradeFrame(self._topic.text, now_ms, part, _SNAPSHOT)) for part in parts]

    def _tick_direction(self, price: int) -> WireTickDirection:
        """Of the next trade: up, down, or as it was."""
        before, self._price = self._price or price, price
        if price != before:
            self._direction = _Tick.PLUS if price > before else _Tick.MINUS
        elif self._direction in (_Tick.PLUS, _Tick.MINUS):
            self._direction = _Tick.ZERO_PLUS if self._direction is _Tick.PLUS else _Tick.ZERO_MINUS
        return self._direction


class TickerTopic:
    """`tickers`: linear a snapshot, then the fields that changed; spot snapshots without the best prices."""

    def __init__(self, topic: Topic, book: SyntheticBook, feed: SymbolFeed) -> None:
        self._topic, self._book, self._feed = topic, book, feed
        self._is_linear = feed.listing.category is Category.LINEAR
        self.period_ms = _TICKER_PERIODS_MS[feed.listing.category]
        self._shown: dict[str, Any] = {}

    def first(self, now_ms: int) -> list[bytes]:
        if not self._shown:
            self._shown = self._fields(now_ms)
        return [self._frame(_SNAPSHOT, self._shown, now_ms)]

    def frames(self, now_ms: int) -> list[bytes]:
        if not self._shown:
            return []
        before, self._shown = self._shown, self._fields(now_ms)
        changed = {name: value for name, value in self._shown.items() if before.get(name) != value}
        if not changed:
            return []
        if not self._is_linear:
            return [self._frame(_SNAPSHOT, self._shown, now_ms)]
        return [self._frame(_DELTA, {"symbol": self._feed.listing.symbol, **changed}, now_ms)]

    def _fields(self, now_ms: int) -> dict[str, Any]:
        row = ticker(self._feed, self._book, now_ms)
        fields = {name: getattr(row, name) for name in row.__struct_fields__}
        hidden = () if self._is_linear else ("bid1_price", "bid1_size", "ask1_price", "ask1_size")
        return {name: value for name, value in fields.items() if value is not None and name not in hidden}

    def _frame(self, kind: WireFrameType, fields: dict[str, Any], now_ms: int) -> bytes:
        return encode(TickerFrame(self._topic.text, kind, now_ms, WireTicker(**fields), now_ms))


class KlineTopic:
    """`kline`: the running candle, and each that has closed once, with `confirm`."""

    period_ms = _KLINE_PERIOD_MS

    def __init__(self, topic: Topic, feed: SymbolFeed, now_ms: int) -> None:
        assert topic.interval is not None
        self._topic, self._feed, self._interval = topic, feed, topic.interval
        self._interval_ms = INTERVALS_MS[topic.interval]
        self._start_ms = feed.candle(self._interval_ms, now_ms).start_ms
        self._confirmed_ms = self._start_ms - 1

    def first(self, now_ms: int) -> list[bytes]:
        return [self._frame([self._feed.candle(self._interval_ms, now_ms)], now_ms)]

    def frames(self, now_ms: int) -> list[bytes]:
        """The candles that have closed since the last call, one a frame, then the running one."""
        found = self._feed.candles(self._interval_ms, self._start_ms, now_ms, now_ms)
        frames = []
        for each in found:
            is_closed = now_ms >= each.start_ms + self._interval_ms
            if is_closed and each.start_ms <= self._confirmed_ms:
                continue
            if is_closed:
                self._confirmed_ms = each.start_ms
            frames.append(self._frame([each], now_ms))
        if found:
            self._start_ms = found[-1].start_ms
        return frames

    def _frame(self, candles: list[ShownCandle], now_ms: int) -> bytes:
        listing, rows = self._feed.listing, []
        for each in candles:
            row = candle_row(listing, each)
            end_ms = each.start_ms + self._interval_ms - 1
            rows.append(
                CandleData(
                    each.start_ms,
                    end_ms,
                    self._interval,
                    row[1],
                    row[4],
                    row[2],
                    row[3],
                    row[5],
                    row[6],
                    now_ms > end_ms,
                    min(now_ms, end_ms),
                )
            )
        return encode(KlineFrame(self._topic.text, now_ms, tuple(rows), _SNAPSHOT))


class PriceLimitTopic:
    """`priceLimit`."""

    period_ms = _PRICE_LIMIT_PERIOD_MS

    def __init__(self, topic: Topic, feed: SymbolFeed) -> None:
        self._topic, self._feed = topic, feed

    def first(self, now_ms: int) -> list[bytes]:
        return self.frames(now_ms)

    def frames(self, now_ms: int) -> list[bytes]:
        listing, last = self._feed.listing, self._feed.last(now_ms)
        limits = [price_text(listing, price_limit(side, last, listing.instrument)) for side in (Side.BUY, Side.SELL)]
        return [encode(PriceLimitFrame(self._topic.text, now_ms, PriceLimit(listing.symbol, *limits)))]


class SilentTopic:
    """A topic on which nothing happens here: liquidations of others."""

    period_ms = 60_000

    def first(self, now_ms: int) -> list[bytes]:
        return []

    def frames(self, now_ms: int) -> list[bytes]:
        return []


def feed_of(topic: Topic, feed: SymbolFeed, book: SyntheticBook, now_ms: int) -> TopicFeed:
    """The state of a public topic."""
    if topic.kind is TopicKind.ORDERBOOK:
        return BookTopic(topic, book, feed)
    if topic.kind is TopicKind.PUBLIC_TRADE:
        return TradesTopic(topic, feed, now_ms)
    if topic.kind is TopicKind.TICKERS:
        return TickerTopic(topic, book, feed)
    if topic.kind is TopicKind.KLINE:
        return KlineTopic(topic, feed, now_ms)
    if topic.kind is TopicKind.PRICE_LIMIT:
        return PriceLimitTopic(topic, feed)
    return SilentTopic()
