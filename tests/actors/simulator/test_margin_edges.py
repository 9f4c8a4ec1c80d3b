"""Edges of margin and protection that a small slip in the code would move."""

import pytest

from actors.model.fixed import Money, Rate
from actors.model.instrument import RiskTier
from actors.model.order import PriceKind, Side
from actors.simulator.config import MarginMode
from actors.simulator.margin.account import Account
from actors.simulator.margin.wallet import Wallet
from actors.simulator.matching.trailing import Trail
from actors.simulator.prices.lines import LineData, PriceInputs
from actors.simulator.venue.schedule import Schedule, TradingStatus
from tests.actors.builders import MINUTE_MS, a_market, an_instrument
from tests.actors.simulator.builders import FLAT_BAR, Hand, coins, terms

FALLING = (100, 100, 85, 85)


def test_a_resting_order_was_judged_when_it_was_taken_and_fills_without_another_look_at_margin() -> None:
    hand = Hand([FLAT_BAR, FLAT_BAR, FALLING], equity=1000, leverage=10)
    hand.close()
    hand.buy(50)
    hand.close()
    hand.buy(40, price=90)
    assert hand.code == 0
    hand.finish()
    assert hand.told()[1:] == [("buy", 40, 90, True, "user")]


def test_initial_margin_is_rounded_up_to_the_last_unit_of_money() -> None:
    hand = Hand([FLAT_BAR] * 2, leverage=3)
    hand.close()
    before = hand.venue.equity_report(hand.now).available
    hand.buy(0.05, price=100)  # worth 5: a third is 1.6666666667, and the taker fee 0.00275
    assert before - hand.venue.equity_report(hand.now).available == 16_666_666_667 + 27_500_000


def test_the_same_trailing_distance_with_another_activation_price_is_another_trailing_stop() -> None:
    hand = Hand([FLAT_BAR, FLAT_BAR, (100, 104.5, 100, 104.5), (104.5, 104.5, 95, 95)])
    hand.buy()
    hand.until_fill()
    hand.trail(5, active=110)
    assert hand.trail(5, active=104).code == 0
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 99.5, False, "trailing_stop")]


def test_the_same_stop_by_another_price_is_another_stop() -> None:
    rows = [FLAT_BAR, FLAT_BAR, FALLING]
    hand = Hand(rows, lines=lambda bars: PriceInputs(mark=LineData(a_market([FLAT_BAR] * 3))))
    hand.buy()
    hand.until_fill()
    hand.protect(95)
    assert hand.protect(95, by=PriceKind.MARK).code == 0
    hand.finish()
    assert hand.held == 1


def test_an_order_brings_no_part_beyond_the_twentieth() -> None:
    hand = Hand([FLAT_BAR] * 4)
    hand.buy(2)
    hand.until_fill()
    for number in range(9):
        assert hand.add(0.1, stop_loss=90 - number, take_profit=110 + number).code == 0
    hand.add(0.1, stop_loss=80)
    hand.buy(1, protection=terms(stop_loss=70, take_profit=130, is_partial=True))
    hand.finish()
    assert hand.venue.position_report().position.qty == coins(3)
    assert len(hand.venue.position_report().parts) == 20


def test_a_trailing_stop_is_met_where_the_way_begins_exactly_at_it() -> None:
    assert Trail(is_long=True, distance=5, best=110).met_on(105, 120) == 105
    assert Trail(is_long=False, distance=5, best=90).met_on(95, 80) == 95
    hand = Hand([FLAT_BAR, (100, 110, 100, 110), (105, 120, 105, 120)])
    hand.buy()
    hand.until_fill()
    hand.trail(5)
    hand.finish()
    assert hand.told()[1:] == [("sell", 1, 105, False, "trailing_stop")]


def test_a_delivery_ends_every_stop_and_target_with_the_position() -> None:
    """Full and partial: nothing of them is left to open a position in an instrument that has ended."""
    schedule = Schedule([2 * MINUTE_MS], [TradingStatus.DELISTED])
    hand = Hand([FLAT_BAR] * 4, schedule=schedule)
    hand.buy(2)
    hand.until_fill()
    hand.protect(90, 110)
    hand.add(1, stop_loss=91, take_profit=111)
    hand.finish()
    report = hand.venue.position_report()
    assert (report.position.qty, report.stop_loss, report.take_profit, report.parts) == (0, None, None, ())
    assert len([one for one in hand.reports if one.status.value == "Deactivated"]) == 4


