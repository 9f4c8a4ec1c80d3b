"""The market's next event and its time: found without moving the market, and kept until something changes.

Events: an order due at its arrival or at an open, a touch of the path, a path point that an order waits for, funding,
the close of a bar. A bar in which nothing can happen and whose close no subscriber wants is no event.
"""

from collections.abc import Callable
from enum import Enum

from actors.simulator.margin.funding import FundingTimes
from actors.simulator.matching.registry import OrderRegistry
from actors.simulator.prices.lines import PriceLine, PriceLines
from actors.simulator.prices.walk import Touch
from ideacards.feeds import WakeColumn, WakeSet, WakeState

__all__ = ["Agenda", "MarketEvent"]


class MarketEvent(Enum):
    """What the market does next."""

    DUE = 1
    TOUCH = 2
    POINT = 3
    CLOSE = 4
    FUNDING = 5
    DELISTING = 6
    END = 7


_DUE, _TOUCH, _POINT = MarketEvent.DUE, MarketEvent.TOUCH, MarketEvent.POINT
_CLOSE, _FUNDING = MarketEvent.CLOSE, MarketEvent.FUNDING
_DELISTING, _END = MarketEvent.DELISTING, MarketEvent.END


class Agenda:
    """The next event; `event` is None until it has been looked up.

    `time_ms` and `bar` say when and in which bar it happens, `touch` or `point` what it is. `walks_all`: every point of
    every path is an event, because the time line checks the account there.
    """

    def __init__(
        self, lines: PriceLines, registry: OrderRegistry, funding: FundingTimes | None, delisting_ms: int | None = None
    ) -> None:
        self.event: MarketEvent | None = None
        self.time_ms: int | None = None
        self.touch: Touch | None = None
        self.point = 0
        self.line: PriceLine = lines.last  # the line that `point` belongs to
        self.bar = -1
        self.walks_all = False
        self.is_over = False  # the instrument has been delisted
        self._delisting_ms = delisting_ms
        self._lines = lines
        self._walk = lines.last.walk
        self._book = lines.last.book
        self._has_others = bool(lines.others)
        self._registry = registry
        self._funding = funding
        self._wakes: dict[WakeState, bytes] | None = None
        self._narrow: Callable[[WakeState, bytes, float, float | None, tuple[float, ...]], WakeColumn] | None = None
        self._from_ms: int | None = None  # every bar that closes then or later is published; None: by the column alone
        self._column: WakeColumn | None = None  # 1 at each bar whose close is published; None: all of them

    def end_at(self, delisting_ms: int | None) -> None:
        """The instrument is to end at a time, or not at all."""
        self.event, self._delisting_ms = None, delisting_ms

    # -- which closes are published -----------------------------------------------------------------------------------

    def subscribe(self, wake: WakeSet | None, *, feed_is_late: bool) -> None:
        """Publish closes only at the bars of the wake set; None: at every bar."""
        self._wakes, self._narrow = None, None
        if wake is not None and feed_is_late and wake.is_watched:
            wake = None  # what is watched depends on a state that the card may not know yet
        if wake is not None and feed_is_late:
            # The trading state may have changed when the card evaluates a bar, so wake where any state asks for it.
            whole = (wake.flat | wake.long | wake.short).tobytes()
            self._wakes = dict.fromkeys(WakeState, whole)
        elif wake is not None:
            told: dict[bytes, bytes] = {}  # states with the same bars share one copy
            self._wakes = {}
            for state in WakeState:
                column = wake.column(state).tobytes()
                self._wakes[state] = told.setdefault(column, column)
            self._narrow = wake.narrow
        self._column = None
        self.wake(WakeState.FLAT)

    def watch_from(self, from_ms: int | None) -> None:
        """Publish every bar that closes at `from_ms` (UTC ms) or later too; None: those of the wake set alone."""
        self.event, self._from_ms = None, from_ms

    def wake(
        self, state: WakeState, size: float = 0.0, entry_price: float | None = None, held: tuple[float, ...] = ()
    ) -> None:
        """Set the trading state, which selects the wake column; position and entry price narrow it where they can."""
        self.event = None
        if self._wakes is None:
            return
        self._column = self._wakes[state]
        if self._narrow is not None and size:
            self._column = self._narrow(state, self._wakes[state], size, entry_price, held)

    @property
    def _size(self) -> int:
        return self._lines.size if self._has_others else self._book.size

    def is_told(self, bar: int) -> bool:
        """Whether the close of this bar is published."""
        return self._column is None or self._next_wake(bar) == bar

    # -- looking ahead ------------------------------------------------------------------------------------------------

    def look_ahead(self, *, holds: bool) -> None:
        """Find the next event; `holds` says whether there is a position, which pays funding."""
        walk = self._walk
        if self._column is None and not walk.is_open and not (self._registry.due or self._size or self.walks_all):
            bar = self.bar = walk.index + 1  # every close is published, and no order waits in this bar
            if bar < walk.stop:
                self.event, self.time_ms = _CLOSE, walk.close_ms(bar)
            else:
                self.event, self.time_ms = _END, None
        else:
            self._look_at_market()
        if self._delisting_ms is not None:
            self._look_at_end(self._delisting_ms)
        if self._funding is None or self.time_ms is None or not holds:
            return
        due_ms = self._funding.next_ms()
        if due_ms is None or due_ms > self.time_ms or (due_ms == self.time_ms and self.event is _CLOSE):
            return
        self.event, self.time_ms = _FUNDING, due_ms

    def _look_at_end(self, delisting_ms: int) -> None:
        """Put delisting before any later event; a bar that closes at that very time comes first."""
        if self.is_over:
            self.event, self.time_ms = _END, None
        elif self.time_ms is not None and (
            self.time_ms > delisting_ms or (self.time_ms == delisting_ms and self.event is not _CLOSE)
        ):
            self.event, self.time_ms = _DELISTING, delisting_ms

    def _look_at_market(self) -> None:
        """Find the next event other than funding and delisting."""
        walk = self._walk
        if walk.is_open and self._look_inside():
            return
        first = self.bar = walk.index + 1
        if first >= walk.stop:
            self.event, self.time_ms = _END, None
        elif self._registry.due:
            self.event, self.time_ms = _DUE, walk.open_ms(first)
        elif self.walks_all:
            self.event, self.time_ms, self.line, self.point = _POINT, walk.open_ms(first), self._lines.last, 0
        else:
            self._look_beyond(first)

    def _look_inside(self) -> bool:
        """Whether the open bar has another event; if so, set it."""
        walk, registry = self._walk, self._registry
        self.bar = walk.index
        if registry.due:  # before a new path is chosen: a new order meets the path that led here
            self.event, self.time_ms = _DUE, walk.time_ms
            return True
        if walk.choose is not None and walk.may_choose:
            walk.choose_again()
        wait_ms = self._next_point() if registry.waiting or self.walks_all else None
        self.touch = self._touch_inside(wait_ms) if self._size else None
        if self.touch is not None:
            self.event, self.time_ms = _TOUCH, self.touch.time_ms
        elif wait_ms is not None:
            self.event, self.time_ms = _POINT, wait_ms
        elif registry.late or self._next_wake(walk.index) == walk.index:
            self.event, self.time_ms = _CLOSE, walk.close_ms(walk.index)
        else:
            return False
        return True

    def _next_point(self) -> int | None:
        """When a path next reaches a point that is waited for (UTC ms), or None; sets `line` and `point`."""
        waiting, walk = self._registry.waiting, self._walk
        wait_ms: int | None = None
        if waiting:
            line = waiting[0].line
            assert line is not None
            self.line, self.point = line, waiting[0].live_point
            wait_ms = line.walk.point_ms(self.point)
        if self.walks_all:
            following = walk.leg if walk.time_ms < walk.point_ms(walk.leg) else walk.leg + 1
            if following <= walk.last_point and (wait_ms is None or walk.point_ms(following) < wait_ms):
                self.line, self.point, wait_ms = self._lines.last, following, walk.point_ms(following)
        return wait_ms

    def _touch_inside(self, wait_ms: int | None) -> Touch | None:
        """The first order that the open bar's paths touch, up to the point that is waited for."""
        if wait_ms is None and not self._has_others:
            return self._walk.next_touch(self._book, self._walk.last_point)
        best: Touch | None = None
        for line in self._lines.all:
            if not line.book.size:
                continue
            is_waiting = wait_ms is not None and line is self.line
            touch = line.walk.next_touch(line.book, self.point if is_waiting else line.walk.last_point)
            if touch is None or (wait_ms is not None and touch.time_ms > wait_ms):
                continue
            if best is None or touch.time_ms < best.time_ms:
                best = touch
        return best

    def _look_beyond(self, first: int) -> None:
        """Set the first touch in a later bar, or the next published close if that comes first."""
        wake = self._next_wake(first)
        bar = self._first_candidate(first, wake + 1)
        while bar <= wake:
            self.touch = self._touch_in(bar)
            if self.touch is not None:
                self.event, self.time_ms, self.bar = _TOUCH, self.touch.time_ms, bar
                return
            bar = self._first_candidate(bar + 1, wake + 1)
        self.event, self.time_ms, self.bar = _CLOSE, self._walk.close_ms(wake), wake

    def _first_candidate(self, start: int, stop: int) -> int:
        first = self._walk.first_candidate(self._book, start, stop)
        for line in self._lines.others:
            first = line.walk.first_candidate(line.book, start, first)
        return first

    def _touch_in(self, bar: int) -> Touch | None:
        best = self._walk.touch_in(self._book, bar) if self._book.size else None
        for line in self._lines.others:
            touch = line.walk.touch_in(line.book, bar) if line.book.size else None
            if touch is not None and (best is None or touch.time_ms < best.time_ms):
                best = touch
        return best

    def _next_wake(self, start: int) -> int:
        """The first bar from `start` on whose close is published; the last bar's always is."""
        if self._column is None:
            return start
        last = self._walk.stop - 1
        if self._from_ms is not None:
            last = min(last, max(start, self._walk.first_close_at(self._from_ms)))
        found = self._column.find(1, start, last + 1)
        return found if found >= 0 else last
