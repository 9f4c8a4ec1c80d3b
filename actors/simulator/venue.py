"""The simulated exchange of one symbol: answers requests as the real one would, and performs the market's events.

Events come one at a time: what is due at an arrival or an open, what the path touches, the points of the path from
which waiting orders are live, the close of the bar. The next one is looked up when asked for and kept until something
changes; a bar in which nothing can happen costs one event, its close. Nothing here knows of actors.
"""

from enum import Enum

from actors.model.backend import AmendOrder, CancelOrder, EquityReport, PositionReport, SetProtection, VenueState
from actors.model.errors import ConfigurationError, InvariantError
from actors.model.instrument import Instrument
from actors.model.order import Fill, OrderReport, OrderRequest, Origin
from actors.model.result import OrderResult, Outcome, VenueCode
from actors.simulator.admission import Admission, amended, protection_level
from actors.simulator.checks import Objection, refused
from actors.simulator.config import VenueConfig
from actors.simulator.engine import EndReason, MatchingEngine
from actors.simulator.limits import RollingLimit
from actors.simulator.path import LAST_POINT
from actors.simulator.pending import PendingOrder
from actors.simulator.walk import BarWalk, Touch
from ideacards.feeds import Bars

__all__ = ["Venue"]


class _Event(Enum):
    """What the market does next."""

    DUE = 1
    TOUCH = 2
    POINT = 3
    CLOSE = 4
    END = 5


_DUE, _TOUCH, _POINT, _CLOSE, _END = _Event
_TOO_FAST = Objection(VenueCode.RATE_LIMITED, "too many visits: over the endpoint's limit of a rolling second")