def test_a_refusal_for_margin_says_how_much_and_that_the_fee_alone_does_not_fit() -> None:
    hand = Hand([FLAT_BAR] * 2, equity=1000, leverage=1)
    hand.close()
    hand.buy(10)
    said = "initial margin and fee are more than the available balance: "
    assert hand.last is not None
    assert hand.last.reason == f"{said}1000.55 > 1000; without the taker fee of 0.55 it would fit"
    hand.buy(20)
    assert hand.last.reason == f"{said}2001.1 > 1000"


@pytest.mark.parametrize("sign", [1, -1])
def test_a_trailing_stop_has_seen_where_a_way_begins_before_it_is_met_on_it(sign: int) -> None:
    trail = Trail(is_long=sign > 0, distance=5, best=sign * 100)
    assert trail.met_on(sign * 110, sign * 104) == sign * 105


@pytest.mark.parametrize("sign", [1, -1])
def test_a_trailing_stop_has_seen_all_of_a_way_on_which_it_was_not_met(sign: int) -> None:
    trail = Trail(is_long=sign > 0, distance=5, best=sign * 100)
    assert trail.met_on(sign * 100, sign * 110) is None
    assert trail.level == sign * 105


@pytest.mark.parametrize("sign", [1, -1])
def test_a_trailing_stop_that_has_been_at_two_prices_follows_the_better(sign: int) -> None:
    trail = Trail(is_long=sign > 0, distance=5, best=0 if sign > 0 else 1_000)
    trail.see_range(90, 120)
    assert trail.level == (115 if sign > 0 else 95)
    trail.see_range(100, 110)
    assert trail.level == (115 if sign > 0 else 95)


@pytest.mark.parametrize("price", [12_000, 9_000])
def test_behind_a_cross_position_stands_what_the_other_symbols_leave_of_the_wallet(price: int) -> None:
    instrument, wallet = an_instrument(), Wallet(Money(0))
    account = Account(instrument, 1, wallet, lambda: 10_000)
    other = Account(instrument, 1, wallet, lambda: price)
    other.book(Side.BUY, 1, 10_000, 0)
    gained = (price - 10_000) * instrument.rate_one
    assert account.backing == account.equity(10_000) == gained
    assert other.backing == 0, "its own profit or loss is not behind it"
    account.book(Side.SELL, 2, 10_000, 0)
    assert account.equity(price) == -gained
    assert account.backing == gained


@pytest.mark.parametrize("sign", [1, -1])
def test_a_way_that_ends_where_a_trailing_stop_stands_meets_it(sign: int) -> None:
    trail = Trail(is_long=sign > 0, distance=5, best=sign * 100)
    assert trail.met_on(sign * 100, sign * 95) == sign * 95


def test_maintenance_margin_is_that_of_the_tier_that_asks_for_most_and_none_is_asked_for_nothing() -> None:
    tiers = (
        RiskTier(Rate(500), Money(0), Money(1 << 100), 100),
        RiskTier(Rate(1_000), Money(2_500_000), Money(1 << 100), 50),
    )
    account = Account(an_instrument(tiers=tiers), 1, Wallet(Money(0)), lambda: 10_000)
    assert account.maintenance(10_000) == 0
    account.book(Side.SELL, 1, 10_000, 0)
    assert account.maintenance(4_000) == 4_000 * (500 + 55)
    assert account.maintenance(10_000) == 10_000 * (1_000 + 55) - 2_500_000
    untiered = Account(an_instrument(), 1, Wallet(Money(0)), lambda: 10_000)
    untiered.book(Side.BUY, 1, 10_000, 0)
    assert untiered.maintenance(10_000) == 0


def test_behind_an_isolated_position_stands_what_was_set_aside_and_no_more() -> None:
    wallet = Wallet(Money(10**15), MarginMode.ISOLATED)
    account = Account(an_instrument(), 4, wallet, lambda: 10_000)
    account.book(Side.BUY, 4, 10_000, 0)
    assert account.backing == 10_000 * an_instrument().rate_one
    account.set_leverage(2)
    assert account.backing == 20_000 * an_instrument().rate_one
