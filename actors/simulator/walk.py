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
from actors.simulator.book import Meeting, PendingOrderBook
from actors.simulator.finer import FinerData
from actors.simulator.path import BarPath, PathPolicy, path_points, point_times, time_on_leg
from actors.simulator.pending import PendingOrder
from actors.simulator.trailing import Trail
from ideacards.feeds import Bars, first_in_reach, first_in_trail

__all__ = ["Arrival", "BarWalk", "Touch"]


class Arrival(Enum):
    """Where in the market's story a request arrives."""

    HERE = "here"  # the instant of the event just performed: it meets this very price
    INSIDE = "inside"  # between the events of a bar
    NEXT_OPEN = "next_open"  # at a close, before the next open: it acts there


class Touch(NamedTuple):
    """The path meets an order: when (UTC ms), on the leg to which point, at what price."""

    time_ms: int
    leg: int
    price: int
    order: PendingOrder


class BarWalk:
    """`index` is the open bar or else the last closed one; `price` the last known, `time_ms` when it was known."""

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
        self._leg = 1
        self._asked_ms = 0  # when somebody last came between the events of the open bar, where its path may be chosen
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
        start_ms = self.path_from_ms if self.choose is not None else self.time_ms
        return _first_met(book, self._path, self._leg, self.price, start_ms, halt, self.trail)

    def touch_in(self, book: PendingOrderBook, bar: int) -> Touch | None:
        """What the whole path of a later bar meets first."""
        path = self._path_of(bar)
        trail = self._trail_before(bar)
        return _first_met(book, path, 1, path.prices[0], path.times[0], len(path.prices) - 1, trail)

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

    def point_after(self, now_ms: int) -> int:
        """Number of the first path point of the open bar, its open apart, at or after `now_ms`."""
        return bisect_left(self._path.times, now_ms, 1)

    def point_ms(self, number: int) -> int:
        """Time of a path point of the open bar."""
        return self._path.times[number]

    @property
    def last_point(self) -> int:
        """Number of the open bar's close among the points of its path."""
        return len(self._path.times) - 1

    @property
    def leg(self) -> int:
        """Number of the path point that the price is on its way to."""
        return self._leg

    @property
    def open_price(self) -> int:
        """The open bar's open."""
        return self._path.prices[0]

    def known_price(self, now_ms: int) -> int | None:
        """The first price at or after `now_ms` that finer data knows of in the open bar; None without such data."""
        path = self._path
        if not path.jumps:
            return None
        return next(path.prices[n] for n in range(len(path.times)) if path.times[n] >= now_ms and n in path.jumps | {0})

    # -- moving -------------------------------------------------------------------------------------------------------

    def arrive(self, now_ms: int) -> Arrival:
        """Where a request of `now_ms` meets the market; opens the bar that has begun meanwhile."""
        self.seek(now_ms)
        if now_ms < self.time_ms:
            raise InvariantError(f"a request of {now_ms} ms arrived when the market was at {self.time_ms} ms")
        if not self.is_open:
            following = self.index + 1
            if following == self.stop or now_ms <= self._open_times[following]:
                return Arrival.NEXT_OPEN
            self.open(following)
        elif now_ms == self.time_ms:
            return Arrival.HERE
        if self.choose is not None:
            self._asked_ms = now_ms
        return Arrival.INSIDE if now_ms <= self._path.times[-1] else Arrival.NEXT_OPEN

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
        self._known_path = self._path_of(bar) if is_known else None  # else it is looked for when somebody asks
        self.index = bar
        self.is_open = True
        self._asked_ms = 0
        path = self._known_path
        if path is None:
            self.price, self.time_ms = self._opens[bar], self._open_times[bar]
        else:
            self.price, self.time_ms = path.prices[0], path.times[0]
        self._leg = 1

    @property
    def may_choose(self) -> bool:
        """Whether the open bar has come to none of its extremes yet."""
        return self.is_open and self._leg == 1 and self._asked_ms <= self._path.times[1]

    @property
    def path_from_ms(self) -> int:
        """When a path that is chosen now begins: not before somebody last looked, for until then nothing happened."""
        return max(self.time_ms, self._asked_ms) if self.may_choose else self.time_ms

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
        if time_ms > self.time_ms:
            leg, price = self._on_the_way(time_ms)
            self.move(time_ms, leg, price)

    def price_at(self, time_ms: int) -> int:
        """Where the open bar's path will be at a time, else where the price stands."""
        return self._on_the_way(time_ms)[1] if self.is_open and time_ms > self.time_ms else self.price

    def _on_the_way(self, time_ms: int) -> tuple[int, int]:
        """(leg, price) at a time ahead; between two points the price is rounded towards where it was."""
        path = self._path
        leg = min(max(self._leg, bisect_left(path.times, time_ms, 1)), self.last_point)
        start, start_ms = self.price, self.time_ms
        if leg > self._leg:
            start, start_ms = path.prices[leg - 1], path.times[leg - 1]
        end, end_ms = path.prices[leg], path.times[leg]
        if time_ms >= end_ms:
            return leg, end
        if leg in path.jumps:
            return leg, start
        gone = abs(end - start) * (time_ms - start_ms) // (end_ms - start_ms)
        return leg, start + gone if end > start else start - gone

    def choose_again(self) -> None:
        """What rests has changed, and the open bar has come to no extreme: its path from here may be another."""
        self._known_path = self._path_of(self.index)

    def move(self, time_ms: int, leg: int, price: int) -> None:
        """The path has come to `price` on the leg to point `leg`; it goes on from there."""
        if self.trail is not None:
            for number in range(self._leg, leg):
                self.trail.see(self._path.prices[number])
            self.trail.see(price)
        self.time_ms, self._leg, self.price = time_ms, leg, price

    def move_to_point(self, number: int) -> None:
        """The path has come to a point."""
        self.move(self._path.times[number], number, self._path.prices[number])

    def close(self, bar: int) -> None:
        """A bar closes, and those before it have."""
        if self.trail is not None:
            self.trail = self._trail_before(bar + 1)
        self.index = bar
        self.is_open = False
        self.price, self.time_ms = self._closes[bar], self._close_times[bar]

    def _trail_before(self, bar: int) -> Trail | None:
        """The trailing stop as it will stand when everything before that bar has been seen."""
        if self.trail is None:
            return None
        trail = copy(self.trail)
        first = self.index + 1
        if self.is_open and bar > self.index:
            for price in self._path.prices[self._leg :]:
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


def _first_met(
    book: PendingOrderBook, path: BarPath, leg: int, price: int, time_ms: int, halt: int, trail: Trail | None
) -> Touch | None:
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
            return Touch(time_on_leg(time_ms, end_ms, price, end, met.price), leg, met.price, met.order)
        price, time_ms, leg = end, end_ms, leg + 1
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
