"""The market's position in its bars: the current bar, the point of its path, the price, and the path ahead.

Bars are read one int at a time from the columns, because lists of them would cost hundreds of megabytes. Bars in which
nothing happens are skipped: opening or closing a later bar closes all before it. Only performing an event moves the
walk; looking ahead never does.
"""

from bisect import bisect_left
from collections.abc import Callable
from copy import copy
from enum import Enum
from typing import NamedTuple

import numpy as np

from actors.model.errors import InvariantError
from actors.simulator.matching.book import Meeting, PendingOrderBook
from actors.simulator.matching.pending import PendingOrder
from actors.simulator.matching.trailing import Trail
from actors.simulator.prices.finer import FinerData
from actors.simulator.prices.path import (
    BarPath,
    PathPolicy,
    path_points,
    point_times,
    price_on_leg,
    taker_price_on_leg,
    time_on_leg,
)
from ideacards.feeds import Bars, first_in_reach, first_in_trail

__all__ = ["Arrival", "BarWalk", "Touch"]


class Arrival(Enum):
    """Whether a request arrives inside a bar or between two bars."""

    HERE = "here"  # inside a bar: it meets the price of this millisecond
    NEXT_OPEN = "next_open"  # at a close, before the next open: it acts at that open


class Touch(NamedTuple):
    """The path meets an order: at this time (UTC ms), on the leg to point `leg`, at this price."""

    time_ms: int
    leg: int
    price: int
    order: PendingOrder


