"""The simulated exchange: answers requests as Bybit would, and performs the markets' events one at a time.

A request passes its endpoint's rate limit and goes to the market of its symbol. Several symbols share one wallet and
one time line. Nothing here knows of actors.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import NamedTuple

from actors.model.backend import (
    AddTradingStop,
    AmendBatch,
    AmendOrder,
    BatchResult,
    CancelAll,
    CancelBatch,
    CancelOrder,
    EquityReport,
    PositionReport,
    SetLeverage,
    SetTradingStop,
    SubmitBatch,
)
from actors.model.errors import ConfigurationError
from actors.model.order import Fill, OrderReport, OrderRequest
from actors.model.result import OrderResult, RequestOutcome, VenueCode
from actors.simulator.config import VenueConfig
from actors.simulator.margin.wallet import Wallet
from actors.simulator.matching.market import MarketPlan, SymbolMarket
from actors.simulator.matching.pending import PendingOrder
from actors.simulator.venue.checks import Objection, parameter, rejected
from actors.simulator.venue.limits import RollingLimit
from actors.simulator.venue.schedule import Schedule, unknown_outcome
from actors.simulator.venue.timeline import Timeline

__all__ = ["MAX_BATCH", "Closed", "Venue"]

MAX_BATCH = 20
_TOO_FAST = Objection(VenueCode.RATE_LIMITED, "too many visits: over the endpoint's limit of a rolling second")


class Closed(NamedTuple):
    """A published close: the bar's index in its symbol's bars."""

    symbol: str
    bar: int


class Venue:
    """Times are UTC ms and never decrease; a rejection is an answer, never raised.

    InvariantError means that the caller broke the order of time. ConfigurationError: a leverage that an instrument does
    not allow, instruments that do not count Money alike, or no market at all.
    """

    def __init__(self, plans: Sequence[MarketPlan], config: VenueConfig) -> None:
        _check(plans, config)
        self.wallet = Wallet(config.start_equity, config.margin_mode)
        self._events: list[OrderReport | Fill] = []
        self.markets = {plan.instrument.symbol: SymbolMarket(plan, config, self.wallet, self._events) for plan in plans}
        self.market = next(iter(self.markets.values()))  # the first; the only one of a venue with one symbol
        self._is_single = len(plans) == 1
        self._always = self.markets if self._is_single and not self.market.schedule.times_ms else {}
        self.timeline = Timeline(tuple(self.markets.values()), self.wallet)
        self.next_time: Callable[[], int | None] = self.timeline.next_time
        rates = config.rates
        self._creates, self._amends = RollingLimit(rates.create), RollingLimit(rates.amend)
        self._cancels, self._protections = RollingLimit(rates.cancel), RollingLimit(rates.protection)
        self._leverages = RollingLimit(rates.leverage)
        self._created, self._amended = RollingLimit(rates.create), RollingLimit(rates.amend)  # items of batches
        self._cancelled, self._cleared = RollingLimit(rates.cancel), RollingLimit(rates.cancel)

    # -- commands -----------------------------------------------------------------------------------------------------

    def submit(self, request: OrderRequest, now_ms: int) -> OrderResult:
        """Accept or reject an order; its fills and reports follow as events."""
        if not self._creates.admits(now_ms):
            return rejected(_TOO_FAST, request.link_id)
        market = self._always.get(request.symbol)  # no schedule and no time line to ask
        return self._submit(request, now_ms) if market is None else market.submit(request, now_ms)

    def amend(self, amend: AmendOrder, now_ms: int) -> OrderResult:
        """Change an open order; its id stays, its time priority is lost."""
        if not self._amends.admits(now_ms):
            return rejected(_TOO_FAST, amend.link_id)
        return self._amend(amend, now_ms)

    def cancel(self, cancel: CancelOrder, now_ms: int) -> OrderResult:
        """Cancel an open order."""
        if not self._cancels.admits(now_ms):
            return rejected(_TOO_FAST, cancel.link_id)
        return self._cancel(cancel, now_ms)

    def set_trading_stop(self, p: SetTradingStop, now_ms: int) -> OrderResult:
        """Set the position's stop loss, take profit and trailing stop; None removes one."""
        if not self._protections.admits(now_ms):
            return rejected(_TOO_FAST)
        market = self._market(p.symbol, now_ms, reduces=True)
        return market.set_trading_stop(p, now_ms) if isinstance(market, SymbolMarket) else market

    def add_trading_stop(self, p: AddTradingStop, now_ms: int) -> OrderResult:
        """Add a stop loss and take profit for a part of the position."""
        if not self._protections.admits(now_ms):
            return rejected(_TOO_FAST)
        market = self._market(p.symbol, now_ms, reduces=True)
        return market.add_trading_stop(p, now_ms) if isinstance(market, SymbolMarket) else market

    def set_leverage(self, p: SetLeverage, now_ms: int) -> OrderResult:
        """Set a symbol's leverage."""
        if not self._leverages.admits(now_ms):
            return rejected(_TOO_FAST)
        market = self._market(p.symbol, now_ms, reduces=True)
        return market.set_leverage(p, now_ms) if isinstance(market, SymbolMarket) else market

    # -- batches: each item counts towards a limit of its path and has its result -------------------------------------

    def submit_batch(self, batch: SubmitBatch, now_ms: int) -> BatchResult:
        """Submit several orders, one after the other."""
        return _each(batch.requests, self._created, self._submit, now_ms)

    def amend_batch(self, batch: AmendBatch, now_ms: int) -> BatchResult:
        """Change several orders."""
        return _each(batch.amends, self._amended, self._amend_plain, now_ms)

    def cancel_batch(self, batch: CancelBatch, now_ms: int) -> BatchResult:
        """Cancel several orders."""
        return _each(batch.cancels, self._cancelled, self._cancel, now_ms)

    def cancel_all(self, request: CancelAll, now_ms: int) -> BatchResult:
        """Cancel all open orders of a symbol; counts as one request."""
        if not self._cleared.admits(now_ms):
            return BatchResult(rejected(_TOO_FAST))
        market = self._market(request.symbol, now_ms, reduces=True, cancels=True)
        if not isinstance(market, SymbolMarket):
            return BatchResult(market)
        return BatchResult(OrderResult(RequestOutcome.ACCEPTED), market.cancel_all(now_ms))

    def _submit(self, request: OrderRequest, now_ms: int) -> OrderResult:
        market = self._market(request.symbol, now_ms, request.link_id, reduces=request.reduce_only)
        return market.submit(request, now_ms) if isinstance(market, SymbolMarket) else market

    def _amend(self, amend: AmendOrder, now_ms: int) -> OrderResult:
        order = self._order(amend)
        reduces = order is not None and order.request.reduce_only
        market = self._market(amend.symbol, now_ms, amend.link_id, reduces=reduces)
        return market.amend(amend, now_ms) if isinstance(market, SymbolMarket) else market

    def _amend_plain(self, amend: AmendOrder, now_ms: int) -> OrderResult:
        order = self._order(amend)
        if order is not None and order.request.trigger_price is not None:
            return rejected(parameter("a conditional order cannot be amended in a batch"), amend.link_id)
        return self._amend(amend, now_ms)

    def _order(self, amend: AmendOrder) -> PendingOrder | None:
        market = self.markets.get(amend.symbol)
        return None if market is None else market.registry.open.get(amend.link_id)

    def _cancel(self, cancel: CancelOrder, now_ms: int) -> OrderResult:
        market = self._market(cancel.symbol, now_ms, cancel.link_id, reduces=True, cancels=True)
        return market.cancel(cancel, now_ms) if isinstance(market, SymbolMarket) else market

    def _market(
        self, symbol: str, now_ms: int, link_id: str = "", *, reduces: bool, cancels: bool = False
    ) -> SymbolMarket | OrderResult:
        """The market of a symbol if it accepts this request now, else the rejection (or unknown outcome)."""
        market = self.markets.get(symbol)
        if market is None:
            return rejected(parameter(f"symbol {symbol!r} is not traded here; {', '.join(self.markets)} is"), link_id)
        self.timeline.seek(now_ms)
        if not market.schedule.times_ms:
            return market
        objection = market.schedule.objection(symbol, now_ms, reduces=reduces, cancels=cancels)
        if objection is None:
            return market
        is_unknown = objection.code == VenueCode.SERVER_ERROR
        return unknown_outcome(objection, link_id) if is_unknown else rejected(objection, link_id)

    # -- what no client asks for --------------------------------------------------------------------------------------

    def fill_resting(self, symbol: str, link_id: str, now_ms: int) -> bool:
        """Fill a resting limit order at its price, as when a cancel loses its race; whether there is such an order."""
        self.timeline.seek(now_ms)
        return self.markets[symbol].fill_resting(link_id, now_ms)

    def set_schedule(self, symbol: str, schedule: Schedule) -> None:
        """Announce another trading status of a symbol over time."""
        self._always = {}
        market = self.markets[symbol]
        market.schedule = schedule
        market.agenda.end_at(schedule.delisting_ms)

    # -- queries ------------------------------------------------------------------------------------------------------

    def open_orders(self, symbol: str = "") -> tuple[OrderReport, ...]:
        """Orders that have not ended, oldest first; the position report holds stop loss and take profit."""
        return tuple(order.report() for order in self._of(symbol).registry.open.values())

    def order(self, link_id: str, symbol: str = "") -> OrderReport | None:
        """Latest report of an order of this run, open or ended; None if unknown."""
        return self._of(symbol).registry.report_of(link_id)

    def executions(self, since_ms: int, symbol: str = "") -> tuple[Fill, ...]:
        """Fills from `since_ms` on, oldest first."""
        fills = self._of(symbol).engine.fills
        return tuple(fills[bisect_left(fills, since_ms, key=lambda fill: fill.time_ms) :])

    def position_report(self, now_ms: int = 0, symbol: str = "") -> PositionReport:
        """The net position with its protection."""
        return self._of(symbol).position_report(now_ms)

    def equity_report(self, now_ms: int, symbol: str = "") -> EquityReport:
        """Wallet balance, equity and available balance at the prices of `now_ms`."""
        for market in self.markets.values():
            market.seek(now_ms)
        market = self._of(symbol)
        return market.account.report(market.mark_price(), now_ms)

    def _of(self, symbol: str) -> SymbolMarket:
        return self.markets.get(symbol, self.market)

    # -- the market ---------------------------------------------------------------------------------------------------

    def advance(self) -> Closed | None:
        """Perform the next event of all markets; returns the published close, or None for any other event."""
        if self._is_single:
            market, bar = self.market, self.market.advance()
        else:
            market, bar = self.timeline.advance()
        return None if bar is None else Closed(market.symbol, bar)

    @property
    def has_events(self) -> bool:
        """Whether `take_events` has something to return."""
        return bool(self._events)

    def take_events(self) -> tuple[OrderReport | Fill, ...]:
        """Reports and fills since the last call, in the venue's order (a fill before the report that counts it)."""
        taken = tuple(self._events)
        self._events.clear()
        return taken


