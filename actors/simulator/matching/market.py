"""The market of one symbol: runs its bars against its orders, one event at a time.

The agenda finds the next event, the engine applies it to orders. Nothing here knows of actors, nor of other symbols
except through the wallet that they share.
"""

from bisect import bisect_left
from decimal import Decimal

import attrs
import msgspec

from actors.model.backend import (
    AddTradingStop,
    AmendOrder,
    CancelOrder,
    ClosedBars,
    PositionReport,
    SetLeverage,
    SetTradingStop,
)
from actors.model.errors import InvariantError
from actors.model.fixed import Price
from actors.model.instrument import Instrument
from actors.model.order import Fill, OrderReport, OrderRequest
from actors.model.origins import Origin
from actors.model.result import OrderResult, RequestOutcome
from actors.simulator.config import PriceBand, VenueConfig
from actors.simulator.inputs import BARS_ALONE, MarketInputs
from actors.simulator.margin.account import Account
from actors.simulator.margin.funding import FundingTimes
from actors.simulator.margin.wallet import Wallet
from actors.simulator.matching.agenda import Agenda, MarketEvent
from actors.simulator.matching.engine import MatchingEngine
from actors.simulator.matching.liquidity import Liquidity
from actors.simulator.matching.pending import PendingOrder
from actors.simulator.prices.lines import PriceLines
from actors.simulator.prices.path import PathPolicy
from actors.simulator.prices.walk import Arrival
from actors.simulator.venue.admission import OrderAdmission, amended
from actors.simulator.venue.checks import Objection, no_such_order, price_band_objection, rejected
from actors.simulator.venue.reasons import EndReason
from ideacards.feeds import Bars, WakeSet, WakeState

__all__ = ["MarketPlan", "SymbolMarket"]

_DUE, _TOUCH, _POINT = MarketEvent.DUE, MarketEvent.TOUCH, MarketEvent.POINT
_CLOSE, _FUNDING = MarketEvent.CLOSE, MarketEvent.FUNDING
_DELISTING, _END = MarketEvent.DELISTING, MarketEvent.END


@attrs.frozen(eq=False)
class MarketPlan:
    """Inputs of one symbol's market, which runs bars [start, stop)."""

    instrument: Instrument
    bars: Bars
    start: int
    stop: int
    inputs: MarketInputs = BARS_ALONE
    leverage: int | None = None  # None: the account's


