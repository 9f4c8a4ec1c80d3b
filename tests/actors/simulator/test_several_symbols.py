"""Several symbols in one account: one time line, one wallet, one liquidation."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from actors.model.backend import CancelAll
from actors.model.errors import ConfigurationError
from actors.model.fixed import Money, Price, Rate
from actors.model.instrument import Instrument, RiskTier
from actors.model.order import Fill, OrderRequest, OrderType, Side
from actors.model.origins import Origin
from actors.model.result import RequestOutcome, VenueCode
from actors.simulator.config import MarginMode, VenueConfig
from actors.simulator.margin.wallet import on_common_money
from actors.simulator.matching.market import MarketPlan
from actors.simulator.prices.path import PathPolicy
from actors.simulator.venue.limits import VenueRates
from actors.simulator.venue.venue import Venue
from tests.actors.builders import MINUTE_MS, a_market, an_instrument
from tests.actors.simulator.builders import BUY, FLAT_BAR, SELL, coins, px

FALL = (100, 100, 50, 50)
GRID_MS = 500
TIERS = (RiskTier(Rate(500), Money(0), Money(1 << 100), 100),)
Rows = Sequence[Sequence[float]]


class Pair:
    """BTCUSDT and ETHUSDT, minute bars, orders by short words."""

    def __init__(self, btc: Rows, eth: Rows, equity: float = 1_000, tiers: Any = (), **config: Any) -> None:
        self.instrument = an_instrument(tiers=tiers)
        other = msgspec.structs.replace(self.instrument, symbol="ETHUSDT")
        settings: dict[str, Any] = {"leverage": 1, "rates": VenueRates(1000, 1000, 1000, 1000, 1000)} | config
        money = self.instrument.money(Decimal(str(equity)))
        plans = (
            MarketPlan(self.instrument, a_market(btc), 0, len(btc)),
            MarketPlan(other, attrs.evolve(a_market(eth), symbol="ETHUSDT"), 0, len(eth)),
        )
        self.venue = Venue(plans, VenueConfig(path=PathPolicy.NEAREST_EXTREME, start_equity=money, **settings))
        self.now = 0
        self.fills: list[Fill] = []
        self.times: list[int] = []
        self.closes: list[tuple[str, int]] = []
        self._count = 0

    def send(self, symbol: str, side: Side, qty: float, price: float | None = None, reduce_only: bool = False) -> int:
        self._count += 1
        kind = OrderType.MARKET if price is None else OrderType.LIMIT
        limit = None if price is None else px(price)
        request = OrderRequest(f"id-{self._count}", symbol, side, kind, coins(qty), limit, reduce_only=reduce_only)
        code = self.venue.submit(request, self.now).code
        self._listen()
        return code

    def run(self, bars: int | None = None) -> None:
        """Up to and with the closes of so many bars of both, or all that is left."""
        stop = None if bars is None else self.now - self.now % MINUTE_MS + bars * MINUTE_MS
        while True:
            time_ms = self.venue.next_time()
            if time_ms is None or (stop is not None and time_ms > stop):
                return
            assert time_ms >= self.now
            self.now = time_ms
            closed = self.venue.advance()
            self.times.append(time_ms)
            if closed is not None:
                self.closes.append(closed)
            self._listen()

    def _listen(self) -> None:
        self.fills += [event for event in self.venue.take_events() if isinstance(event, Fill)]

    def free(self) -> Decimal:
        return Decimal(self.venue.equity_report(self.now).available).scaleb(-self.instrument.money_digits)

    def equity(self) -> Decimal:
        return Decimal(self.venue.equity_report(self.now).equity).scaleb(-self.instrument.money_digits)


def test_events_of_both_come_in_the_order_of_time_and_equal_times_in_theirs() -> None:
    pair = Pair([FLAT_BAR] * 3, [FLAT_BAR] * 3)
    pair.run()
    assert pair.closes == [(symbol, bar) for bar in range(3) for symbol in ("BTCUSDT", "ETHUSDT")]
    assert pair.times == sorted(pair.times)


def test_orders_of_both_need_their_margin_from_one_wallet() -> None:
    pair = Pair([FLAT_BAR] * 4, [FLAT_BAR] * 4)
    assert pair.send("BTCUSDT", BUY, 6) == 0
    assert pair.send("ETHUSDT", BUY, 5) == VenueCode.INSUFFICIENT_MARGIN
    assert pair.send("ETHUSDT", BUY, 3) == 0
    pair.run(1)
    fee = Decimal("0.00055") * 900
    assert pair.free() == 1000 - fee - 900
    assert pair.send("ETHUSDT", SELL, 3, reduce_only=True) == 0
    pair.run(1)
    assert pair.free() == 1000 - fee - Decimal("0.00055") * 300 - 600


def test_a_gain_in_one_symbol_backs_orders_in_the_other_in_cross_and_not_in_isolated() -> None:
    for mode, code in ((MarginMode.CROSS, 0), (MarginMode.ISOLATED, VenueCode.INSUFFICIENT_MARGIN)):
        pair = Pair([FLAT_BAR, FLAT_BAR, (100, 150, 100, 150)], [FLAT_BAR] * 3, leverage=2, margin_mode=mode)
        pair.send("BTCUSDT", BUY, 15)
        pair.run(3)
        assert pair.send("ETHUSDT", BUY, 10) == code


def test_a_position_and_orders_of_the_other_symbol_are_not_touched() -> None:
    pair = Pair([FLAT_BAR] * 4, [FLAT_BAR] * 4)
    pair.send("BTCUSDT", BUY, 1, price=90)
    pair.send("ETHUSDT", BUY, 1, price=90)
    assert pair.venue.cancel_all(CancelAll("ETHUSDT"), pair.now).result.outcome is RequestOutcome.ACCEPTED
    assert [order.symbol for order in pair.venue.open_orders("BTCUSDT")] == ["BTCUSDT"]
    assert pair.venue.open_orders("ETHUSDT") == ()


def test_in_cross_margin_a_fall_of_one_liquidates_by_what_the_other_leaves() -> None:
    """10 + 10 coins at 100 on 220: a fall of one by 22 is too much, by 9 is not, and a rise of the other saves."""
    fall, small, rise = (100, 100, 78, 78), (100, 100, 91, 91), (100, 121, 100, 121)
    for btc, eth, is_liquidated in ((fall, FLAT_BAR, True), (small, FLAT_BAR, False), (fall, rise, False)):
        pair = Pair([FLAT_BAR, FLAT_BAR, btc], [FLAT_BAR, FLAT_BAR, eth], 220, TIERS, leverage=20)
        pair.send("BTCUSDT", BUY, 10)
        pair.send("ETHUSDT", BUY, 10)
        pair.run()
        found = [fill for fill in pair.fills if fill.origin is Origin.LIQUIDATION]
        assert bool(found) is is_liquidated
        assert pair.equity() >= 0


def test_a_fall_of_both_is_met_where_they_are_together_on_their_ways() -> None:
    """Both fall from 100 to 78 within 20 s: equity 217.8 - 2 x 10 x fall meets 20 x price x 0.555 %: fall 10.39."""
    fall = (100, 100, 78, 78)
    pair = Pair([FLAT_BAR, FLAT_BAR, fall], [FLAT_BAR, FLAT_BAR, fall], 220, TIERS, leverage=20)
    pair.send("BTCUSDT", BUY, 10)
    pair.send("ETHUSDT", BUY, 10)
    pair.run()
    first, second = [fill for fill in pair.fills if fill.origin is Origin.LIQUIDATION]
    fall_then = (Fraction("218.9") - Fraction("11.1")) / (20 - Fraction("0.111"))
    expected_ms = 2 * MINUTE_MS + 20_000 + fall_then / 22 * 20_000
    assert 0 <= first.time_ms - expected_ms < 2
    assert abs(first.price - 100 * (100 - fall_then)) < 2
    assert second.time_ms > first.time_ms
    assert pair.equity() >= 0


@pytest.mark.slow
@settings(max_examples=200)
@given(
    st.lists(st.tuples(*[st.integers(60, 140)] * 4), min_size=3, max_size=6),
    st.lists(st.tuples(*[st.integers(60, 140)] * 4), min_size=3, max_size=6),
    st.integers(-20, 20),
    st.integers(-20, 20),
)
def test_random_pairs_are_liquidated_when_a_walk_of_every_price_says_so(
    btc: list[tuple[int, int, int, int]], eth: list[tuple[int, int, int, int]], first: int, second: int
) -> None:
    """The slow way: both prices at every so many ms, equity against maintenance margin, after the entries."""
    count = min(len(btc), len(eth))
    rows = [_after_a_flat_bar(each[:count]) for each in (btc, eth)]
    pair = Pair(rows[0], rows[1], 300, TIERS, leverage=20)
    held = {"BTCUSDT": first, "ETHUSDT": second}
    for symbol, qty in held.items():
        if qty:
            pair.send(symbol, BUY if qty > 0 else SELL, abs(qty))
    pair.run()
    if len([fill for fill in pair.fills if fill.origin is Origin.USER]) < 2:
        return
    found = [fill.time_ms for fill in pair.fills if fill.origin is Origin.LIQUIDATION]
    event("liquidated" if found else "stands")
    slow = slow_liquidation(rows, list(held.values()))
    if slow is None:
        assert not found
    else:
        assert found
        assert -1 <= slow - found[0] <= GRID_MS


def _after_a_flat_bar(rows: list[tuple[int, int, int, int]]) -> list[tuple[int, ...]]:
    return [FLAT_BAR, *((o, max(o, h, low, c), min(o, h, low, c), c) for o, h, low, c in rows)]


def slow_liquidation(rows: list[list[tuple[int, ...]]], held: list[int]) -> int | None:
    """The first of every so many ms at which equity is at or under maintenance margin; in floats, far from any tie."""
    wallet = 300 - sum(map(abs, held)) * 100 * 0.00055
    for bar in range(1, len(rows[0])):
        paths = []
        for each in rows:
            o, h, low, c = each[bar]
            paths.append([o, h, low, c] if h - o < o - low else [o, low, h, c])
        times = (0, 20_000, 40_000, MINUTE_MS - 1)
        for at in (*range(0, MINUTE_MS - 1, GRID_MS), MINUTE_MS - 1):
            leg = 1 + (at > times[1]) + (at > times[2])
            share = (at - times[leg - 1]) / (times[leg] - times[leg - 1])
            surplus = wallet
            for qty, path in zip(held, paths, strict=True):
                price = path[leg - 1] + (path[leg] - path[leg - 1]) * share
                surplus += qty * (price - 100) - abs(qty) * price * 0.00555
            if surplus <= 0:
                return int(bar * MINUTE_MS + at)
    return None


def test_in_isolated_margin_each_position_loses_what_was_set_aside_and_no_more() -> None:
    pair = Pair(
        [FLAT_BAR, FLAT_BAR, FALL, FALL],
        [FLAT_BAR] * 4,
        1_000,
        TIERS,
        leverage=10,
        margin_mode=MarginMode.ISOLATED,
    )
    pair.send("BTCUSDT", BUY, 10)
    pair.send("ETHUSDT", BUY, 10)
    pair.run()
    (gone,) = [fill for fill in pair.fills if fill.origin is Origin.LIQUIDATION]
    assert gone.symbol == "BTCUSDT"
    bankrupt = (100 - 10) / (1 - 0.00055)
    assert 0 <= gone.price / 100 - bankrupt <= 0.01
    assert pair.venue.position_report(0, "ETHUSDT").position.qty == coins(10)
    assert Decimal(1_000) - pair.equity() <= 100 + 2


def test_instruments_are_brought_to_one_unit_of_money_and_mean_the_same() -> None:
    one, other = an_instrument(), an_instrument(symbol="SHIBUSDT", price_digits=6, tick=Price(1), tiers=TIERS)
    first, second = on_common_money((one, other))
    assert first.money_digits == second.money_digits == other.money_digits
    for before, after in ((one, first), (other, second)):
        for price, qty in ((12_345, 678), (1, 1)):
            scale = 10 ** (after.money_digits - before.money_digits)
            assert after.value(price, qty) == before.value(price, qty) * scale
            assert after.fee(price, qty, after.taker_rate) == before.fee(price, qty, before.taker_rate) * scale
        assert after.min_notional == before.min_notional * 10 ** (after.money_digits - before.money_digits)


def test_a_venue_refuses_what_it_cannot_keep_books_of() -> None:
    bars = a_market([FLAT_BAR])
    config = VenueConfig(path=PathPolicy.OHLC, leverage=1, start_equity=Money(1))
    finer = an_instrument(symbol="ETHUSDT", rate_digits=7)

    def plan(instrument: Instrument) -> MarketPlan:
        return MarketPlan(instrument, bars, 0, 1)

    for plans, said in (
        ((), "needs a market"),
        ((plan(an_instrument()), plan(finer)), "Money alike"),
        ((plan(an_instrument()), plan(an_instrument())), "one market"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            Venue(plans, config)


def test_a_position_that_opens_inside_a_bar_takes_the_others_along() -> None:
    """BTC is bought in the middle of a bar in which nothing has happened to ETH yet: both paths go on from there."""
    pair = Pair([FLAT_BAR, FLAT_BAR, FALL, FALL], [FLAT_BAR] * 2 + [FALL] * 2, 1_000, TIERS, leverage=10)
    pair.send("ETHUSDT", BUY, 1)
    pair.send("BTCUSDT", BUY, 1, price=80)
    pair.run()
    assert [fill.symbol for fill in pair.fills] == ["ETHUSDT", "BTCUSDT"]
    assert pair.times == sorted(pair.times)


def test_what_another_symbol_is_worth_is_of_this_millisecond() -> None:
    """Ten coins of BTC rise by 50 in the second third of a bar: half way they are worth 250 more."""
    rise = (100, 150, 100, 150)
    pair = Pair([FLAT_BAR, FLAT_BAR, rise], [FLAT_BAR] * 3, 1_000, leverage=2)
    pair.send("BTCUSDT", BUY, 10)
    pair.run(2)
    pair.now = 2 * MINUTE_MS + 30_000
    assert abs(pair.equity() - (1_250 - Decimal("0.55"))) < Decimal("0.1")
    assert pair.send("ETHUSDT", BUY, 12) == 0  # 600 of the 1249 - 625 that are free; without the rise 499 were