def _each(
    items: Sequence[OrderRequest] | Sequence[AmendOrder] | Sequence[CancelOrder],
    limit: RollingLimit,
    carry_out: Callable[..., OrderResult],
    now_ms: int,
) -> BatchResult:
    if not 1 <= len(items) <= MAX_BATCH:
        return BatchResult(rejected(parameter(f"{len(items)} requests in a batch of 1 to {MAX_BATCH}")))
    results = tuple(
        carry_out(item, now_ms) if limit.admits(now_ms) else rejected(_TOO_FAST, item.link_id) for item in items
    )
    return BatchResult(OrderResult(RequestOutcome.ACCEPTED), results)


def _check(plans: Sequence[MarketPlan], config: VenueConfig) -> None:
    if not plans:
        raise ConfigurationError("a venue needs a market")
    if len({plan.instrument.money_digits for plan in plans}) > 1:
        raise ConfigurationError("the instruments of an account must count Money alike: see on_common_money")
    if len({plan.instrument.symbol for plan in plans}) < len(plans):
        raise ConfigurationError("a symbol has one market")
    for plan in plans:
        instrument, leverage = plan.instrument, plan.leverage or config.leverage
        if leverage > instrument.max_leverage:
            raise ConfigurationError(
                f"leverage {leverage} is over the {instrument.max_leverage} of {instrument.symbol}"
            )