class BarWalk:
    """`index` is the open bar, or else the last closed one; `price` is the market's at `time_ms`, in price units.

    The open bar's path is one function of time, p(t): straight from point to point, or the last known price where it
    jumps. Every price inside a bar is p(t), whether the walk has reached that time or not.
    """

    def __init__(self, bars: Bars, policy: PathPolicy, start: int, stop: int, finer: FinerData | None = None) -> None:
        if not 0 <= start <= stop <= len(bars):
            raise ValueError(f"bars [{start}, {stop}) of {len(bars)}")
        self._bars = bars
        self._policy = policy
        self._finer = finer
        self.choose: Callable[[int], PathPolicy] | None = None  # for a policy that depends on orders
        self.stop = stop
        self._open_times: memoryview[int] = bars.ts_open.data
        self._close_times: memoryview[int] = bars.ts_close.data
        self._opens: memoryview[int] = bars.price_open.data
        self._highs: memoryview[int] = bars.price_high.data
        self._lows: memoryview[int] = bars.price_low.data
        self._closes: memoryview[int] = bars.price_close.data
        self.index = start - 1
        self.is_open = False
        self.time_ms = int(bars.ts_close[start - 1]) if start else 0
        self.price = int(bars.price_close[start - 1] if start else bars.price_open[0]) if len(bars) else 0
        self._known_path: BarPath | None = BarPath((0,), (0,))
        self.leg = 1  # number of the path point that the price is heading to
        self._turn = (self.time_ms, self.price)  # (time, price) where the straight leg to that point begins
        self.is_between = False  # the price is interpolated between two points, not printed
        self.trail: Trail | None = None  # a trailing stop that sees every price

    @property
    def _path(self) -> BarPath:
        """The path of the open bar, or of the bar that was open last."""
        if self._known_path is None:
            self._known_path = self._path_of(self.index)
        return self._known_path

    def grow(self, stop: int, *, begins_again: bool = False) -> None:
        """Bars up to `stop` are in the columns now; `begins_again`: the last closed one has been moved to index 0."""
        self.stop = stop
        if begins_again:
            self.index = 0

    # -- looking ahead ------------------------------------------------------------------------------------------------

    def open_ms(self, bar: int) -> int:
        """Opening time of a bar (UTC ms)."""
        return self._open_times[bar]

    def close_ms(self, bar: int) -> int:
        """Closing time of a bar (UTC ms)."""
        return self._close_times[bar]

    def first_close_at(self, time_ms: int) -> int:
        """The first bar that closes at this time (UTC ms) or later; the number of bars if none does."""
        return bisect_left(self._close_times, time_ms)

    def next_touch(self, book: PendingOrderBook, halt: int) -> Touch | None:
        """The first order that the rest of the open bar's path meets, up to path point `halt`; None if none."""
        here = (self.time_ms, self.price)
        return _first_met(book, self._path, self.leg, self._turn, here, halt, self.trail)

    def touch_in(self, book: PendingOrderBook, bar: int) -> Touch | None:
        """The first order that the whole path of a later bar meets; None if none."""
        path = self._path_of(bar)
        trail = self.trail_before(bar)
        start = (path.times[0], path.prices[0])
        return _first_met(book, path, 1, start, start, len(path.prices) - 1, trail)

    def first_candidate(self, book: PendingOrderBook, start: int, stop: int) -> int:
        """The first bar of [start, stop) whose range reaches an order of the book; `stop` if none does."""
        if not book.size:
            return stop
        fall, rise = book.fall_level, book.rise_level
        lows, highs = self._lows, self._highs
        if start < stop and (lows[start] <= fall or highs[start] >= rise):
            return start
        if stop - start > 1 or self.trail is not None:
            bars, trail = self._bars, self.trail_before(start)
            if trail is not None:
                near = (trail.best, trail.distance, trail.is_long)
                stop = min(stop, first_in_trail(bars.price_low, bars.price_high, start, stop, *near))
            return first_in_reach(bars.price_low, bars.price_high, start, stop, fall, rise)
        return stop

    def point_ms(self, number: int) -> int:
        """Time of a path point of the open bar (UTC ms)."""
        return self._path.times[number]

    @property
    def last_point(self) -> int:
        """Number of the open bar's close among the points of its path."""
        return len(self._path.times) - 1

    def price_at(self, time_ms: int) -> int:
        """p(t) at a time from now on, in the open bar or the next one; at a bar's open, still the price before it."""
        if time_ms <= self.time_ms:
            return self.price
        if self.is_open:
            return self._on_the_way(time_ms)[1]
        following = self.index + 1
        if following >= self.stop or time_ms <= self._open_times[following]:
            return self.price
        path = self._path_of(following)
        return _on_path(path, 1, (path.times[0], path.prices[0]), time_ms)[1]

    def price_for(self, side: int, tick: int) -> int:
        """The price that a taker of this side meets now: as printed, or p(t) rounded against him to the tick."""
        if not self.is_between:
            return self.price
        path, (turn_ms, turn) = self._path, self._turn
        end_ms, end = path.times[self.leg], path.prices[self.leg]
        return taker_price_on_leg(turn_ms, end_ms, turn, end, self.time_ms, side, tick)

    @property
    def unseen_ms(self) -> int:
        """Ms since the path was at a point; 0 where the price is as printed."""
        return self.time_ms - self._path.times[self.leg - 1] if self.is_between else 0

    # -- moving -------------------------------------------------------------------------------------------------------

    def arrive(self, now_ms: int) -> Arrival:
        """Move to `now_ms` and say where a request meets the market; InvariantError if the walk is already later."""
        self.seek(now_ms)
        if now_ms < self.time_ms:
            raise InvariantError(f"a request of {now_ms} ms arrived when the market was at {self.time_ms} ms")
        if not self.is_open:
            following = self.index + 1
            if following == self.stop or now_ms <= self._open_times[following]:
                return Arrival.NEXT_OPEN
            self.open(following)
        if now_ms > self.time_ms:
            self.reach(now_ms)
        return Arrival.HERE if now_ms < self._close_times[self.index] else Arrival.NEXT_OPEN

    def seek(self, now_ms: int) -> None:
        """Close the bars that ended before `now_ms` without an event."""
        following = self.index if self.is_open else self.index + 1
        if following < self.stop and self._close_times[following] < now_ms:
            closed = int(np.searchsorted(self._bars.ts_close[: self.stop], now_ms, side="left"))
            self.close(closed - 1)

    def open(self, bar: int) -> None:
        """Open a bar; those before it have closed."""
        if self.trail is not None:
            self.trail = self.trail_before(bar)
        is_known = self._finer is not None or self.choose is not None
        path = self._known_path = self._path_of(bar) if is_known else None  # else it is computed on first use
        self.index = bar
        self.is_open = True
        if path is None:
            self._start_at(self._open_times[bar], self._opens[bar])
        else:
            self._start_at(path.times[0], path.prices[0])

    def _start_at(self, time_ms: int, price: int) -> None:
        """Begin the first leg here."""
        self.time_ms, self.price, self.leg, self.is_between = time_ms, price, 1, False
        self._turn = (time_ms, price)

    @property
    def may_choose(self) -> bool:
        """Whether the open bar has reached none of its extremes yet, so that its path may still be chosen."""
        return self.is_open and self.leg == 1 and self.time_ms < self._path.times[1]

    def stand_like(self, other: "BarWalk") -> None:
        """Move to the bar, time and price of another walk whose path may still be chosen, but keep the own path."""
        self.open(other.index)
        self.time_ms, self.price, self.is_between = other.time_ms, other.price, other.is_between
        self._turn = other._turn if self._path == other._path else (self.time_ms, self.price)

    def follow(self, index: int, time_ms: int, *, is_open: bool) -> None:
        """Move to the bar and time of another walk over the same bars."""
        if not is_open:
            if self.is_open or self.index != index:
                self.close(index)
            return
        if not self.is_open or self.index != index:
            self.open(index)
        self.reach(time_ms)

    def reach(self, time_ms: int) -> None:
        """Advance along the open bar's path to this time."""
        if time_ms <= self.time_ms:
            return
        leg, price = self._on_the_way(time_ms)
        path = self._path
        self.move(time_ms, leg, price)
        self.is_between = time_ms < path.times[leg] and leg not in path.jumps

    def _on_the_way(self, time_ms: int) -> tuple[int, int]:
        """(leg, p(t)) at a later time in the open bar."""
        return _on_path(self._path, self.leg, self._turn, time_ms)

    def choose_again(self) -> None:
        """Choose the open bar's path again from here: orders have changed, and it has reached no extreme yet."""
        path = self._path_of(self.index)
        if path != self._known_path:
            self._known_path = path
            self._turn = (self.time_ms, self.price)

    def move(self, time_ms: int, leg: int, price: int) -> None:
        """Move to `price` on the leg to point `leg`."""
        if (time_ms, leg, price) == (self.time_ms, self.leg, self.price):
            return
        if self.trail is not None:
            for number in range(self.leg, leg):
                self.trail.see(self._path.prices[number])
            self.trail.see(price)
        if leg > self.leg:
            path = self._path
            self._turn = (path.times[leg - 1], path.prices[leg - 1])
        self.time_ms, self.leg, self.price, self.is_between = time_ms, leg, price, False

    def move_to_point(self, number: int) -> None:
        """Move to a point of the path."""
        self.move(self._path.times[number], number, self._path.prices[number])

    def close(self, bar: int) -> None:
        """Close a bar, and those before it."""
        if self.trail is not None:
            self.trail = self.trail_before(bar + 1)
        self.index = bar
        self.is_open = False
        self.price, self.time_ms, self.is_between = self._closes[bar], self._close_times[bar], False

    def trail_before(self, bar: int) -> Trail | None:
        """A copy of the trailing stop after it has seen everything before that bar."""
        if self.trail is None:
            return None
        trail = copy(self.trail)
        first = self.index + 1
        if self.is_open and bar > self.index:
            for price in self._path.prices[self.leg :]:
                trail.see(price)
        if first < bar:
            lows, highs = self._bars.price_low[first:bar], self._bars.price_high[first:bar]
            trail.see_range(int(lows.min()), int(highs.max()))
        return trail

    def _path_of(self, bar: int) -> BarPath:
        path = None if self._finer is None else self._finer.path_of(bar)
        if path is not None:
            return path
        policy = self._policy if self.choose is None else self.choose(bar)
        points = path_points(policy, self._opens[bar], self._highs[bar], self._lows[bar], self._closes[bar])
        return BarPath(points, point_times(self._open_times[bar], self._close_times[bar]))


