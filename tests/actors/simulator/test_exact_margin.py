"""Margin, risk limits and liquidation exactly at their edges: what is just enough is enough, a unit more is not."""

from decimal import Decimal
from typing import Any

import attrs
import msgspec
import pytest

from actors.model.fixed import Money, Price, Qty, Rate
from actors.model.instrument import Instrument, RiskTier
from actors.model.order import Fill, OrderRequest, OrderType, Side
from actors.model.origins import Origin
from actors.model.position import Position
from actors.model.result import VenueCode
from actors.simulator.config import MarginMode, VenueConfig
from actors.simulator.margin.liquidation import bankruptcy_price, liquidation_level
from actors.simulator.margin.wallet import on_common_money
from actors.simulator.matching.market import MarketPlan
from actors.simulator.prices.path import PathPolicy
from actors.simulator.venue.limits import VenueRates
from actors.simulator.venue.venue import Venue
from tests.actors.builders import MINUTE_MS, a_market, an_instrument
from tests.actors.simulator.builders import BUY, FLAT_BAR, SELL, Hand, coins, px, terms

UNIT = 10**10
ONE = 10**5
FREE = an_instrument(taker_rate=Rate(0), maker_rate=Rate(0))
LIMITED = (RiskTier(Rate(500), Money(0), Money(1_000 * UNIT), 50),)
TIERS = (RiskTier(Rate(500), Money(0), Money(1 << 100), 100),)
PLACE = an_instrument(tiers=TIERS)
HIGH = (10_000, 10_000, 10_000, 10_000)


def without_fees(equity: int = 1_000, **config: Any) -> Hand:
    return Hand([FLAT_BAR] * 4, instrument=FREE, equity=equity, **config)


def free(hand: Hand) -> Decimal:
    return Decimal(hand.venue.equity_report(hand.now).available).scaleb(-hand.instrument.money_digits)


# -- initial margin ---------------------------------------------------------------------------------------------------


def test_all_that_is_free_may_be_used_and_a_step_more_may_not() -> None:
    hand = without_fees()
    hand.buy(10.001)
    assert hand.code == VenueCode.INSUFFICIENT_MARGIN
    hand.buy(10)
    hand.finish()
    assert hand.held == 10
    assert free(hand) == 0


def test_a_second_order_may_use_the_rest_exactly() -> None:
    hand = without_fees()
    hand.buy(4, price=90)
    hand.buy(6.401)
    assert hand.code == VenueCode.INSUFFICIENT_MARGIN
    hand.buy(6.4)
    assert hand.code == 0
    assert free(hand) == 0


def test_a_second_order_as_large_as_the_first_needs_as_much_again() -> None:
    for side, price in ((BUY, 90.0), (SELL, 110.0)):
        hand = without_fees(equity=1_500)
        hand.send(side, 9, price=price)
        assert hand.code == 0
        hand.send(side, 9, price=price)
        assert hand.code == VenueCode.INSUFFICIENT_MARGIN


def test_a_resting_sale_holds_margin_at_its_price_as_a_resting_buy_does() -> None:
    hand = Hand([FLAT_BAR] * 3, equity=1_000)
    hand.close()
    link_id = hand.sell(price=110, qty=8)
    assert free(hand) == 1_000 - 880 * (1 + Decimal("0.00055"))
    hand.sell(price=110, qty=2)
    assert hand.code == VenueCode.INSUFFICIENT_MARGIN
    hand.cancel(link_id)
    assert free(hand) == 1_000


def test_an_order_that_held_no_margin_gives_none_back() -> None:
    hand = without_fees()
    hand.cancel(hand.buy(1, trigger=110))
    hand.buy(5, price=100)
    report = hand.venue.equity_report(hand.now)
    assert report.equity - report.available == hand.instrument.value(px(100), coins(5))


def test_a_flip_may_open_as_much_as_all_that_is_there() -> None:
    for first, second in ((BUY, SELL), (SELL, BUY)):
        hand = without_fees()
        hand.send(first, 10)
        hand.until_fill()
        hand.send(second, 20.001)
        assert hand.code == VenueCode.INSUFFICIENT_MARGIN
        hand.send(second, 20)
        assert hand.code == 0
        hand.finish()
        assert hand.held == (-10 if first is BUY else 10)
        assert free(hand) == 0


def test_a_position_of_one_step_needs_its_margin_beside_an_order() -> None:
    hand = Hand([HIGH] * 3, instrument=FREE, equity=1_000)
    hand.buy(0.001)
    hand.until_fill()
    hand.buy(0.1)
    assert hand.code == VenueCode.INSUFFICIENT_MARGIN
    hand.buy(0.099)
    assert hand.code == 0


def test_a_leverage_that_needs_all_that_is_there_is_taken() -> None:
    hand = without_fees(leverage=4)
    hand.buy(10)
    hand.until_fill()
    assert hand.lever(1).code == 0
    assert free(hand) == 0


