"""Liquidation: where, by an independent equation; what goes first; and who bears what a gap leaves."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from actors.model.fixed import Money, Qty, Rate
from actors.model.instrument import RiskTier
from actors.model.order import VenueStatus
from actors.model.origins import Origin
from actors.model.position import Position
from actors.simulator.config import MarginMode
from actors.simulator.margin.liquidation import bankruptcy_price, liquidation_level
from tests.actors.builders import an_instrument
from tests.actors.simulator.builders import FLAT_BAR, Hand, px

RATE = Rate(500)  # 0.5 %
PLACE = an_instrument(tiers=(RiskTier(RATE, Money(0), Money(1 << 90), 100),))
ONE = 10**5
UNIT = 10**PLACE.money_digits


def risk_tiers(lines: tuple[tuple[Rate, Money], ...]) -> tuple[RiskTier, ...]:
    return tuple(RiskTier(rate, deduction, Money(1 << 90), 100) for rate, deduction in lines)


def equity(position: Position, wallet: int, price: Fraction) -> Fraction:
    """In Money, at a price in cents."""
    return wallet + position.qty * price * PLACE.rate_one - position.cost


def maintenance(position: Position, price: Fraction, tiers: tuple[tuple[Rate, Money], ...]) -> Fraction:
    """The largest of the tiers' margins, with the fee to close."""
    value = abs(position.qty) * price * PLACE.rate_one
    return max(value * Fraction(rate + PLACE.taker_rate, ONE) - deduction for rate, deduction in tiers)


held = st.integers(-50_000, 50_000).filter(bool)
tiers = st.sampled_from(
    [((RATE, Money(0)),), ((RATE, Money(0)), (Rate(1000), Money(UNIT * 50))), ((Rate(2500), Money(0)),)]
)


@given(held, st.integers(1_000, 100_000), st.integers(1, 3_000), tiers)
def test_at_the_level_equity_has_come_to_maintenance_and_a_cent_before_it_has_not(
    qty: int, entry: int, coins: int, levels: tuple[tuple[Rate, Money], ...]
) -> None:
    instrument = an_instrument(tiers=risk_tiers(levels))
    position = Position(Qty(qty), Money(qty * entry * instrument.rate_one))
    wallet = coins * UNIT // 10
    level = liquidation_level(position, wallet, instrument)
    assume(level is not None)
    assert level is not None
    before = level + 1 if qty > 0 else level - 1
    assert equity(position, wallet, Fraction(level)) <= maintenance(position, Fraction(level), levels)
    if before > 0:
        assert equity(position, wallet, Fraction(before)) > maintenance(position, Fraction(before), levels)


@given(held, st.integers(1_000, 100_000), st.integers(1, 3_000))
def test_at_the_bankruptcy_price_nothing_is_left_and_no_debt(qty: int, entry: int, coins: int) -> None:
    position = Position(Qty(qty), Money(qty * entry * PLACE.rate_one))
    wallet = coins * UNIT // 10
    price = bankruptcy_price(position, wallet, PLACE)
    left = equity(position, wallet, Fraction(price)) - PLACE.fee(price, qty, PLACE.taker_rate)
    if price > 1:
        assert left >= 0
        cent = abs(qty) * PLACE.rate_one * Fraction(ONE + PLACE.taker_rate, ONE)
        assert left <= cent


def test_a_long_without_leverage_is_never_liquidated_and_no_tier_is_no_level() -> None:
    position = Position(Qty(1000), Money(1000 * 10_000 * PLACE.rate_one))
    assert liquidation_level(position, 100 * UNIT, PLACE) is None
    assert liquidation_level(position, 1 * UNIT, an_instrument()) is None
    assert liquidation_level(Position(), 1 * UNIT, PLACE) is None


def a_long(*bars: tuple[float, ...], equity: int = 100, qty: float = 9) -> Hand:
    """Nine coins at 100 with a hundred of equity and leverage ten."""
    hand = Hand([FLAT_BAR, FLAT_BAR, *bars], instrument=PLACE, equity=equity, leverage=10)
    hand.close()
    hand.buy(qty)
    hand.until_fill()
    return hand


