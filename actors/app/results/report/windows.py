"""The card's own bars around its trades, for the chart of one trade, as integer differences that the page adds up.

Every trade has CONTEXT bars on either side; of a trade longer than LONGEST only the two ends are kept. Overlapping
windows share their bars. If the page has no room for all, the trades with the lowest numbers come first.

A bar is four integers in units of 10^-price_digits: open less the previous close, high above the body, low below it,
close less open. Its time is the previous bar's plus the timeframe plus its jump, if it has one.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from actors.app.results.report.chart import MAX_CANDLES
from actors.app.results.report.legs import TradeLegs, legs_of
from actors.app.results.result import RunResult
from ideacards.feeds import Bars

__all__ = ["CONTEXT", "ENDS", "LONGEST", "own_bars"]

CONTEXT = 60
LONGEST = 600
ENDS = 200  # bars of a longer trade kept after its entry and before its exit; at least CONTEXT
_AROUND = 600  # characters of JSON around the columns
_MOST_DIGITS = 10  # of a bar's number, with its comma
_POWERS = 10 ** np.arange(1, 19, dtype=np.int64)
_IntArray = npt.NDArray[np.int64]


@attrs.frozen
class _Window:
    """Half-open ranges of bars: one range, or the two ends of a long trade."""

    ranges: tuple[tuple[int, int], ...]

    def holds(self, bar: int) -> bool:
        return any(start <= bar < stop for start, stop in self.ranges)

    @property
    def hidden(self) -> int:
        return self.ranges[-1][0] - self.ranges[0][1] if len(self.ranges) > 1 else 0


def own_bars(result: RunResult, listed: int, room: int) -> dict[str, Any]:
    """Bars and trades in at most `room` characters of JSON; `listed` round trips are on the page.

    `trades[i]` is round trip i; the trade open at the end comes last. If some trades do not fit, `note` says so. `bars`
    is None if the chart's candles are the bars themselves.
    """
    tape = result.tape
    legs = legs_of(tape)
    if listed < len(result.walk.trips):
        legs = legs[:listed]
    windows = [_window(each, tape.start, tape.stop) for each in legs]
    has_all = tape.stop - tape.start <= MAX_CANDLES
    index = np.arange(tape.start, tape.stop) if has_all else _union(windows)
    rows = [_row(each, window, index) for each, window in zip(legs, windows, strict=True)]
    ends = np.searchsorted(index, np.array([window.ranges[-1][1] for window in windows], np.int64))
    sizes = _sizes(rows, ends * (not has_all), tape.bars, index)
    count = int(np.searchsorted(sizes, room - _AROUND, side="right"))
    index = index[: int(ends[count - 1]) if count else 0]
    return {
        "context": CONTEXT,
        "ends": ENDS,
        "note": _note(count) if count < len(legs) else "",
        "trades": rows[:count],
        "bars": None if has_all else _encoded(tape.bars, index),
    }


def _note(count: int) -> str:
    have = f"trades 1 to {count:,} have" if count > 1 else "trade 1 has" if count else "none has"
    return (
        "The report is at most 5 MB and takes the bars around the trades in the order of the trades' numbers, as far "
        f"as there is room: {have} the card's own bars and levels, the others the candles of the whole range. "
        "A shorter range (--from, --to) leaves room for more."
    )


def _window(legs: TradeLegs, start: int, stop: int) -> _Window:
    first, last = legs.first_bar, stop - 1 if legs.is_open else legs.last_bar
    begin, end = max(start, first - CONTEXT), min(stop, last + CONTEXT + 1)
    if last - first <= LONGEST:
        return _Window(((begin, end),))
    return _Window(((begin, first + ENDS), (last - ENDS + 1, end)))


def _union(windows: Sequence[_Window]) -> _IntArray:
    """Every bar of the windows once. Trades follow each other, so windows are sorted by their start."""
    parts, covered = [np.zeros(0, np.int64)], 0
    for start, stop in (each for window in windows for each in window.ranges):
        parts.append(np.arange(max(start, covered), stop))
        covered = max(covered, stop)
    return np.concatenate(parts)


def _columns(bars: Bars, index: _IntArray) -> dict[str, _IntArray]:
    opens, closes = bars.price_open[index], bars.price_close[index]
    return {
        "open": opens - np.append(0, closes)[: len(opens)],
        "high": bars.price_high[index] - np.maximum(opens, closes),
        "low": np.minimum(opens, closes) - bars.price_low[index],
        "close": closes - opens,
    }


def _jumps(bars: Bars, index: _IntArray) -> _IntArray:
    """Time (ms) from the previous bar's close to each bar's open; 0 for the first."""
    times = bars.ts_open[index]
    jumps: _IntArray = np.diff(times, prepend=times[:1] - bars.timeframe_ms) - bars.timeframe_ms
    return jumps


def _encoded(bars: Bars, index: _IntArray) -> dict[str, Any]:
    jumps = _jumps(bars, index)
    return {
        "first_ms": int(bars.ts_open[index[0]]) if len(index) else 0,
        "step_ms": bars.timeframe_ms,
        "jumps": [number for i in np.flatnonzero(jumps).tolist() for number in (i, int(jumps[i]))],
        **{name: column.tolist() for name, column in _columns(bars, index).items()},
    }


def _row(legs: TradeLegs, window: _Window, index: _IntArray) -> list[Any]:
    """[bar ranges, number of hidden bars], fills (bar, kind, count, price), levels (bar, stop loss, take profit).

    Bars are numbered from the window's first; several fills of one kind in a bar are shown at their average price.
    """
    ranges = [int(at) for at in np.searchsorted(index, [end for pair in window.ranges for end in pair])]
    origin = ranges[0]

    def number_of(bar: int) -> int:
        return int(np.searchsorted(index, bar)) - origin

    fills: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for fill in legs.fills:
        if window.holds(fill.bar):
            sums = fills[fill.bar, fill.kind]
            sums[0], sums[1], sums[2] = sums[0] + 1, sums[1] + fill.qty, sums[2] + fill.qty * fill.price
    shown = [
        number
        for (bar, kind), (count, qty, value) in fills.items()
        for number in (number_of(bar), kind, count, (2 * value + qty) // (2 * qty))
    ]
    levels: dict[int, tuple[int | None, int | None]] = {}
    for level in legs.levels:  # the last of several changes in a bar or in the hidden bars wins
        levels[number_of(level.bar)] = (level.stop_loss, level.take_profit)
    steps = [number for bar, pair in levels.items() for number in (bar, *pair)]
    return [[*ranges, window.hidden], shown, steps]


def _sizes(rows: list[list[Any]], ends: _IntArray, bars: Bars, index: _IntArray) -> _IntArray:
    """Cumulative characters of JSON: each trade and all before it, with their bars up to `ends`."""
    sizes: _IntArray = np.cumsum([len(json.dumps(row, separators=(",", ":"))) + 1 for row in rows], dtype=np.int64)
    jumps, zero = _jumps(bars, index), np.zeros(1, np.int64)
    each = sum(map(_length, _columns(bars, index).values()), np.where(jumps == 0, 0, _length(jumps) + _MOST_DIGITS))
    sizes += np.concatenate((zero, np.cumsum(each)))[ends]
    return sizes


def _length(column: _IntArray) -> _IntArray:
    """Characters of each integer with its comma."""
    digits: _IntArray = np.searchsorted(_POWERS, np.abs(column), side="right") + 2 + (column < 0)
    return digits