def _on_path(path: BarPath, leg: int, turn: tuple[int, int], time_ms: int) -> tuple[int, int]:
    """(leg, price) of a path at a time; `leg` began at `turn` (time, price)."""
    now = min(max(leg, bisect_left(path.times, time_ms, 1)), len(path.times) - 1)
    turn_ms, start = turn if now == leg else (path.times[now - 1], path.prices[now - 1])
    end_ms, end = path.times[now], path.prices[now]
    if time_ms >= end_ms:
        return now, end
    return now, start if now in path.jumps else price_on_leg(turn_ms, end_ms, start, end, time_ms)


def _first_met(
    book: PendingOrderBook,
    path: BarPath,
    leg: int,
    turn: tuple[int, int],
    here: tuple[int, int],
    halt: int,
    trail: Trail | None,
) -> Touch | None:
    """The first order that the path meets from `here` (time, price) on; the current leg began at `turn`."""
    time_ms, price = here
    if trail is not None:
        trail = copy(trail)
    while leg <= halt:
        end, end_ms = path.prices[leg], path.times[leg]
        if leg in path.jumps:
            price, time_ms = end, end_ms
        met = book.next_met(price, end)
        if trail is not None:
            met = _nearer(met, trail.met_on(price, end), price, book, trail)
        if met is not None:
            met_ms = time_ms if met.price == price else time_on_leg(turn[0], end_ms, turn[1], end, met.price)
            return Touch(met_ms, leg, met.price, met.order)
        turn = time_ms, price = end_ms, end
        leg += 1
    return None


def _nearer(
    met: Meeting | None, stop_price: int | None, start: int, book: PendingOrderBook, trail: Trail
) -> Meeting | None:
    """What comes first from `start`: an order of the book, or the trailing stop met at `stop_price`."""
    order = book.trailing
    if stop_price is None or order is None:
        return met
    if met is None:
        return Meeting(order, stop_price)
    if stop_price == start == met.price:  # both were passed: the one farther behind comes first
        behind = trail.level - start if trail.is_long else start - trail.level
        passed = abs(met.order.level - start)
        is_first = behind > passed or (behind == passed and order.number < met.order.number)
    else:
        gap, other = abs(stop_price - start), abs(met.price - start)
        is_first = gap < other or (gap == other and order.number < met.order.number)
    return Meeting(order, stop_price) if is_first else met
