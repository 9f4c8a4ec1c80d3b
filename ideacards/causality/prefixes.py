"""Compares what was known at a bar with what the whole file says of that bar.

Three computations of the same columns are compared, byte for byte, over the bars that they share: all bars at once;
bars that grow, from one sampled stop to the next, so that nothing after a stop exists yet; and a few fresh starts over
a file whose bars from a stop on are others. A value that differs has read something after its bar, or something besides
its bars. A bisection then finds how many later bars it waits for.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import isnan
from typing import Any

import attrs
import numpy as np

from ideacards.bars import Bars, FloatArray, IntArray
from ideacards.card import Card
from ideacards.causality.watched import WatchedColumn, WatchedColumns, watched_of
from ideacards.errors import CardError
from ideacards.feeds import NO_LEADERS

__all__ = ["Leak", "PrefixVerdict", "prefix_run", "sampled_stops"]

_TAIL = 64  # poisoned bars after a stop
_GOLDEN = 0.6180339887498949  # multiples of it, modulo 1, spread evenly however many are taken
_Known = dict[str, tuple[FloatArray, IntArray | None]]


@attrs.frozen
class Leak:
    """A column with a value, known at exec bar `bar`, that later bars changed.

    `before` is the value with the bars up to there, `after` that with the whole file. `ahead` is how many more bars
    the value needs to become `after`; None if no number of bars makes it so, because it also depends on something else.
    """

    column: WatchedColumn
    bar: int
    ts_close: int
    before: float
    after: float
    ahead: int | None
    read_by: tuple[str, ...]


@attrs.frozen
class PrefixVerdict:
    """What was compared, and the leaks that no other leak explains."""

    columns: tuple[WatchedColumn, ...]
    stops: int
    poisoned: int
    leaks: tuple[Leak, ...]


def sampled_stops(count: int, stops: int) -> tuple[int, ...]:
    """At most so many stops (numbers of bars) within a file of `count` bars, spread over it; 1 and pairs of neighbours
    are among them, because a step over one bar runs other code than a step over many.
    """
    found = {1, 2, 3}
    for number in range(1, max(1, stops // 2)):
        stop = 1 + int(number * _GOLDEN % 1 * count)
        found |= {stop, stop + 1}
    return tuple(stop for stop in sorted(found) if stop < count)[: max(1, stops)]


@attrs.frozen(eq=False)
class _Markets:
    """What a card reads: its own bars, and those of its leaders."""

    bars: Bars
    leaders: Mapping[str, Bars]

    def head(self, count: int) -> "_Markets":
        """The first `count` own bars, and what the leaders have closed by the last of them."""
        heads = {symbol: bars.head(self.led(symbol, count)) for symbol, bars in self.leaders.items()}
        return _Markets(self.bars.head(count), heads)

    def led(self, symbol: str, count: int) -> int:
        """How many bars of a leader have closed by own bar `count - 1`."""
        return int((self.leaders[symbol].ts_close <= self.bars.ts_close[count - 1]).sum())

    def poisoned(self, stop: int, *, is_higher: bool) -> "_Markets":
        """Other bars from own bar `stop` on, and of the leaders other ones after its close."""
        changed = {
            symbol: _poisoned(bars, self.led(symbol, stop), is_higher=is_higher)
            for symbol, bars in self.leaders.items()
        }
        return _Markets(_poisoned(self.bars, stop, is_higher=is_higher), changed)

    def watched(self, card: Card) -> WatchedColumns:
        """The card's columns over them."""
        return WatchedColumns(card, self.bars, self.leaders)


def prefix_run(
    card: Card,
    bars: Bars,
    stops: Sequence[int],
    poisoned: Sequence[int],
    leaders: Mapping[str, Bars] = NO_LEADERS,
) -> PrefixVerdict:
    """Compare at each of `stops` (rising) with bars that end there, and at each of `poisoned` with other bars after it.

    CardError if a user's own feature has no value at a bar of the file.
    """
    markets = _Markets(_with_floats(bars), {symbol: _with_floats(each) for symbol, each in leaders.items()})
    columns = watched_of(card)
    whole = _known(markets.watched(card))
    found: dict[str, tuple[int, float]] = {}
    _compare(whole, _known(_grown(card, markets, stops)), len(bars), found)
    for number, stop in enumerate(poisoned):
        try:
            other = markets.poisoned(stop, is_higher=number % 2 == 0).watched(card)
        except CardError:
            continue  # a user's feature may raise at prices that no market has; the growing run has judged it
        _compare(whole, _known(other), stop, found)
    leaks = tuple(_leak(card, markets, column, found, whole, columns) for column in _roots(columns, found))
    return PrefixVerdict(columns, len(stops), len(poisoned), leaks)


def _with_floats(bars: Bars) -> Bars:
    """The same bars, their float prices made once and not anew for each prefix."""
    return attrs.evolve(bars, open=bars.open, high=bars.high, low=bars.low, close=bars.close)