class SymbolMarket:
    """Times are UTC ms and never decrease; a rejection is an answer, never raised.

    Reports and fills are appended to `events`; None drops them.
    """

    def __init__(
        self, plan: MarketPlan, config: VenueConfig, wallet: Wallet, events: list[OrderReport | Fill] | None = None
    ) -> None:
        instrument = self._instrument = plan.instrument
        self._plan = plan
        self._config = config
        self.contested: dict[int, bool] = {}  # bars whose path was chosen: whether the choice changed equity
        data, funding, schedule = plan.inputs.data, plan.inputs.funding, plan.inputs.schedule
        through = config.limit_fill_ticks * instrument.tick
        lines = self.lines = PriceLines(plan.bars, data, config.path, plan.start, plan.stop, through)
        self._follows = bool(lines.others)
        self.walk = lines.last.walk
        self._mark = lines.mark.walk
        self._now_ms = 0
        self.timeframe_ms = plan.bars.timeframe_ms
        self._symbol = instrument.symbol
        self._open_times: memoryview[int] = plan.bars.ts_open.data
        self._close_times: memoryview[int] = plan.bars.ts_close.data
        self.account = Account(instrument, plan.leverage or config.leverage, wallet, self.mark_price)
        self.liquidity = Liquidity(plan.bars, instrument, config.volume_share, data.sizes)
        self.engine = MatchingEngine(
            instrument, config, lines, self.account, self.liquidity, [] if events is None else events
        )
        self.registry = self.engine.registry
        self._admission = OrderAdmission(instrument, self.registry, self.account, self.engine.protection)
        if config.path.chooses:
            self.walk.choose = self._chosen
        self._funding = None if funding is None else FundingTimes(funding)
        self.schedule = schedule
        self.agenda = Agenda(lines, self.registry, self._funding, schedule.delisting_ms)

    @property
    def symbol(self) -> str:
        """The symbol traded here."""
        return self._instrument.symbol

    @property
    def has_tiers(self) -> bool:
        """Whether maintenance margin is modelled."""
        return bool(self._instrument.tiers)

    # -- commands -----------------------------------------------------------------------------------------------------

    def submit(self, request: OrderRequest, now_ms: int) -> OrderResult:
        """Accept or reject an order; its fills and reports follow as events."""
        arrival = self._arrive(now_ms)
        request, outside = self._within_band(request)
        trigger_price = self._trigger_price(request) if self._follows else self.walk.price
        objection = self._admission.of_order(request, self.walk.price, trigger_price) or outside
        if objection is not None:
            return rejected(objection, request.link_id)
        self.agenda.event = None
        return _accepted(self.engine.accept(request, arrival, now_ms))

    def amend(self, amend: AmendOrder, now_ms: int) -> OrderResult:
        """Change an open order; its id stays, its time priority is lost."""
        arrival = self._arrive(now_ms)
        order = self.registry.open.get(amend.link_id)
        if order is None:
            return rejected(no_such_order("replace"), amend.link_id)
        request, outside = self._within_band(amended(order.request, amend))
        trigger_price = self._trigger_price(request)
        objection = self._admission.of_change(order, request, self.walk.price, trigger_price) or outside
        if objection is not None:
            return rejected(objection, amend.link_id, order.order_id)
        self.agenda.event = None
        self.engine.amend(order, request, arrival, now_ms)
        return _accepted(order)

    def cancel(self, cancel: CancelOrder, now_ms: int) -> OrderResult:
        """Cancel an open order."""
        self._arrive(now_ms)
        order = self.registry.open.get(cancel.link_id)
        if order is None:
            return rejected(no_such_order("cancel"), cancel.link_id)
        self.agenda.event = None
        self.engine.cancel(order, EndReason.BY_USER, now_ms)
        return _accepted(order)

    def cancel_all(self, now_ms: int, reason: str = EndReason.BY_USER) -> tuple[OrderResult, ...]:
        """Cancel every order, oldest first, then the position's own orders, as Bybit does by default."""
        self._arrive(now_ms)
        self.agenda.event = None
        orders = [*self.registry.open.values()]
        for order in orders:
            self.engine.cancel(order, reason, now_ms)
        return tuple(_accepted(order) for order in (*orders, *self.engine.protection.clear(reason, now_ms)))

    def set_trading_stop(self, p: SetTradingStop, now_ms: int) -> OrderResult:
        """Set stop loss, take profit and trailing stop of the whole position, at market; None removes one."""
        arrival = self._arrive(now_ms)
        objection = self._admission.of_protection(p)
        if objection is not None:
            return rejected(objection)
        self.agenda.event = None
        self.engine.protection.set(p, arrival, now_ms)
        return OrderResult(RequestOutcome.ACCEPTED)

    def add_trading_stop(self, p: AddTradingStop, now_ms: int) -> OrderResult:
        """Add a stop loss, a take profit or both for a part of the position."""
        arrival = self._arrive(now_ms)
        objection = self._admission.of_addition(p)
        if objection is not None:
            return rejected(objection)
        self.agenda.event = None
        self.engine.protection.add(p.terms, p.qty, arrival, now_ms)
        return OrderResult(RequestOutcome.ACCEPTED)

    def set_leverage(self, p: SetLeverage, now_ms: int) -> OrderResult:
        """Set the leverage, if the venue allows it and margin suffices; moves the liquidation price."""
        self._arrive(now_ms)
        objection = self._admission.of_leverage(p.leverage, self.mark_price())
        if objection is not None:
            return rejected(objection)
        self.agenda.event = None
        self.account.set_leverage(p.leverage)
        self.engine.guard.set()
        return OrderResult(RequestOutcome.ACCEPTED)

    def set_price_band(self, band: PriceBand) -> None:
        """What becomes of limit prices beyond the band from now on: a setting of the account."""
        self._config = attrs.evolve(self._config, price_band=band)

    def fill_resting(self, link_id: str, now_ms: int) -> bool:
        """Fill a resting limit order at its price, wherever the market is; whether there is such an order."""
        self._arrive(now_ms)
        order = self.registry.open.get(link_id)
        if order is None or order.is_untriggered or order.is_market:
            return False
        self.agenda.event = None
        self.engine.fill_resting(order, now_ms)
        return True

    def _arrive(self, now_ms: int) -> Arrival:
        """Move all prices to this millisecond; returns where in the market a request arrives."""
        arrival = self.walk.arrive(now_ms)
        if self._follows:
            self.lines.follow()
        return arrival

    def _within_band(self, request: OrderRequest) -> tuple[OrderRequest, Objection | None]:
        """Move a limit beyond the price band to its edge, or object, by the account's setting."""
        if request.price is None or request.trigger_price is not None or not self._instrument.price_limit_ratio_x:
            return request, None
        objection, limit = price_band_objection(request, self.walk.price, self._instrument)
        if objection is None or self._config.price_band.rejects or request.price % self._instrument.tick:
            return request, objection
        return msgspec.structs.replace(request, price=Price(limit)), None

    def _trigger_price(self, request: OrderRequest) -> int:
        return self.lines.trigger(request.trigger_by).walk.price if self.lines.others else self.walk.price

    # -- queries ------------------------------------------------------------------------------------------------------

    def position_report(self, now_ms: int) -> PositionReport:
        """The net position with its protection."""
        level, held = self.engine.protection.level, self.account.position
        average = Decimal(self._instrument.average_text(held.cost, held.qty)) if held.qty else None
        return PositionReport(
            self._instrument.symbol,
            held,
            level(Origin.STOP_LOSS),
            level(Origin.TAKE_PROFIT),
            now_ms,
            level(Origin.TRAILING_STOP),
            self.account.leverage,
            tuple(order.report() for order in self.registry.partial.values()),
            average_price=average,
        )

    def closed_stop(self, now_ms: int) -> int:
        """Index behind the last closed bar at `now_ms`."""
        walk = self.walk
        walk.seek(now_ms)
        return walk.index if walk.is_open else walk.index + 1

    def bars_between(self, start: int, stop: int) -> ClosedBars:
        """Bars [start, stop), at least one, by their indices in the columns."""
        ts_open, ts_close = self._open_times[start], self._close_times[stop - 1]
        return ClosedBars(self._symbol, self.timeframe_ms, ts_open, ts_close, start, stop)

    def bars_since(self, since_ms: int, now_ms: int) -> ClosedBars:
        """Closed bars that open at `since_ms` or later."""
        stop = self.closed_stop(now_ms)
        start = min(bisect_left(self._open_times, since_ms), stop)
        if start < stop:
            return self.bars_between(start, stop)
        close_ms = self.walk.close_ms(stop - 1) if stop else 0
        return ClosedBars(self.symbol, self.timeframe_ms, close_ms, close_ms, stop, stop)

    def seek(self, now_ms: int) -> None:
        """Move to `now_ms`: close the bars that closed before it, and value positions at its prices."""
        self._now_ms = now_ms
        self.walk.seek(now_ms)
        self.lines.follow()

    def mark_price(self) -> int:
        """The price that values positions: the mark of this millisecond, or the last price without mark data."""
        return self._mark.price_at(self._now_ms)

    # -- events -------------------------------------------------------------------------------------------------------

    def subscribe(self, wake: WakeSet | None) -> None:
        """Publish closes only at the bars of the wake set; None: at every bar."""
        self.agenda.subscribe(wake, feed_is_late=self._config.feed_is_late)

    def wake(
        self, state: WakeState, size: float = 0.0, entry_price: float | None = None, held: tuple[float, ...] = ()
    ) -> None:
        """Set the trading state, which selects the wake column."""
        self.agenda.wake(state, size, entry_price, held)

    def next_time(self) -> int | None:
        """Time of the market's next event (UTC ms); None when there is none left."""
        agenda = self.agenda
        if agenda.event is None:
            agenda.look_ahead(holds=self.account.position.qty != 0)
        return agenda.time_ms

    def advance(self) -> int | None:
        """Perform the next event; returns the bar's index if it is a published close, else None."""
        agenda = self.agenda
        if agenda.event is None:
            agenda.look_ahead(holds=self.account.position.qty != 0)
        event, agenda.event = agenda.event, None
        walk, bar = self.walk, agenda.bar
        if event is _CLOSE:
            walk.close(bar)
            if self._follows:
                self.lines.follow()
            if self.registry.late:
                self.registry.admit_late()
            if self._funding is not None:
                self._funding.has_closed(walk.time_ms)
            return bar if agenda.is_told(bar) else None
        if event is _END:
            raise InvariantError("the market has no further event")
        if event is _FUNDING or event is _DELISTING:
            self._settle(event)
            return None
        if self._funding is not None and agenda.time_ms is not None:
            self._funding.has_traded(agenda.time_ms)
        if walk.index != bar or not walk.is_open:
            walk.open(bar)
            if self._follows:
                self.lines.follow()
        if event is _DUE:
            self.engine.meet_due()
        elif event is _POINT:
            self._reach_point()
        else:
            assert agenda.touch is not None
            self.engine.meet_touched(agenda.touch)
        return None

    def _reach_point(self) -> None:
        """A path has reached a point that is waited for."""
        line, number = self.agenda.line, self.agenda.point
        line.walk.move_to_point(number)
        if line is not self.lines.last:
            self.walk.reach(line.walk.time_ms)
        self.lines.follow()
        self.registry.admit_waiting(line, number)

    def _settle(self, event: MarketEvent) -> None:
        """Perform funding or delisting, after the bars that close at that very time."""
        time_ms = self.agenda.time_ms
        assert time_ms is not None
        self.walk.seek(time_ms + 1)
        self._now_ms = time_ms
        self._arrive(time_ms)
        if event is _DELISTING:
            self.engine.deliver(time_ms)
            self.agenda.is_over = True
            return
        assert self._funding is not None
        self.engine.fund(self._funding.take(), time_ms)

    def stand_at(self, now_ms: int) -> None:
        """Move to the time that another market of the account has reached: close bars and advance the paths."""
        self.seek(now_ms)
        self._arrive(now_ms)

    def walk_all(self, *, is_on: bool) -> None:
        """Turn on or off that every point of every path is an event; the liquidation guard is set accordingly."""
        self.agenda.event = None
        self.agenda.walks_all = is_on
        self.engine.guard.set()

    def mark_at(self, time_ms: int) -> int:
        """The mark at a later time on the current path."""
        return self._mark.price_at(time_ms)

    def liquidate(self, time_ms: int) -> None:
        """The venue takes the position over."""
        self.agenda.event = None
        self.engine.liquidate(time_ms)

    # -- a path that depends on resting orders ------------------------------------------------------------------------

    def _chosen(self, bar: int) -> PathPolicy:
        """The path policy of a bar: the better or worse one for the account, by the configured policy."""
        if not (self.lines.size or self.registry.due or self.registry.waiting):
            return PathPolicy.NEAREST_EXTREME
        first, second = (self._rehearsed(bar, policy) for policy in (PathPolicy.OHLC, PathPolicy.OLHC))
        self.contested[bar] = self.contested.get(bar, False) or first != second
        if first == second:
            return PathPolicy.NEAREST_EXTREME
        wants_less = self._config.path is PathPolicy.PESSIMISTIC
        return PathPolicy.OHLC if (first < second) is wants_less else PathPolicy.OLHC

    def _rehearsed(self, bar: int, policy: PathPolicy) -> int:
        """Equity at the close of `bar` under `policy`, with the current resting orders and no new ones."""
        plan = attrs.evolve(self._plan, start=bar, stop=bar + 1, inputs=MarketInputs(self._plan.inputs.data))
        wallet = Wallet(self._config.start_equity, self._config.margin_mode)
        rehearsal = SymbolMarket(plan, attrs.evolve(self._config, path=policy), wallet)
        if self.walk.is_open and self.walk.index == bar:
            rehearsal.walk.stand_like(self.walk)
            rehearsal.lines.follow()
        rehearsal.account.take_over(self.account)
        rehearsal.registry.take_over(self.registry, bar)
        rehearsal.liquidity.take_over(self.liquidity)
        rehearsal.engine.guard.set()
        while rehearsal.advance() is None:
            pass
        return rehearsal.account.equity(rehearsal.walk.price)


def _accepted(order: PendingOrder) -> OrderResult:
    return OrderResult(RequestOutcome.ACCEPTED, order.request.link_id, order.order_id, order.status)