def test_the_path_meets_the_level_as_it_meets_a_stop() -> None:
    hand = a_long((100, 100, 85, 90), (90, 90, 90, 90))
    hand.finish()
    (_, fill) = hand.fills
    assert fill.origin is Origin.LIQUIDATION
    level = liquidation_level(Position(Qty(9000), Money(9000 * 10_000 * PLACE.rate_one)), _wallet_after_entry(), PLACE)
    assert fill.price == level
    assert hand.held == 0
    assert hand.venue.equity_report(hand.now).wallet > 0


def _wallet_after_entry() -> int:
    return int(100 * UNIT - PLACE.fee(10_000, 9000, PLACE.taker_rate))


def test_all_orders_go_first() -> None:
    hand = a_long((100, 100, 85, 90))
    resting = hand.buy(1, price=50, reduce_only=False)
    hand.protect(80, 120)
    hand.finish()
    assert hand.story_of(resting)[-1] == VenueStatus.CANCELLED.value
    assert hand.reason_of(resting) == "CancelByPrepareLiq"
    assert [fill.origin for fill in hand.fills] == [Origin.USER, Origin.LIQUIDATION]
    report = hand.venue.position_report()
    assert (report.stop_loss, report.take_profit) == (None, None)


def test_beyond_the_bankruptcy_price_the_venue_bears_the_loss() -> None:
    hand = a_long((70, 71, 69, 70))
    hand.finish()
    assert hand.fills[1].price > px(70)
    wallet = hand.venue.equity_report(hand.now).wallet
    assert 0 <= wallet < UNIT // 10


def test_a_stop_nearer_than_the_level_is_met_first() -> None:
    hand = a_long((100, 100, 85, 90))
    hand.protect(95)
    hand.finish()
    assert [fill.origin for fill in hand.fills] == [Origin.USER, Origin.STOP_LOSS]


def test_a_short_is_liquidated_by_a_rise() -> None:
    hand = Hand([FLAT_BAR, (100, 150, 100, 140)], instrument=PLACE, equity=100, leverage=10)
    hand.close()
    hand.sell(9)
    hand.finish()
    assert [fill.origin for fill in hand.fills] == [Origin.USER, Origin.LIQUIDATION]
    assert px(105) < hand.fills[1].price < px(112)


@pytest.mark.parametrize("more", [0, 4])
def test_the_level_follows_the_account(more: float) -> None:
    """A part closed at a loss, or more bought: what counts is what is held and left."""
    hand = a_long((100, 100, 96, 96), (96, 96, 80, 82), qty=4)
    hand.close(2)
    if more:
        hand.buy(more)
    else:
        hand.exit(1)
    hand.finish()
    told = [fill for fill in hand.fills if fill.origin is Origin.LIQUIDATION]
    assert bool(told) is bool(more)


def test_whoever_is_at_the_brink_ends_without_debt_whatever_the_gap() -> None:
    for low in (88, 80, 60, 20):
        hand = a_long((low, low, low, low))
        hand.finish()
        assert hand.venue.equity_report(hand.now).equity >= 0
        assert hand.held == 0


@pytest.mark.parametrize(("fee_rate", "left"), [(0, 99_900), (55, 99_899.45)])
def test_an_isolated_position_is_settled_at_its_bankruptcy_price(fee_rate: int, left: float) -> None:
    """10 coins at 100, leverage 10: all of the margin is lost, whatever the mark leaves of it."""
    instrument = an_instrument(tiers=PLACE.tiers, taker_rate=Rate(fee_rate))
    hand = Hand(
        [FLAT_BAR, (100, 100, 85, 90)],
        instrument=instrument,
        equity=100_000,
        leverage=10,
        margin_mode=MarginMode.ISOLATED,
    )
    hand.buy(10)
    hand.finish()
    (_, fill) = hand.fills
    assert (fill.origin, hand.held) == (Origin.LIQUIDATION, 0)
    assert fill.price == px(90 if fee_rate == 0 else 90.05)
    wallet = hand.venue.equity_report(hand.now).wallet / 10**instrument.money_digits
    assert 0 <= wallet - left < 0.1  # the bankruptcy price is rounded to a cent, on the side that leaves no debt