class Venue:
    """The market runs bars [start, stop).

    Times are UTC ms and never decrease. Commands answer OrderResult and never raise for a refusal; InvariantError means
    that the caller broke the order of time. ConfigurationError: a leverage that the instrument does not allow.
    """

    def __init__(self, instrument: Instrument, bars: Bars, config: VenueConfig, start: int, stop: int) -> None:
        if config.leverage > instrument.max_leverage:
            text = f"leverage {config.leverage} is over the {instrument.max_leverage} of {instrument.symbol}"
            raise ConfigurationError(text)
        self._symbol = instrument.symbol
        self._walk = BarWalk(bars, config.path, start, stop)
        self._engine = MatchingEngine(instrument, config, self._walk)
        self._registry = self._engine.registry
        self._account = self._engine.account
        self._admission = Admission(instrument, self._registry, self._account)
        self._creates = RollingLimit(config.rates.create)
        self._amends = RollingLimit(config.rates.amend)
        self._cancels = RollingLimit(config.rates.cancel)
        self._protections = RollingLimit(config.rates.protection)
        self._event: _Event | None = None  # None: not looked up since something changed
        self._next_ms: int | None = None
        self._touch: Touch | None = None
        self._point = LAST_POINT  # the path point that orders wait for

    # -- commands -----------------------------------------------------------------------------------------------------

    def submit(self, request: OrderRequest, now_ms: int) -> OrderResult:
        """Accept or refuse an order; what becomes of it comes as events."""
        if not self._creates.admits(now_ms):
            return refused(_TOO_FAST, request.link_id)
        arrival = self._walk.arrive(now_ms)
        objection = self._admission.of_order(request, self._walk.price)
        if objection is not None:
            return refused(objection, request.link_id)
        self._event = None
        return _accepted(self._engine.accept(request, arrival, now_ms))

    def amend(self, amend: AmendOrder, now_ms: int) -> OrderResult:
        """Change an open order; its id stays, its time priority is lost."""
        if not self._amends.admits(now_ms):
            return refused(_TOO_FAST, amend.link_id)
        arrival = self._walk.arrive(now_ms)
        order = self._registry.open.get(amend.link_id)
        if order is None or amend.symbol != self._symbol:
            return refused(_no_such_order("replace"), amend.link_id)
        request = amended(order.request, amend)
        objection = self._admission.of_change(order, request, self._walk.price)
        if objection is not None:
            return refused(objection, amend.link_id, order.order_id)
        self._event = None
        self._engine.amend(order, request, arrival, now_ms)
        return _accepted(order)

    def cancel(self, cancel: CancelOrder, now_ms: int) -> OrderResult:
        """End an open order."""
        if not self._cancels.admits(now_ms):
            return refused(_TOO_FAST, cancel.link_id)
        self._walk.arrive(now_ms)
        order = self._registry.open.get(cancel.link_id)
        if order is None or cancel.symbol != self._symbol:
            return refused(_no_such_order("cancel"), cancel.link_id)
        self._event = None
        self._engine.cancel(order, EndReason.BY_USER, now_ms)
        return _accepted(order)

    def set_protection(self, p: SetProtection, now_ms: int) -> OrderResult:
        """Set the position's stop and target: full, market, on the last price; None removes."""
        if not self._protections.admits(now_ms):
            return refused(_TOO_FAST)
        arrival = self._walk.arrive(now_ms)
        objection = self._admission.of_protection(p)
        if objection is not None:
            return refused(objection)
        self._event = None
        self._engine.protect(Origin.STOP_LOSS, p.stop, arrival, now_ms)
        self._engine.protect(Origin.TAKE_PROFIT, p.target, arrival, now_ms)
        return OrderResult(Outcome.ACCEPTED)

    # -- queries ------------------------------------------------------------------------------------------------------

    def open_orders(self) -> tuple[OrderReport, ...]:
        """Orders that have not ended, oldest first; stop and target stand in the position's report."""
        return tuple(order.report() for order in self._registry.open.values())

    def order(self, link_id: str) -> OrderReport | None:
        """An order of this run, open or ended."""
        order = self._registry.orders.get(link_id)
        return None if order is None else order.report()

    def executions(self, after_seq: int) -> tuple[Fill, ...]:
        """Fills of a sequence number above `after_seq`, oldest first."""
        return tuple(self._engine.fills[max(0, after_seq) :])

    def position_report(self) -> PositionReport:
        """The net position with its stop and target."""
        stop = protection_level(self._registry, Origin.STOP_LOSS)
        target = protection_level(self._registry, Origin.TAKE_PROFIT)
        return PositionReport(self._symbol, self._account.position, stop, target, len(self._engine.fills))

    def equity_report(self) -> EquityReport:
        """Money at the last known price."""
        return self._account.report(self._walk.price)

    def state(self, after_seq: int, now_ms: int) -> VenueState:
        """All of the above at one instant."""
        return VenueState(
            self.open_orders(), self.executions(after_seq), self.position_report(), self.equity_report(), now_ms
        )

    # -- the market ---------------------------------------------------------------------------------------------------

    @property
    def closed_stop(self) -> int:
        """Bars before this index are closed and may be shown."""
        walk = self._walk
        return walk.index if walk.is_open else walk.index + 1

    @property
    def bar(self) -> int:
        """Index of the bar that is open, or else of the one that closed last: where the last event belongs."""
        return self._walk.index

    def next_time(self) -> int | None:
        """When the market's next event is (UTC ms); None when there is none left."""
        if self._event is None:
            self._look_ahead()
        return self._next_ms

    def advance(self) -> int | None:
        """Perform the next event; the index of the bar that it closed, or None for any other event."""
        if self._event is None:
            self._look_ahead()
        event, self._event = self._event, None
        walk = self._walk
        if event is _CLOSE:
            if self._registry.late:
                self._registry.admit_late()
            return walk.close()
        if event is _END:
            raise InvariantError("the market has no further event")
        if not walk.is_open:
            walk.open_next()
        if event is _DUE:
            self._engine.meet_due()
        elif event is _POINT:
            self._engine.reach_point(self._point)
        else:
            assert self._touch is not None
            self._engine.meet_touched(self._touch)
        return None

    @property
    def has_events(self) -> bool:
        """Whether there is something to take."""
        return bool(self._registry.events)

    def take_events(self) -> tuple[OrderReport | Fill, ...]:
        """Reports and fills since the last call, in the venue's order (a fill before the report that counts it)."""
        events = self._registry.events
        if not events:
            return ()
        self._registry.events = []
        return tuple(events)

    def _look_ahead(self) -> None:
        """Find the next event without moving anything."""
        walk, registry = self._walk, self._registry
        close_ms = walk.next_close_ms()
        if close_ms is None:
            self._event, self._next_ms = _END, None
        elif not (registry.open or registry.protection):
            self._event, self._next_ms = _CLOSE, close_ms
        elif registry.due:
            self._event = _DUE
            self._next_ms = max(walk.time_ms, registry.due[0].arrived_ms) if walk.is_open else walk.next_open_ms()
        else:
            self._point = registry.waiting[0].live_point if registry.waiting else LAST_POINT
            self._touch = walk.next_touch(self._engine.book, self._point)
            if self._touch is not None:
                self._event, self._next_ms = _TOUCH, self._touch.time_ms
            elif registry.waiting:
                self._event, self._next_ms = _POINT, walk.point_ms(self._point)
            else:
                self._event, self._next_ms = _CLOSE, close_ms


def _accepted(order: PendingOrder) -> OrderResult:
    return OrderResult(Outcome.ACCEPTED, order.request.link_id, order.order_id, order.status)


def _no_such_order(command: str) -> Objection:
    return Objection(VenueCode.ORDER_NOT_FOUND, f"order not exists or too late to {command}")
