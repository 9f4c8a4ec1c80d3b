"""Candles of REST and of the stream as closed bars of the port.

REST gives the newest first and includes the candle that is still open, without a word: a candle has closed once its end
has passed. The stream says so (`confirm`).
"""

from collections.abc import Iterable

from actors.bybit.numbers import WireNumberError, read_decimal, read_ms, read_number
from actors.bybit.topics import TopicKind, read_topic
from actors.bybit.wire.base import WireError
from actors.bybit.wire.streams import KlineFrame
from actors.bybit.wire.values import WireInterval
from actors.model.backend import Candle, ClosedBars
from actors.model.fixed import Price, Qty, Rounding, round_to_grid
from actors.model.instrument import Instrument

__all__ = ["INTERVALS_MS", "closed_bars", "interval_of", "read_candle", "read_kline_frame"]

_MINUTE_MS = 60_000

INTERVALS_MS: dict[WireInterval, int] = {
    WireInterval.DAY: 1440 * _MINUTE_MS,
    WireInterval.WEEK: 7 * 1440 * _MINUTE_MS,
} | {interval: int(interval) * _MINUTE_MS for interval in WireInterval if interval.isdecimal()}
"""Milliseconds of each interval but the month, which has no length of its own."""

_BY_LENGTH = {length: interval for interval, length in INTERVALS_MS.items()}


def interval_of(timeframe_ms: int) -> WireInterval:
    """Raises WireError for a length that the venue has no candles of."""
    if timeframe_ms not in _BY_LENGTH:
        raise WireError(f"interval: the venue has no candles of {timeframe_ms} ms")
    return _BY_LENGTH[timeframe_ms]


def read_candle(row: tuple[str, ...], instrument: Instrument) -> Candle:
    """A row of REST: start, open, high, low, close, volume. A volume finer than the grid is rounded down."""
    start, opened, high, low, close, volume, *_ = row
    return Candle(
        read_ms(start, "startTime"),
        _price(opened, instrument, "openPrice"),
        _price(high, instrument, "highPrice"),
        _price(low, instrument, "lowPrice"),
        _price(close, instrument, "closePrice"),
        _volume(volume, instrument),
    )


def read_kline_frame(frame: KlineFrame, instrument: Instrument) -> ClosedBars:
    """The candles of a frame that have closed: often none, sometimes the one before the candle that is open."""
    topic = read_topic(frame.topic)
    if topic.kind is not TopicKind.KLINE or topic.interval not in INTERVALS_MS:
        raise WireError(f"{frame.topic}: not a topic of bars")
    rows = [(str(one.start), one.open, one.high, one.low, one.close, one.volume) for one in frame.data if one.confirm]
    candles = sorted((read_candle(row, instrument) for row in rows), key=lambda candle: candle.ts_open)
    return closed_bars(instrument.symbol, INTERVALS_MS[topic.interval], candles)


def closed_bars(symbol: str, timeframe_ms: int, candles: Iterable[Candle], has_more: bool = False) -> ClosedBars:
    """Bars with their candles, oldest first."""
    held = tuple(candles)
    ts_open = held[0].ts_open if held else 0
    ts_close = held[-1].ts_open + timeframe_ms if held else 0
    return ClosedBars(symbol, timeframe_ms, ts_open, ts_close, candles=held, has_more=has_more)


def _price(text: str, instrument: Instrument, field: str) -> Price:
    value = read_number(text, instrument.price_digits, field)
    if value is None:
        raise WireNumberError(field, text, "a price")
    return Price(value)


def _volume(text: str, instrument: Instrument) -> Qty:
    value = read_decimal(text, "volume")
    if value is None:
        raise WireNumberError("volume", text, "a quantity")
    return Qty(round_to_grid(value, instrument.qty_digits, 1, Rounding.DOWN))
