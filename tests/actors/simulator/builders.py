"""A venue driven by the test: orders in short form, market events one by one, and all its reports kept."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import attrs
import msgspec
import numpy as np

from actors.model.backend import AddTradingStop, AmendOrder, CancelOrder, SetLeverage, SetTradingStop
from actors.model.fixed import Price, Qty
from actors.model.instrument import Instrument
from actors.model.order import (
    Fill,
    OrderReport,
    OrderRequest,
    OrderType,
    PriceKind,
    ProtectionTerms,
    Side,
    TimeInForce,
    TriggerDirection,
)
from actors.model.result import OrderResult, RequestOutcome
from actors.simulator.config import VenueConfig
from actors.simulator.inputs import MarketInputs
from actors.simulator.margin.funding import Funding
from actors.simulator.matching.market import MarketPlan
from actors.simulator.prices.finer import FinerData
from actors.simulator.prices.lines import PriceInputs
from actors.simulator.prices.path import PathPolicy
from actors.simulator.venue.limits import VenueRates
from actors.simulator.venue.schedule import ALWAYS, Schedule
from actors.simulator.venue.venue import Venue
from ideacards.feeds import Bars
from tests.actors.builders import MINUTE_MS, a_market, an_instrument

__all__ = ["BUY", "FLAT_BAR", "SELL", "Hand", "coins", "px", "terms"]

BUY, SELL = Side.BUY, Side.SELL
FLAT_BAR = (100, 100, 100, 100)
_GENEROUS = VenueRates(1000, 1000, 1000, 1000, 1000)


def px(value: float) -> Price:
    """A price in cents."""
    return Price(round(value * 100))


def coins(value: float) -> Qty:
    """A quantity in thousandths."""
    return Qty(round(value * 1000))


def terms(*, is_partial: bool = False, **fields: Any) -> ProtectionTerms:
    """Stop and target in currency units."""
    prices: dict[str, Any] = {
        name: px(value) if isinstance(value, int | float) else value for name, value in fields.items()
    }
    return ProtectionTerms(is_partial=is_partial, **prices)


def _with_gap(bars: Bars, index: int) -> Bars:
    """Five bars are missing before `index`."""
    shift = np.where(np.arange(len(bars)) >= index, 5 * MINUTE_MS, 0)
    return attrs.evolve(bars, ts_open=bars.ts_open + shift, ts_close=bars.ts_close + shift)


class Hand:
    """Bars are (open, high, low, close) rows, one a minute; orders arrive at `now`, the time of the last event.

    `beside` are the bars of ETHUSDT, a second symbol of the same account; commands are for `symbol`.
    """

    def __init__(
        self,
        rows: Sequence[Sequence[float]],
        *,
        instrument: Instrument | None = None,
        equity: int = 1_000_000,
        start: int = 0,
        stop: int | None = None,
        gap_before: int | None = None,
        volumes: Sequence[float] | None = None,
        finer: Callable[[Bars], FinerData] | None = None,
        lines: Callable[[Bars], PriceInputs] | None = None,
        funding: Funding | None = None,
        schedule: Schedule = ALWAYS,
        beside: Sequence[Sequence[float]] = (),
        **config: Any,
    ) -> None:
        self.instrument = instrument or an_instrument()
        settings: dict[str, Any] = {"path": PathPolicy.NEAREST_EXTREME, "leverage": 1, "rates": _GENEROUS} | config
        money = self.instrument.money(Decimal(equity))
        self.config = VenueConfig(start_equity=money, **settings)
        self.bars = a_market(rows)
        if gap_before is not None:
            self.bars = _with_gap(self.bars, gap_before)
        if volumes is not None:
            self.bars = attrs.evolve(self.bars, volume=np.array(volumes, dtype=np.float64))
        end = len(rows) if stop is None else stop
        data = PriceInputs(None if finer is None else finer(self.bars)) if lines is None else lines(self.bars)
        inputs = MarketInputs(data, funding, schedule)
        plans = [MarketPlan(self.instrument, self.bars, start, end, inputs)]
        if beside:
            other = msgspec.structs.replace(self.instrument, symbol="ETHUSDT")
            bars = attrs.evolve(a_market(beside), symbol=other.symbol)
            plans.append(MarketPlan(other, bars, start, end, MarketInputs(PriceInputs(), funding, schedule)))
        self.venue = Venue(tuple(plans), self.config)
        self.symbol = self.instrument.symbol
        self.now = start * MINUTE_MS
        self.events: list[Fill | OrderReport] = []
        self.last: OrderResult | None = None
        self._ids: Iterator[int] = count(1)

    # -- the market

    def step(self) -> int | None:
        """One event; the index of the bar it closed."""
        next_ms = self.venue.next_time()
        assert next_ms is not None
        assert next_ms >= self.now, "time went back"
        self.now = next_ms
        closed = self.venue.advance()
        self.listen()
        return None if closed is None else closed.bar

    def close(self, bars: int = 1) -> None:
        """Events up to and with the close of so many bars."""
        for _ in range(bars):
            while self.step() is None:
                pass

    def until_fill(self) -> Fill:
        """Events up to the next fill."""
        while True:
            known = len(self.events)
            self.step()
            for event in self.events[known:]:
                if isinstance(event, Fill):
                    return event

    def finish(self) -> None:
        """All that is left."""
        while self.venue.next_time() is not None:
            self.step()

    def listen(self) -> None:
        self.events.extend(self.venue.take_events())

    # -- commands

    def send(self, side: Side, qty: float = 1, type_: OrderType = OrderType.MARKET, **fields: Any) -> str:
        """Submit; returns the link id. `price` and `trigger` in currency units, `rise=True/False` for the trigger."""
        link_id = fields.pop("link_id", None) or f"id-{next(self._ids)}"
        at_ms = fields.pop("at_ms", None)
        if "price" in fields:
            fields["price"], type_ = px(fields["price"]), OrderType.LIMIT
        if "trigger" in fields:
            fields["trigger_price"] = px(fields.pop("trigger"))
            is_rise = fields.pop("rise", side is BUY)
            fields["trigger_direction"] = TriggerDirection.RISE if is_rise else TriggerDirection.FALL
        request = OrderRequest(link_id, fields.pop("symbol", self.symbol), side, type_, coins(qty), **fields)
        self.last = self.venue.submit(request, self._time(at_ms))
        self.listen()
        return link_id

    def buy(self, qty: float = 1, **fields: Any) -> str:
        return self.send(BUY, qty, **fields)

    def sell(self, qty: float = 1, **fields: Any) -> str:
        return self.send(SELL, qty, **fields)

    def exit(self, qty: float = 1, side: Side = SELL, **fields: Any) -> str:
        return self.send(side, qty, reduce_only=True, **fields)

    def post(self, side: Side, price: float, qty: float = 1) -> str:
        return self.send(side, qty, price=price, time_in_force=TimeInForce.POST_ONLY)

    def cancel(self, link_id: str, at_ms: int | None = None) -> OrderResult:
        self.last = self.venue.cancel(CancelOrder(self.symbol, link_id), self._time(at_ms))
        self.listen()
        return self.last

    def amend(
        self,
        link_id: str,
        *,
        price: float | None = None,
        qty: float | None = None,
        trigger: float | None = None,
        **further: Any,
    ) -> OrderResult:
        change = AmendOrder(
            self.symbol,
            link_id,
            None if qty is None else coins(qty),
            None if price is None else px(price),
            None if trigger is None else px(trigger),
            **further,
        )
        self.last = self.venue.amend(change, self.now)
        self.listen()
        return self.last

    def protect(
        self,
        stop_loss: float | None,
        take_profit: float | None = None,
        at_ms: int | None = None,
        by: PriceKind = PriceKind.LAST,
    ) -> OrderResult:
        stop_px, target_px = (None if level is None else px(level) for level in (stop_loss, take_profit))
        self.last = self.venue.set_trading_stop(
            SetTradingStop(self.symbol, stop_px, target_px, stop_loss_trigger_by=by), self._time(at_ms)
        )
        self.listen()
        return self.last

    def trail(self, distance: float, active: float | None = None, **fields: Any) -> OrderResult:
        """A trailing stop; the stop and target that were set go unless they are named again."""
        levels = {name: px(level) for name, level in fields.items()}
        p = SetTradingStop(
            self.symbol,
            levels.get("stop_loss"),
            levels.get("take_profit"),
            px(distance),
            None if active is None else px(active),
        )
        self.last = self.venue.set_trading_stop(p, self.now)
        self.listen()
        return self.last

    def add(self, qty: float, **fields: Any) -> OrderResult:
        """A partial stop and target."""
        self.last = self.venue.add_trading_stop(
            AddTradingStop(self.symbol, coins(qty), terms(is_partial=True, **fields)), self.now
        )
        self.listen()
        return self.last

    def lever(self, leverage: int) -> OrderResult:
        self.last = self.venue.set_leverage(SetLeverage(self.symbol, leverage), self.now)
        return self.last

    def _time(self, at_ms: int | None) -> int:
        if at_ms is not None:
            self.now = at_ms
        return self.now

    # -- what came of it

    @property
    def fills(self) -> list[Fill]:
        return [event for event in self.events if isinstance(event, Fill)]

    @property
    def reports(self) -> list[OrderReport]:
        return [event for event in self.events if isinstance(event, OrderReport)]

    @property
    def code(self) -> int:
        """Code of the last answer; 0 for accepted."""
        assert self.last is not None
        assert (self.last.outcome is RequestOutcome.ACCEPTED) is (self.last.code == 0)
        return self.last.code

    @property
    def held(self) -> float:
        """Signed position in coins."""
        return self.venue.position_report(0, self.symbol).position.qty / 1000

    def told(self) -> list[tuple[str, float, float, bool, str]]:
        """(side, coins, price, is_maker, origin) of every fill."""
        return [
            (fill.side.name.lower(), fill.qty / 1000, fill.price / 100, fill.is_maker, fill.origin.value)
            for fill in self.fills
        ]

    def story_of(self, link_id: str) -> list[str]:
        """The statuses reported of an order, in turn."""
        return [report.status.value for report in self.reports if report.link_id == link_id]

    def reason_of(self, link_id: str) -> str:
        report = self.venue.order(link_id)
        assert report is not None
        return report.reason
