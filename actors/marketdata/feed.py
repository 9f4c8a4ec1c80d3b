"""One feed: how many closed bars it has, without holes, and its readers.

The bars' values are in columns. Either the venue shares its columns and sends ranges of them, or each bar comes with
its values and is appended here. Readers of the columns see no difference.
"""

from typing import NamedTuple

from actors.marketdata.messages import BarRefused
from actors.model.backend import Candle, ClosedBars
from actors.model.candles import append_candle, candle_problem
from actors.model.instrument import Instrument
from ideacards.feeds import GrowingBars
from runtime.messages import Ref

__all__ = ["Appended", "Feed"]


class Appended(NamedTuple):
    """Where a feed's bars are appended.

    `origin_ms` (UTC) is the open of some bar on the timeframe's grid; the history is read from `since_ms` on.
    """

    columns: GrowingBars
    instrument: Instrument
    origin_ms: int = 0
    since_ms: int = 0


class Feed:
    """The bars of one symbol and timeframe; `is_known` is True once the history has been read."""

    def __init__(self, symbol: str, timeframe_ms: int, appended: Appended | None = None) -> None:
        self.symbol = symbol
        self.timeframe_ms = timeframe_ms
        self._appended = appended
        self.stop = 0
        self.ts_close = 0
        if appended is not None:  # of an earlier life of ours
            self.stop = len(appended.columns)
            self.ts_close = appended.columns.last_close_ms or appended.since_ms
        self.told_ms = 0  # close of the newest bar that a frame has told of
        self.has_hole = False  # bars before those of the last message are missing
        self.refused: tuple[BarRefused, ...] = ()  # of the last message
        self.readers: list[Ref] = []
        self.is_known = False
        self.question = 0  # the history under way; 0: none
        self.failures = 0
        self.late_pages = 0  # answers in a row that did not hold what a frame had told of

    @property
    def is_behind(self) -> bool:
        """Whether a bar that a frame has announced is still missing here."""
        return self.ts_close < self.told_ms

    def take(self, bars: ClosedBars, *, is_history: bool) -> tuple[int, int] | None:
        """The bars [start, stop) that are new in a message, or None; `has_hole` and `refused` are of it from here on.

        History tells all bars from its first on: where it skips times, there are none.
        """
        self.has_hole, self.refused = False, ()
        start, to, told_ms = self.stop, self._appended, bars.ts_close
        if told_ms > self.told_ms:
            self.told_ms = told_ms
        if bars.timeframe_ms != self.timeframe_ms:
            self.refused = (BarRefused(self.symbol, bars.ts_open, f"bars of {bars.timeframe_ms} ms"),)
            return None
        if to is not None:
            self._append(bars.candles, to, is_history=is_history)
        elif bars.start > start:
            self.has_hole = True
        elif bars.stop > start:
            self.stop, self.ts_close = bars.stop, bars.ts_close
            return (start, bars.stop)
        return (start, self.stop) if self.stop > start else None

    def _append(self, candles: tuple[Candle, ...], to: Appended, *, is_history: bool) -> None:
        for candle in candles:
            problem = candle_problem(candle, self.timeframe_ms, to.origin_ms) or self._contradiction(candle, to)
            if problem:
                self.refused = (BarRefused(self.symbol, candle.ts_open, problem),)
                self.has_hole = candle.ts_open >= self.ts_close  # its true values are in the history, if any
                return
            if self.stop and candle.ts_open < self.ts_close:
                continue  # it is known
            if not is_history and (not self.is_known or (self.stop and candle.ts_open > self.ts_close)):
                self.has_hole = True
                return
            append_candle(to.columns, candle, to.instrument)
            self.stop, self.ts_close = len(to.columns), to.columns.last_close_ms

    def _contradiction(self, candle: Candle, to: Appended) -> str:
        """Why a bar contradicts one that readers have been told of, which is kept; "" if it does not."""
        if not self.stop or candle.ts_open >= self.ts_close:
            return ""
        bars = to.columns.newest()
        at = int(bars.ts_open.searchsorted(candle.ts_open))
        if at == len(bars) or bars.ts_open[at] != candle.ts_open:
            return "it lies before a bar that is known, and was not told then"
        known = (bars.price_open[at], bars.price_high[at], bars.price_low[at], bars.price_close[at])
        told = (candle.open, candle.high, candle.low, candle.close)
        return "" if known == told else "it came before, with other prices"
