"""The simulated exchange: answers requests as the real one would, and performs the market's events one at a time.

Requests come in through the budgets of their endpoint and go to the market of their symbol. Nothing here knows of
actors.
"""

from actors.model.backend import AmendOrder, CancelOrder, EquityReport, PositionReport, SetProtection, VenueState
from actors.model.errors import ConfigurationError
from actors.model.instrument import Instrument
from actors.model.order import Fill, OrderReport, OrderRequest
from actors.model.result import OrderResult, VenueCode
from actors.simulator.checks import Objection, no_such_order, refused
from actors.simulator.config import VenueConfig
from actors.simulator.finer import FinerData
from actors.simulator.funding import Funding
from actors.simulator.limits import RollingLimit
from actors.simulator.market import SymbolMarket
from ideacards.feeds import Bars, WakeSet, WakeState

__all__ = ["Venue"]

_TOO_FAST = Objection(VenueCode.RATE_LIMITED, "too many visits: over the endpoint's limit of a rolling second")


class Venue:
    """The market runs bars [start, stop).

    Times are UTC ms and never decrease. Commands answer OrderResult and never raise for a refusal; InvariantError means
    that the caller broke the order of time. ConfigurationError: a leverage that the instrument does not allow.
    """

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
        if config.leverage > instrument.max_leverage:
            text = f"leverage {config.leverage} is over the {instrument.max_leverage} of {instrument.symbol}"
            raise ConfigurationError(text)
        self._symbol = instrument.symbol
        self.market = SymbolMarket(instrument, bars, config, start, stop, finer, funding)
        self._registry = self.market.registry
        self._creates = RollingLimit(config.rates.create)
        self._amends = RollingLimit(config.rates.amend)
        self._cancels = RollingLimit(config.rates.cancel)
        self._protections = RollingLimit(config.rates.protection)

    # -- commands -----------------------------------------------------------------------------------------------------

    def submit(self, request: OrderRequest, now_ms: int) -> OrderResult:
        """Accept or refuse an order; what becomes of it comes as events."""
        if not self._creates.admits(now_ms):
            return refused(_TOO_FAST, request.link_id)
        return self.market.submit(request, now_ms)

    def amend(self, amend: AmendOrder, now_ms: int) -> OrderResult:
        """Change an open order; its id stays, its time priority is lost."""
        if not self._amends.admits(now_ms):
            return refused(_TOO_FAST, amend.link_id)
        if amend.symbol != self._symbol:
            return refused(no_such_order("replace"), amend.link_id)
        return self.market.amend(amend, now_ms)

    def cancel(self, cancel: CancelOrder, now_ms: int) -> OrderResult:
        """End an open order."""
        if not self._cancels.admits(now_ms):
            return refused(_TOO_FAST, cancel.link_id)
        if cancel.symbol != self._symbol:
            return refused(no_such_order("cancel"), cancel.link_id)
        return self.market.cancel(cancel, now_ms)

    def set_protection(self, p: SetProtection, now_ms: int) -> OrderResult:
        """Set the position's stop and target: full, market, on the last price; None removes."""
        if not self._protections.admits(now_ms):
            return refused(_TOO_FAST)
        return self.market.set_protection(p, now_ms)

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
        return tuple(self.market.engine.fills[max(0, after_seq) :])

    def position_report(self) -> PositionReport:
        """The net position with its stop and target."""
        return self.market.position_report()

    def equity_report(self, now_ms: int) -> EquityReport:
        """Money at the last known price."""
        return self.market.account.report(self.market.price(now_ms))

    def state(self, after_seq: int, now_ms: int) -> VenueState:
        """All of the above at one instant."""
        return VenueState(
            self.open_orders(), self.executions(after_seq), self.position_report(), self.equity_report(now_ms), now_ms
        )

    # -- the market ---------------------------------------------------------------------------------------------------

    def closed_stop(self, now_ms: int) -> int:
        """Bars before this index are closed and may be shown."""
        return self.market.closed_stop(now_ms)

    def subscribe(self, wake: WakeSet | None) -> None:
        """Tell of the closes in the set only, by trading state; None: of each."""
        self.market.subscribe(wake)

    def wake(self, state: WakeState, size: float = 0.0, entry_price: float | None = None) -> None:
        """The trading state of whoever subscribed has changed."""
        self.market.wake(state, size, entry_price)

    @property
    def bar(self) -> int:
        """Index of the bar that is open, or else of the one that closed last: where the last event belongs."""
        return self.market.walk.index

    def next_time(self) -> int | None:
        """When the next event is (UTC ms); None when there is none left."""
        return self.market.next_time()

    def advance(self) -> int | None:
        """Perform the next event; the index of the bar whose close it tells, or None for any other event."""
        return self.market.advance()

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
