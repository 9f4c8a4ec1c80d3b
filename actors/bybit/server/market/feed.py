"""What the exchange shows of one symbol: last price, best bid and ask, candles, and the day's figures.

Everything is a pure function of the listing and the time. The last price goes along the path of the bar, as the
matching has it; bid and ask are where a market order fills.
"""

from bisect import bisect_right
from typing import NamedTuple

import numpy as np

from actors.bybit.server.market.listing import Listing
from actors.simulator.prices.path import (
    PathPolicy,
    path_points,
    point_times,
    price_on_leg,
    taker_price_on_leg,
)

__all__ = ["PATH", "ShownCandle", "SymbolFeed"]

PATH = PathPolicy.NEAREST_EXTREME
_DAY_MS = 86_400_000


class ShownCandle(NamedTuple):
    """Prices in units of the instrument; `volume` in base coin; it closes at `start_ms` + its interval."""

    start_ms: int
    open: int
    high: int
    low: int
    close: int
    volume: float


class _Path(NamedTuple):
    prices: tuple[int, ...]
    times: tuple[int, ...]


class SymbolFeed:
    """Of one listing. Times are market times, UTC ms."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self._bars = listing.bars
        self._opens: list[int] = listing.bars.ts_open.tolist()
        self._tick = listing.instrument.tick
        self.delivery_ms = 0  # when the symbol is delisted; 0: it is not announced to be

    # -- prices -------------------------------------------------------------------------------------------------------

    def last(self, now_ms: int) -> int:
        """The last price."""
        bar = self._bar(now_ms)
        path, leg = self._leg(bar, now_ms)
        if now_ms >= path.times[-1]:
            return path.prices[-1]
        return price_on_leg(path.times[leg - 1], path.times[leg], path.prices[leg - 1], path.prices[leg], now_ms)

    def best(self, now_ms: int) -> tuple[int, int]:
        """Best bid and best ask: what a market sell and a market buy meet now."""
        return self._side(now_ms, -1), self._side(now_ms, 1) + self._tick

    def _side(self, now_ms: int, side: int) -> int:
        path, leg = self._leg(self._bar(now_ms), now_ms)
        times, prices = path.times, path.prices
        if now_ms >= times[-1]:
            return prices[-1]
        return taker_price_on_leg(times[leg - 1], times[leg], prices[leg - 1], prices[leg], now_ms, side, self._tick)

    def _bar(self, now_ms: int) -> int:
        """The bar that has opened last."""
        return max(0, bisect_right(self._opens, now_ms) - 1)

    def _path(self, bar: int) -> _Path:
        bars = self._bars
        columns = (bars.price_open, bars.price_high, bars.price_low, bars.price_close)
        open_, high, low, close = (int(column[bar]) for column in columns)
        times = point_times(int(bars.ts_open[bar]), int(bars.ts_close[bar]))
        return _Path(path_points(PATH, open_, high, low, close), times)

    def _leg(self, bar: int, now_ms: int) -> tuple[_Path, int]:
        path = self._path(bar)
        return path, min(max(1, bisect_right(path.times, now_ms)), len(path.times) - 1)

    # -- candles ------------------------------------------------------------------------------------------------------

    def candles(self, interval_ms: int, from_ms: int, to_ms: int, now_ms: int) -> list[ShownCandle]:
        """Candles that start in [from, to], oldest first, without bars none; the running one is as it stands now."""
        begun = bisect_right(self._opens, now_ms)
        first = bisect_right(self._opens, from_ms - 1)
        found: list[ShownCandle] = []
        while first < begun:
            start_ms = bucket_start(self._opens[first], interval_ms)
            if start_ms > to_ms:
                break
            end = min(begun, bisect_right(self._opens, start_ms + interval_ms - 1))
            if start_ms >= from_ms:
                found.append(self._candle(start_ms, first, end, now_ms))
            first = end
        return found

    def candle(self, interval_ms: int, now_ms: int) -> ShownCandle:
        """The running candle."""
        start_ms = bucket_start(self._opens[self._bar(now_ms)], interval_ms)
        first = bisect_right(self._opens, start_ms - 1)
        return self._candle(start_ms, first, self._bar(now_ms) + 1, now_ms)

    def _candle(self, start_ms: int, first: int, end: int, now_ms: int) -> ShownCandle:
        bars = self._bars
        last = end - 1
        if now_ms >= int(bars.ts_close[last]):
            high, low = int(bars.price_high[first:end].max()), int(bars.price_low[first:end].min())
            volume = float(bars.volume[first:end].sum())
            return ShownCandle(start_ms, int(bars.price_open[first]), high, low, int(bars.price_close[last]), volume)
        open_, high, low, close, volume = self._running(last, now_ms)
        if first < last:
            open_ = int(bars.price_open[first])
            high = max(high, int(bars.price_high[first:last].max()))
            low = min(low, int(bars.price_low[first:last].min()))
            volume += float(bars.volume[first:last].sum())
        return ShownCandle(start_ms, open_, high, low, close, volume)

    def _running(self, bar: int, now_ms: int) -> tuple[int, int, int, int, float]:
        """The open bar so far; its volume by the share of its time, in thousandths."""
        path, _ = self._leg(bar, now_ms)
        last = self.last(now_ms)
        seen = [price for price, time in zip(path.prices, path.times, strict=True) if time <= now_ms] + [last]
        open_ms, close_ms = int(self._bars.ts_open[bar]), int(self._bars.ts_close[bar])
        share = (now_ms - open_ms) / (close_ms - open_ms)
        return path.prices[0], max(seen), min(seen), last, round(float(self._bars.volume[bar]) * share, 3)

    # -- the day ------------------------------------------------------------------------------------------------------

    def day(self, now_ms: int) -> tuple[int, int, int, float, float]:
        """Of the last 24 hours: first price, high, low, volume in base coin, turnover in quote coin (about)."""
        bars = self._bars
        last = self._bar(now_ms)
        first = min(last, bisect_right(self._opens, now_ms - _DAY_MS))
        rows = slice(first, last + 1)
        scale = 10.0**-bars.price_digits
        turnover = float(np.dot(bars.volume[rows], bars.price_close[rows] * scale))
        high, low = int(bars.price_high[rows].max()), int(bars.price_low[rows].min())
        return int(bars.price_open[first]), high, low, float(bars.volume[rows].sum()), turnover

    def price_before(self, now_ms: int, ago_ms: int) -> int:
        """The close of the bar that had closed so long ago."""
        return int(self._bars.price_close[max(0, bisect_right(self._opens, now_ms - ago_ms) - 1)])


def bucket_start(time_ms: int, interval_ms: int) -> int:
    """Where the candle of a time begins: multiples since the epoch, weeks on Monday."""
    offset = 4 * _DAY_MS if interval_ms == 7 * _DAY_MS else 0  # 1970-01-05 was a Monday
    return (time_ms - offset) // interval_ms * interval_ms + offset