# -- risk limits ------------------------------------------------------------------------------------------------------


def limited(rows: Any = (FLAT_BAR,) * 4, **changes: Any) -> Hand:
    """A position may be worth 1000."""
    return Hand(rows, instrument=an_instrument(tiers=LIMITED, **changes), equity=10_000, leverage=50)


def test_two_orders_of_one_size_count_together_against_the_risk_limit() -> None:
    hand = limited()
    hand.buy(6, price=100)
    hand.buy(6, price=100)
    assert hand.code == VenueCode.VALUE_LIMIT
    hand.buy(4, price=100)
    assert hand.code == 0


def test_of_a_flip_only_what_it_opens_counts_against_the_risk_limit() -> None:
    hand = limited()
    hand.buy(10)
    hand.until_fill()
    hand.sell(20.001)
    assert hand.code == VenueCode.VALUE_LIMIT
    hand.sell(20)
    assert hand.code == 0


def test_a_position_of_one_step_counts_against_the_risk_limit() -> None:
    hand = limited([HIGH] * 3)
    hand.buy(0.001)
    hand.until_fill()
    hand.buy(0.1)
    assert hand.code == VenueCode.VALUE_LIMIT
    hand.buy(0.099)
    assert hand.code == 0


# -- liquidation ------------------------------------------------------------------------------------------------------


def test_an_isolated_position_is_liquidated_without_regard_to_the_fee_to_close() -> None:
    """1000 set aside for a coin at 10000: 9000 / (1 - 0.005) = 9045.226; with the fee it would be 9050.22."""
    for low, count in ((9_045.3, 1), (9_045.2, 2)):
        hand = Hand(
            [HIGH, HIGH, (10_000, 10_000, low, low)],
            instrument=PLACE,
            equity=100_000,
            leverage=10,
            margin_mode=MarginMode.ISOLATED,
        )
        hand.buy(1)
        hand.finish()
        assert len(hand.fills) == count


def test_the_level_of_an_isolated_position_is_exact_to_the_last_unit_of_price() -> None:
    position, aside = Position(Qty(1_000), Money(10**9 * ONE)), 10**8 * ONE
    assert liquidation_level(position, aside, PLACE, is_isolated=True) == 904_522  # 900000 / 0.995, down
    assert liquidation_level(position, aside, PLACE) == 905_022  # 900000 / (1 - 0.005 - 0.00055), down


def test_the_lowest_price_is_a_level_and_what_lies_under_it_is_none() -> None:
    """One coin long or short, in cents and Money of them: at one cent the price can still be."""
    cost = 1_000 * 10_000 * ONE
    enough = cost - 1_000 * (ONE - 555)
    assert liquidation_level(Position(Qty(1_000), Money(cost)), enough, PLACE) == 1
    assert liquidation_level(Position(Qty(1_000), Money(cost)), enough + 1, PLACE) is None
    short = Position(Qty(-1_000), Money(-1_000 * ONE))
    assert liquidation_level(short, 0, PLACE) == 1
    assert bankruptcy_price(short, 0, PLACE) == 1


@pytest.mark.parametrize("start", [100, 140])
def test_a_short_is_taken_over_at_the_mark_but_not_beyond_its_bankruptcy_price(start: float) -> None:
    """Nine coins sold at 100 on a hundred: at 111.04 or so nothing is left, wherever the market has jumped to."""
    hand = Hand([FLAT_BAR, FLAT_BAR, (start, 150, start, 150)], instrument=PLACE, equity=100, leverage=10)
    hand.sell(9)
    hand.until_fill()
    hand.finish()
    gone = hand.fills[1]
    wallet = 100 * UNIT - PLACE.fee(px(100), coins(9), PLACE.taker_rate)
    position = Position(Qty(-9_000), Money(-9_000 * 10_000 * ONE))
    level, last = liquidation_level(position, wallet, PLACE), bankruptcy_price(position, wallet, PLACE)
    assert level is not None
    assert level < last
    assert (gone.origin, gone.price) == (Origin.LIQUIDATION, level if start == 100 else last)
    assert hand.venue.equity_report(hand.now).wallet >= 0


@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_position_of_one_step_is_liquidated_by_closing_it(side: Side) -> None:
    """0.001 coins at 10000 on one: worth ten, so a tenth of it is behind them."""
    end = 8_000 if side is BUY else 12_000
    hand = Hand(
        [HIGH, HIGH, (10_000, max(end, 10_000), min(end, 10_000), end)], instrument=PLACE, equity=1, leverage=20
    )
    hand.send(side, 0.001)
    hand.finish()
    assert [(fill.side, fill.qty, fill.origin) for fill in hand.fills] == [
        (side, coins(0.001), Origin.USER),
        (SELL if side is BUY else BUY, coins(0.001), Origin.LIQUIDATION),
    ]
    held = coins(0.001) if side is BUY else -coins(0.001)
    wallet = UNIT - PLACE.fee(px(10_000), abs(held), PLACE.taker_rate)
    level = liquidation_level(Position(Qty(held), Money(held * px(10_000) * ONE)), wallet, PLACE)
    assert hand.fills[1].price == level


