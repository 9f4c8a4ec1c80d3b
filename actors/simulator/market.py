"""The market of one symbol: its orders met by its bars, one event at a time.

Events: what is due at an arrival or an open, what the path touches, the points of the path from which waiting orders
are live, the close of the bar. The next one is looked up when asked for and kept until something changes. A bar in
which nothing can happen and whose close nobody waits for is no event at all. Nothing here knows of actors, or of other
symbols.
"""

from collections.abc import Callable
from enum import Enum

import attrs
import msgspec

from actors.model.backend import AmendOrder, CancelOrder, PositionReport, SetProtection
from actors.model.errors import InvariantError
from actors.model.fixed import Price
from actors.model.instrument import Instrument
from actors.model.order import OrderRequest, Origin
from actors.model.result import OrderResult, Outcome, VenueCode
from actors.simulator.admission import Admission, amended, protection_level
from actors.simulator.checks import Objection, no_such_order, price_limit, refused
from actors.simulator.config import PriceBand, VenueConfig
from actors.simulator.engine import EndReason, MatchingEngine
from actors.simulator.finer import FinerData
from actors.simulator.funding import Funding, FundingTimes
from actors.simulator.path import PathPolicy
from actors.simulator.pending import PendingOrder
from actors.simulator.walk import BarWalk, Touch
from ideacards.feeds import Bars, WakeColumn, WakeSet, WakeState

__all__ = ["SymbolMarket"]


class _Event(Enum):
    """What the market does next."""

    DUE = 1
    TOUCH = 2
    POINT = 3
    CLOSE = 4
    FUNDING = 5
    END = 6


_DUE, _TOUCH, _POINT, _CLOSE, _FUNDING, _END = _Event