def _grown(card: Card, markets: _Markets, stops: Sequence[int]) -> WatchedColumns:
    first, *later = [*stops, len(markets.bars)]
    columns = markets.head(first).watched(card)
    for stop in later:
        now = markets.head(stop)
        columns.extend(now.bars, now.leaders)
    return columns


def _poisoned(bars: Bars, stop: int, *, is_higher: bool) -> Bars:
    """The bars up to `stop`, and after it bars of other prices and volumes, with a gap in front of them or without."""
    some = bars.head(min(len(bars), stop + _TAIL))
    changed: dict[str, Any] = {}
    for name in ("open", "high", "low", "close"):
        column, prices = getattr(some, name).copy(), getattr(some, f"price_{name}").copy()
        column[stop:] = column[stop:] * 3.0 if is_higher else column[stop:] / 3.0
        prices[stop:] = prices[stop:] * 3 if is_higher else prices[stop:] // 3
        changed |= {name: column, f"price_{name}": prices}
    volume = some.volume.copy()
    volume[stop:] = volume[stop:] * 7.0 + 1.0
    changed["volume"] = volume
    if is_higher:
        for name in ("ts_open", "ts_close"):
            times = getattr(some, name).copy()
            times[stop:] += 83 * bars.timeframe_ms
            changed[name] = times
    return attrs.evolve(some, **changed)


def _known(columns: WatchedColumns) -> _Known:
    return {name: (values, known_at) for name, values, known_at in columns.values()}


def _compare(whole: _Known, part: _Known, stop: int, found: dict[str, tuple[int, float]]) -> None:
    """Add the first bar before `stop` at which a column differs, with its value in `part`, if it is earlier."""
    for name, (values, known_at) in part.items():
        true_values, true_at = whole[name]
        count = _settled(known_at, len(values), stop)
        true_count = _settled(true_at, len(true_values), stop)
        shared = min(count, true_count)
        is_other = _differs(values[:shared], true_values[:shared])
        if known_at is not None and true_at is not None:
            is_other = is_other | (known_at[:shared] != true_at[:shared])
        places = np.flatnonzero(is_other)
        if len(places):
            at = int(places[0])
            bar = at if known_at is None else int(known_at[at])
            value = float(values[at])
        elif count != true_count:
            longer = true_at if true_count > count else known_at
            assert longer is not None
            bar, value = int(longer[shared]), float("nan") if true_count > count else float(values[shared])
        else:
            continue
        if name not in found or bar < found[name][0]:
            found[name] = (bar, value)


def _settled(known_at: IntArray | None, length: int, stop: int) -> int:
    """How many of the values are known before exec bar `stop`."""
    return min(length, stop) if known_at is None else int(np.searchsorted(known_at, stop))


def _differs(one: FloatArray, other: FloatArray) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Where two columns have other bytes; any two NaN are the same."""
    is_other = np.ascontiguousarray(one).view(np.int64) != np.ascontiguousarray(other).view(np.int64)
    return np.asarray(is_other & ~(np.isnan(one) & np.isnan(other)))


def _roots(columns: Sequence[WatchedColumn], found: dict[str, tuple[int, float]]) -> Iterator[WatchedColumn]:
    """The columns that differ though nothing that they read does."""
    for column in columns:
        if column.name in found and not any(name in found for name in column.reads):
            yield column


def _leak(
    card: Card,
    markets: _Markets,
    column: WatchedColumn,
    found: dict[str, tuple[int, float]],
    whole: _Known,
    columns: Sequence[WatchedColumn],
) -> Leak:
    bar, before = found[column.name]
    values, known_at = whole[column.name]
    at = bar if known_at is None else int(np.searchsorted(known_at, bar))
    after = float(values[at]) if at < len(values) else float("nan")
    return Leak(
        column,
        bar,
        int(markets.bars.ts_close[bar]),
        before,
        after,
        _bars_ahead(card, markets, column.name, bar, after),
        _readers(column.name, columns, found),
    )


def _readers(name: str, columns: Sequence[WatchedColumn], found: dict[str, tuple[int, float]]) -> tuple[str, ...]:
    """The columns that differ because they read this one, directly or through another."""
    below: dict[str, None] = {}
    is_growing = True
    while is_growing:
        known = (name, *below)
        more = [each.name for each in columns if each.name in found and any(read in known for read in each.reads)]
        is_growing = len(more) > len(below)
        below = dict.fromkeys(more)
    return tuple(below)


def _bars_ahead(card: Card, markets: _Markets, name: str, bar: int, after: float) -> int | None:
    """The fewest bars after `bar` with which the column has the value `after` at `bar`; None if no number has."""

    def has_it(more: int) -> bool:
        value = markets.head(bar + 1 + more).watched(card).value_at(name, bar)
        return value is not None and (value == after or (isnan(value) and isnan(after)))

    most = len(markets.bars) - bar - 1
    low, high = 0, 1
    if has_it(0):
        return None  # the same bars gave another value before: it depends on more than bars
    while high < most and not has_it(high):
        low, high = high, 2 * high
    high = min(high, most)
    if high <= low or not has_it(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if has_it(middle) else (middle, high)
    return high