# -- several symbols --------------------------------------------------------------------------------------------------


def two_symbols(btc: Any, eth: Any, equity: int, **config: Any) -> Venue:
    other = msgspec.structs.replace(PLACE, symbol="ETHUSDT")
    plans = (
        MarketPlan(PLACE, a_market(btc), 0, len(btc)),
        MarketPlan(other, attrs.evolve(a_market(eth), symbol="ETHUSDT"), 0, len(eth)),
    )
    rates = VenueRates(1000, 1000, 1000, 1000, 1000)
    money = PLACE.money(Decimal(equity))
    return Venue(plans, VenueConfig(path=PathPolicy.NEAREST_EXTREME, start_equity=money, rates=rates, **config))


@pytest.mark.parametrize(
    ("mode", "holds_both", "factor"),
    [(MarginMode.CROSS, False, 99_445), (MarginMode.ISOLATED, False, 99_500), (MarginMode.ISOLATED, True, 99_500)],
)
def test_a_position_that_bears_its_risk_alone_is_liquidated_at_its_level(
    mode: MarginMode, holds_both: bool, factor: int
) -> None:
    """In the second third of a bar 5000 are lost, 25 cents a millisecond: a later look would find a lower price."""
    fall = (10_000, 10_000, 5_000, 5_000)
    venue = two_symbols([HIGH, HIGH, fall], [HIGH] * 3, 1_003, leverage=20, margin_mode=mode)
    venue.submit(OrderRequest("one", "BTCUSDT", BUY, OrderType.MARKET, coins(1)), 0)
    if holds_both:
        venue.submit(OrderRequest("two", "ETHUSDT", BUY, OrderType.MARKET, coins(0.5)), 0)
    fills: list[Fill] = []
    met: list[int] = []
    while (time_ms := venue.next_time()) is not None:
        venue.advance()
        found = [each for each in venue.take_events() if isinstance(each, Fill)]
        fills += found
        met += [time_ms for each in found if each.origin is Origin.LIQUIDATION]
    (gone,) = [fill for fill in fills if fill.origin is Origin.LIQUIDATION]
    backing = Decimal(500) if mode is MarginMode.ISOLATED else Decimal("997.5")
    level = int((10_000 - backing) * 100 * ONE / factor)
    expected_ms = 2 * MINUTE_MS + 20_000 + (px(10_000) - level) * 20_000 // px(5_000)
    assert met == [expected_ms]
    if mode is MarginMode.CROSS:
        assert gone.price == level


def test_tiers_mean_the_same_when_money_is_counted_more_finely() -> None:
    tiers = (
        RiskTier(Rate(500), Money(0), Money(1_000 * UNIT), 50),
        RiskTier(Rate(1_000), Money(5 * UNIT), Money(3_000 * UNIT), 20),
    )
    coarse, fine = an_instrument(tiers=tiers), an_instrument(symbol="SHIBUSDT", price_digits=6, tick=Price(1))
    after, _ = on_common_money((coarse, fine))
    scale = 10 ** (after.money_digits - coarse.money_digits)
    assert scale > 1
    for leverage in (50, 20):
        before = coarse.value_limit(leverage)
        assert before is not None
        assert after.value_limit(leverage) == before * scale
    assert _maintenance(after) == _maintenance(coarse) * scale


def _maintenance(instrument: Instrument) -> int:
    """Of 20 coins at 100, in the second tier: 2000 x 1.055 % - 5."""
    value = instrument.value(px(100), coins(20))
    return max(
        value * (tier.maintenance_margin_rate + instrument.taker_rate) // instrument.rate_one - tier.deduction
        for tier in instrument.tiers
    )


# -- a path that is chosen --------------------------------------------------------------------------------------------


def test_a_path_is_chosen_with_the_money_that_is_left() -> None:
    """After a loss there is no margin for what would trigger: neither way of the bar makes a difference."""
    rows = [FLAT_BAR, (100, 100, 50, 50), (50, 50, 50, 50), (50, 70, 40, 45), (45, 45, 45, 45)]
    for lost, is_contested in ((9.0, False), (1.0, True)):
        hand = Hand(rows, equity=1_000, path=PathPolicy.PESSIMISTIC)
        hand.buy(lost)
        hand.close(2)
        hand.exit(lost)
        hand.close()
        assert hand.held == 0
        hand.buy(12, trigger=60, protection=terms(stop_loss=42))
        assert hand.code == 0
        hand.finish()
        assert hand.venue.market.contested[3] is is_contested