class SymbolMarket:
    """Runs bars [start, stop). Times are UTC ms and never decrease; a refusal is an answer, never raised."""

    def __init__(
        self,
        instrument: Instrument,
        bars: Bars,
        config: VenueConfig,
        start: int,
        stop: int,
        finer: FinerData | None = None,
        funding: Funding | None = None,
    ) -> None:
        self._symbol = instrument.symbol
        self._place = instrument
        self._setup = (instrument, bars, config)
        self.contested: dict[int, bool] = {}  # bars whose path was chosen: whether it made a difference
        self._feed_is_late = config.feed_is_late
        self.walk = BarWalk(bars, config.path, start, stop, finer)
        self.engine = MatchingEngine(instrument, config, self.walk)
        self.registry = self.engine.registry
        self.account = self.engine.account
        self._admission = Admission(instrument, self.registry, self.account)
        if config.path.chooses:
            self.walk.choose = self._chosen
        self._funding = None if funding is None else FundingTimes(funding)
        self._event: _Event | None = None  # None: not looked up since something changed
        self._next_ms: int | None = None
        self._touch: Touch | None = None
        self._point = 0  # the path point that orders wait for
        self._bar = -1  # where the next event belongs
        self._wakes: dict[WakeState, bytes] | None = None
        self._narrow: Callable[[WakeState, bytes, float, float | None], WakeColumn] | None = None
        self._column: WakeColumn | None = None  # 1 at each bar whose close is told; None: all of them

    # -- commands -----------------------------------------------------------------------------------------------------

    def submit(self, request: OrderRequest, now_ms: int) -> OrderResult:
        """Accept or refuse an order; what becomes of it comes as events."""
        arrival = self.walk.arrive(now_ms)
        request, outside = self._within_band(request)
        objection = self._admission.of_order(request, self.walk.price) or outside
        if objection is not None:
            return refused(objection, request.link_id)
        self._event = None
        return _accepted(self.engine.accept(request, arrival, now_ms))

    def amend(self, amend: AmendOrder, now_ms: int) -> OrderResult:
        """Change an open order; its id stays, its time priority is lost."""
        arrival = self.walk.arrive(now_ms)
        order = self.registry.open.get(amend.link_id)
        if order is None:
            return refused(no_such_order("replace"), amend.link_id)
        request, outside = self._within_band(amended(order.request, amend))
        objection = self._admission.of_change(order, request, self.walk.price) or outside
        if objection is not None:
            return refused(objection, amend.link_id, order.order_id)
        self._event = None
        self.engine.amend(order, request, arrival, now_ms)
        return _accepted(order)

    def cancel(self, cancel: CancelOrder, now_ms: int) -> OrderResult:
        """End an open order."""
        self.walk.arrive(now_ms)
        order = self.registry.open.get(cancel.link_id)
        if order is None:
            return refused(no_such_order("cancel"), cancel.link_id)
        self._event = None
        self.engine.cancel(order, EndReason.BY_USER, now_ms)
        return _accepted(order)

    def set_protection(self, p: SetProtection, now_ms: int) -> OrderResult:
        """Set the position's stop and target: full, market, on the last price; None removes."""
        arrival = self.walk.arrive(now_ms)
        objection = self._admission.of_protection(p)
        if objection is not None:
            return refused(objection)
        self._event = None
        self.engine.protect(Origin.STOP_LOSS, p.stop, arrival, now_ms)
        self.engine.protect(Origin.TAKE_PROFIT, p.target, arrival, now_ms)
        return OrderResult(Outcome.ACCEPTED)

    def _within_band(self, request: OrderRequest) -> tuple[OrderRequest, Objection | None]:
        """A limit beyond the price band is moved to it, or is an objection, as the account has set."""
        if request.price is None or request.trigger_price is not None or not self._place.band_x:
            return request, None
        limit = price_limit(request.side, self.walk.price, self._place)
        if limit is None or request.side * (request.price - limit) <= 0:
            return request, None
        if self._setup[2].price_band is PriceBand.REPRICE and request.price % self._place.tick == 0:
            return msgspec.structs.replace(request, price=Price(limit)), None
        name = "highest" if request.side > 0 else "lowest"
        reason = f"price {self._place.price_text(request.price)} is beyond the {name}, {self._place.price_text(limit)}"
        return request, Objection(VenueCode.PRICE_BAND, reason)

    # -- queries ------------------------------------------------------------------------------------------------------

    def position_report(self) -> PositionReport:
        """The net position with its stop and target."""
        stop = protection_level(self.registry, Origin.STOP_LOSS)
        target = protection_level(self.registry, Origin.TAKE_PROFIT)
        return PositionReport(self._symbol, self.account.position, stop, target, len(self.engine.fills))

    def closed_stop(self, now_ms: int) -> int:
        """Bars before this index are closed and may be shown."""
        walk = self.walk
        walk.seek(now_ms)
        return walk.index if walk.is_open else walk.index + 1

    def price(self, now_ms: int) -> int:
        """The last known price."""
        self.walk.seek(now_ms)
        return self.walk.price

    # -- events -------------------------------------------------------------------------------------------------------

    def subscribe(self, wake: WakeSet | None) -> None:
        """Close bars with a word only where the set asks for it; None: every bar."""
        self._wakes, self._narrow = None, None
        if wake is not None and self._feed_is_late:
            # A bar may be judged in a later state than the one it closed in: it matters if it matters in any.
            whole = (wake.flat | wake.long | wake.short).tobytes()
            self._wakes = dict.fromkeys(WakeState, whole)
        elif wake is not None:
            self._wakes = {state: wake.column(state).tobytes() for state in WakeState}
            self._narrow = wake.narrow
        self._column = None
        self.wake(WakeState.FLAT)

    def wake(self, state: WakeState, size: float = 0.0, entry_price: float | None = None) -> None:
        """The trading state that decides which bars matter."""
        self._event = None
        if self._wakes is None:
            return
        self._column = self._wakes[state]
        if self._narrow is not None and size:
            self._column = self._narrow(state, self._wakes[state], size, entry_price)

    def next_time(self) -> int | None:
        """When the market's next event is (UTC ms); None when there is none left."""
        if self._event is None:
            self._look_ahead()
        return self._next_ms

    def advance(self) -> int | None:
        """Perform the next event; the index of the bar whose close it tells, or None for any other event."""
        if self._event is None:
            self._look_ahead()
        event, self._event = self._event, None
        walk, bar = self.walk, self._bar
        if event is _CLOSE:
            if self.registry.late:
                self.registry.admit_late()
            walk.close(bar)
            if self._funding is not None:
                self._funding.has_closed(walk.time_ms)
            return bar if self._column is None or self._next_wake(bar) == bar else None
        if event is _END:
            raise InvariantError("the market has no further event")
        if event is _FUNDING:
            self._fund()
            return None
        if self._funding is not None and self._next_ms is not None:
            self._funding.has_traded(self._next_ms)
        if walk.index != bar or not walk.is_open:
            walk.open(bar)
        if event is _DUE:
            self.engine.meet_due()
        elif event is _POINT:
            self.engine.reach_point(self._point)
        else:
            assert self._touch is not None
            self.engine.meet_touched(self._touch)
        return None

    def _fund(self) -> None:
        assert self._funding is not None
        assert self._next_ms is not None
        self.walk.seek(self._next_ms + 1)  # what closes at that very time has closed
        self.engine.fund(self._funding.take(), self._next_ms)

    def _look_ahead(self) -> None:
        """Find the next event without moving anything."""
        if self._column is None and not self.engine.book.size and not self.registry.due and not self.walk.is_open:
            bar = self._bar = self.walk.index + 1  # every bar is told, and nothing waits in this one
            if bar < self.walk.stop:
                self._event, self._next_ms = _CLOSE, self.walk.close_ms(bar)
            else:
                self._event, self._next_ms = _END, None
        else:
            self._look_at_market()
        if self._funding is None or self._next_ms is None or not self.account.position.qty:
            return
        due_ms = self._funding.next_ms()
        if due_ms is None or due_ms > self._next_ms or (due_ms == self._next_ms and self._event is _CLOSE):
            return
        self._event, self._next_ms = _FUNDING, due_ms

    def _look_at_market(self) -> None:
        """The next event but for funding."""
        walk = self.walk
        if walk.is_open and self._look_inside():
            return
        first = self._bar = walk.index + 1
        if first >= walk.stop:
            self._event, self._next_ms = _END, None
        elif self.registry.due:
            self._event, self._next_ms = _DUE, walk.open_ms(first)
        else:
            self._look_beyond(first)

    def _look_inside(self) -> bool:
        """Whether the open bar holds one more event."""
        walk, registry = self.walk, self.registry
        self._bar = walk.index
        if walk.choose is not None and walk.may_choose:
            walk.choose_again()
        if registry.due:
            self._event, self._next_ms = _DUE, max(walk.time_ms, registry.due[0].arrived_ms)
            return True
        self._point = registry.waiting[0].live_point if registry.waiting else walk.last_point
        self._touch = walk.next_touch(self.engine.book, self._point) if self.engine.book.size else None
        if self._touch is not None:
            self._event, self._next_ms = _TOUCH, self._touch.time_ms
        elif registry.waiting:
            self._event, self._next_ms = _POINT, walk.point_ms(self._point)
        elif registry.late or self._next_wake(walk.index) == walk.index:
            self._event, self._next_ms = _CLOSE, walk.close_ms(walk.index)
        else:
            return False
        return True

    def _look_beyond(self, first: int) -> None:
        """The next bar that meets an order, or else the next that somebody waits for."""
        walk, book = self.walk, self.engine.book
        wake = self._next_wake(first)
        bar = walk.first_in_reach(first, wake + 1, book.fall_level, book.rise_level) if book.size else wake + 1
        while bar <= wake:
            self._touch = walk.touch_in(book, bar)
            if self._touch is not None:
                self._event, self._next_ms, self._bar = _TOUCH, self._touch.time_ms, bar
                return
            bar = walk.first_in_reach(bar + 1, wake + 1, book.fall_level, book.rise_level)
        self._event, self._next_ms, self._bar = _CLOSE, walk.close_ms(wake), wake

    def _chosen(self, bar: int) -> PathPolicy:
        """The path of a bar that is better or worse for the account as it stands."""
        if not (self.engine.book.size or self.registry.due or self.registry.waiting):
            return PathPolicy.NEAREST_EXTREME
        first, second = (self._rehearsed(bar, policy) for policy in (PathPolicy.OHLC, PathPolicy.OLHC))
        self.contested[bar] = self.contested.get(bar, False) or first != second
        if first == second:
            return PathPolicy.NEAREST_EXTREME
        wants_less = self._setup[2].path is PathPolicy.PESSIMISTIC
        return PathPolicy.OHLC if (first < second) is wants_less else PathPolicy.OLHC

    def _rehearsed(self, bar: int, policy: PathPolicy) -> int:
        """Equity at the close of `bar`, if it goes that way with the orders that rest now and no others come."""
        instrument, bars, config = self._setup
        twin = SymbolMarket(instrument, bars, attrs.evolve(config, path=policy), bar, bar + 1)
        if self.walk.is_open:
            twin.walk.open(bar)
            twin.walk.move(self.walk.time_ms, 1, self.walk.price)
        twin.account.take_over(self.account)
        twin.registry.take_over(self.registry)
        twin.engine.set_guard()
        while twin.advance() is None:
            pass
        return twin.account.equity(twin.walk.price)

    def _next_wake(self, start: int) -> int:
        """The first bar from `start` on whose close is told; the last bar's always is."""
        if self._column is None:
            return start
        found = self._column.find(1, start, self.walk.stop)
        return found if found >= 0 else self.walk.stop - 1


def _accepted(order: PendingOrder) -> OrderResult:
    return OrderResult(Outcome.ACCEPTED, order.request.link_id, order.order_id, order.status)
