"""Where the market stands: which bar, at which point of its path, at what price; and where the rest of the path leads.

Bars are read as plain ints in blocks, because lists of whole columns would cost hundreds of megabytes. The walk knows
nothing of orders; it is moved by whoever performs events, and looking ahead never moves it.
"""

from enum import Enum
from typing import NamedTuple

from actors.model.errors import InvariantError
from actors.simulator.book import PendingOrderBook
from actors.simulator.path import LAST_POINT, PathPolicy, path_points, point_times, time_on_leg
from actors.simulator.pending import PendingOrder
from ideacards.feeds import Bars

__all__ = ["Arrival", "BarWalk", "Touch"]

_BLOCK_BARS = 4096

_Four = tuple[int, int, int, int]  # prices or times of the path's points


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

    def __init__(self, bars: Bars, policy: PathPolicy, start: int, stop: int) -> None:
        if not 0 <= start <= stop <= len(bars):
            raise ValueError(f"bars [{start}, {stop}) of {len(bars)}")
        self._bars = bars
        self._policy = policy
        self._stop = stop
        self._base = self._end = 0
        self.index = start - 1
        self.is_open = False
        self.time_ms = int(bars.ts_close[start - 1]) if start else 0
        self.price = int(bars.price_close[start - 1] if start else bars.price_open[0]) if len(bars) else 0
        self._points = self._times = (0, 0, 0, 0)
        self._leg = 1

    def next_close_ms(self) -> int | None:
        """When the open bar, or else the next one, closes; None at the end."""
        if self.is_open:
            return self._close_times[self.index - self._base]
        index = self.index + 1
        if index >= self._end and not self._load(index):
            return None
        return self._close_times[index - self._base]

    def next_open_ms(self) -> int | None:
        """When the bar after this one opens; None at the end."""
        index = self.index + 1
        if index >= self._end and not self._load(index):
            return None
        return self._open_times[index - self._base]

    def next_touch(self, book: PendingOrderBook, halt: int) -> Touch | None:
        """What the path meets first, from here (or from the next bar's open; there is one) up to path point `halt`."""
        if self.is_open:
            points, times, leg, price, time_ms = self._points, self._times, self._leg, self.price, self.time_ms
        else:
            at = self.index + 1 - self._base
            if self._lows[at] > book.fall_level and self._highs[at] < book.rise_level:
                return None  # most bars
            points, times = self._path_of(at)
            leg, price, time_ms = 1, points[0], times[0]
        while leg <= halt:
            end, end_ms = points[leg], times[leg]
            met = book.next_met(price, end)
            if met is not None:
                return Touch(time_on_leg(time_ms, end_ms, price, end, met.price), leg, met.price, met.order)
            price, time_ms, leg = end, end_ms, leg + 1
        return None

    def arrive(self, now_ms: int) -> Arrival:
        """Where a request of `now_ms` meets the market; opens the bar that has begun meanwhile."""
        if now_ms < self.time_ms:
            raise InvariantError(f"a request of {now_ms} ms arrived when the market was at {self.time_ms} ms")
        if not self.is_open:
            open_ms = self.next_open_ms()
            if open_ms is None or now_ms <= open_ms:
                return Arrival.NEXT_OPEN
            self.open_next()
        elif now_ms == self.time_ms:
            return Arrival.HERE
        return Arrival.INSIDE if now_ms <= self._times[LAST_POINT] else Arrival.NEXT_OPEN

    def point_after(self, now_ms: int) -> int:
        """Number of the first path point of the open bar, its open apart, at or after `now_ms`."""
        return next(number for number in range(1, LAST_POINT + 1) if self._times[number] >= now_ms)

    def point_ms(self, number: int) -> int:
        """Time of a path point of the open bar."""
        return self._times[number]

    @property
    def open_price(self) -> int:
        """The open bar's open."""
        return self._points[0]

    def open_next(self) -> None:
        """The next bar opens."""
        self.index += 1
        self.is_open = True
        self._points, self._times = self._path_of(self.index - self._base)
        self.price, self.time_ms, self._leg = self._points[0], self._times[0], 1

    def move(self, time_ms: int, leg: int, price: int) -> None:
        """The path has come to `price` on the leg to point `leg`; it goes on from there."""
        self.time_ms, self._leg, self.price = time_ms, leg, price

    def move_to_point(self, number: int) -> None:
        """The path has come to a point."""
        self.move(self._times[number], number, self._points[number])

    def close(self) -> int:
        """The open bar, or else the next one, closes; returns its index."""
        if not self.is_open:
            self.index += 1
        self.is_open = False
        at = self.index - self._base
        self.price, self.time_ms = self._closes[at], self._close_times[at]
        return self.index

    def _path_of(self, at: int) -> tuple[_Four, _Four]:
        points = path_points(self._policy, self._opens[at], self._highs[at], self._lows[at], self._closes[at])
        return points, point_times(self._open_times[at], self._close_times[at])

    def _load(self, index: int) -> bool:
        """Read the block that begins at `index`; the bar before it has closed."""
        if index >= self._stop:
            return False
        self._base = index
        self._end = min(self._stop, index + _BLOCK_BARS)
        rows = slice(self._base, self._end)
        bars = self._bars
        self._open_times: list[int] = bars.ts_open[rows].tolist()
        self._close_times: list[int] = bars.ts_close[rows].tolist()
        self._opens: list[int] = bars.price_open[rows].tolist()
        self._highs: list[int] = bars.price_high[rows].tolist()
        self._lows: list[int] = bars.price_low[rows].tolist()
        self._closes: list[int] = bars.price_close[rows].tolist()
        return True
