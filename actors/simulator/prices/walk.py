"""Where the market stands: which bar, at which point of its path, at what price; and where the rest of the path leads.

Bars are read one int at a time from the columns, as lists of them would cost hundreds of megabytes. Bars in which
nothing happens need not be walked through: a later one opens or closes, and those before it have closed. The walk is
moved by whoever performs events; looking ahead never moves it.
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
    """Where in the market's story a request arrives."""

    HERE = "here"  # in a bar: it meets the price of this millisecond
    NEXT_OPEN = "next_open"  # at a close, before the next open: it acts there


class Touch(NamedTuple):
    """The path meets an order: when (UTC ms), on the leg to which point, at what price."""

    time_ms: int
    leg: int
    price: int
    order: PendingOrder


class BarWalk:
    """`index` is the open bar or else the last closed one; `price` the market's at `time_ms`, in whole units of price.

    The open bar's path is one function of time, p(t): straight from point to point, or the last price known where it
    jumps. All that asks for a price inside a bar is told p(t), whether the walk has come so far or not.
    """

    def __init__(self, bars: Bars, policy: PathPolicy, start: int, stop: int, finer: FinerData | None = None) -> None:
        if not 0 <= start <= stop <= len(bars):
            raise ValueError(f"bars [{start}, {stop}) of {len(bars)}")
        self._bars = bars
        self._policy = policy
        self._finer = finer
        self.choose: Callable[[int], PathPolicy] | None = None  # who chooses a bar's path, if the policy does not say
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
        self.leg = 1  # number of the path point that the price is on its way to
        self._turn = (self.time_ms, self.price)  # where the straight way to that point begins
        self.is_between = False  # the price is worked out between two points: nobody has seen it
        self.trail: Trail | None = None  # a trailing stop that sees every price

    @property
    def _path(self) -> BarPath:
        """The open bar's path, or that of the bar that was open last."""
        if self._known_path is None:
            self._known_path = self._path_of(self.index)
        return self._known_path

    # -- looking ahead ------------------------------------------------------------------------------------------------

    def open_ms(self, bar: int) -> int:
        """When a bar opens."""
        return self._open_times[bar]

    def close_ms(self, bar: int) -> int:
        """When a bar closes."""
        return self._close_times[bar]

    def next_touch(self, book: PendingOrderBook, halt: int) -> Touch | None:
        """What the rest of the open bar's path meets first, up to path point `halt`."""
        here = (self.time_ms, self.price)
        return _first_met(book, self._path, self.leg, self._turn, here, halt, self.trail)

    def touch_in(self, book: PendingOrderBook, bar: int) -> Touch | None:
        """What the whole path of a later bar meets first."""
        path = self._path_of(bar)
        trail = self._trail_before(bar)
        start = (path.times[0], path.prices[0])
        return _first_met(book, path, 1, start, start, len(path.prices) - 1, trail)

    def first_candidate(self, book: PendingOrderBook, start: int, stop: int) -> int:
        """The first bar of [start, stop) whose range comes to anything in the book; `stop` if none does."""
        if not book.size:
            return stop
        fall, rise = book.fall_level, book.rise_level
        lows, highs = self._lows, self._highs
        if start < stop and (lows[start] <= fall or highs[start] >= rise):
            return start
        if stop - start > 1 or self.trail is not None:
            bars, trail = self._bars, self._trail_before(start)
            if trail is not None:
                near = (trail.best, trail.distance, trail.is_long)
                stop = min(stop, first_in_trail(bars.price_low, bars.price_high, start, stop, *near))
            return first_in_reach(bars.price_low, bars.price_high, start, stop, fall, rise)
        return stop

    def point_ms(self, number: int) -> int:
        """Time of a path point of the open bar."""
        return self._path.times[number]

    @property
    def last_point(self) -> int:
        """Number of the open bar's close among the points of its path."""
        return len(self._path.times) - 1

    def price_at(self, time_ms: int) -> int:
        """p(t) of a time from now on: in the open bar or the next one; at a bar's very open it is not yet known."""
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
        """What a taker of this side meets here: a price as printed, or p(t) on the tick against him."""
        if not self.is_between:
            return self.price
        path, (turn_ms, turn) = self._path, self._turn
        end_ms, end = path.times[self.leg], path.prices[self.leg]
        return taker_price_on_leg(turn_ms, end_ms, turn, end, self.time_ms, side, tick)

    @property
    def unseen_ms(self) -> int:
        """How long ago the path was at a point; 0 where its price is as printed."""
        return self.time_ms - self._path.times[self.leg - 1] if self.is_between else 0

    # -- moving -------------------------------------------------------------------------------------------------------

    def arrive(self, now_ms: int) -> Arrival:
        """Where a request of `now_ms` meets the market: the bar that has begun is open, and its path is there."""
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
        """Bars that closed before `now_ms` without an event have closed."""
        following = self.index if self.is_open else self.index + 1
        if following < self.stop and self._close_times[following] < now_ms:
            closed = int(np.searchsorted(self._bars.ts_close[: self.stop], now_ms, side="left"))
            self.close(closed - 1)

    def open(self, bar: int) -> None:
        """A bar opens; those before it have closed."""
        if self.trail is not None:
            self.trail = self._trail_before(bar)
        is_known = self._finer is not None or self.choose is not None
        path = self._known_path = self._path_of(bar) if is_known else None  # else it is looked for when somebody asks
        self.index = bar
        self.is_open = True
        if path is None:
            self._start_at(self._open_times[bar], self._opens[bar])
        else:
            self._start_at(path.times[0], path.prices[0])

    def _start_at(self, time_ms: int, price: int) -> None:
        """The first leg begins here."""
        self.time_ms, self.price, self.leg, self.is_between = time_ms, price, 1, False
        self._turn = (time_ms, price)

    @property
    def may_choose(self) -> bool:
        """Whether the open bar has come to none of its extremes yet."""
        return self.is_open and self.leg == 1 and self.time_ms < self._path.times[1]

    def stand_like(self, other: "BarWalk") -> None:
        """In the same bar as another walk, which may yet choose its path: where that one is, on a path of one's own."""
        self.open(other.index)
        self.time_ms, self.price, self.is_between = other.time_ms, other.price, other.is_between
        self._turn = other._turn if self._path == other._path else (self.time_ms, self.price)

    def follow(self, index: int, time_ms: int, *, is_open: bool) -> None:
        """Stand where another walk of the same bars stands: its bar, and inside it its time."""
        if not is_open:
            if self.is_open or self.index != index:
                self.close(index)
            return
        if not self.is_open or self.index != index:
            self.open(index)
        self.reach(time_ms)

    def reach(self, time_ms: int) -> None:
        """Go along the open bar's path to this time."""
        if time_ms <= self.time_ms:
            return
        leg, price = self._on_the_way(time_ms)
        path = self._path
        self.move(time_ms, leg, price)
        self.is_between = time_ms < path.times[leg] and leg not in path.jumps

    def _on_the_way(self, time_ms: int) -> tuple[int, int]:
        """(leg, p(t)) of a time ahead in the open bar."""
        return _on_path(self._path, self.leg, self._turn, time_ms)

    def choose_again(self) -> None:
        """What rests has changed, and the open bar has come to no extreme: its path from here may be another."""
        path = self._path_of(self.index)
        if path != self._known_path:
            self._known_path = path
            self._turn = (self.time_ms, self.price)

    def move(self, time_ms: int, leg: int, price: int) -> None:
        """The path has come to `price` on the leg to point `leg`; it goes on from there."""
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
        """The path has come to a point."""
        self.move(self._path.times[number], number, self._path.prices[number])

    def close(self, bar: int) -> None:
        """A bar closes, and those before it have."""
        if self.trail is not None:
            self.trail = self._trail_before(bar + 1)
        self.index = bar
        self.is_open = False
        self.price, self.time_ms, self.is_between = self._closes[bar], self._close_times[bar], False

    def _trail_before(self, bar: int) -> Trail | None:
        """The trailing stop as it will stand when everything before that bar has been seen."""
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
    """(leg, price) of a path at a time; it began `leg` at `turn` (time, price)."""
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
    """What the path meets first from `here` (time, price) on, which is on the leg that began at `turn`."""
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


def _nearer(met: Meeting | None, stop: int | None, start: int, book: PendingOrderBook, trail: Trail) -> Meeting | None:
    """What comes first on the way from `start`: an order of the book, or the trailing stop met at `stop`."""
    order = book.trailing
    if stop is None or order is None:
        return met
    if met is None:
        return Meeting(order, stop)
    if stop == start == met.price:  # both were passed: the one farther behind comes first
        behind = trail.level - start if trail.is_long else start - trail.level
        passed = abs(met.order.level - start)
        is_first = behind > passed or (behind == passed and order.number < met.order.number)
    else:
        gap, other = abs(stop - start), abs(met.price - start)
        is_first = gap < other or (gap == other and order.number < met.order.number)
    return Meeting(order, stop) if is_first else met
