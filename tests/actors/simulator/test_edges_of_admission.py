"""What is rejected and what is just accepted, at the limits of each rule."""

from typing import Any

import pytest

from actors.model.backend import SetTradingStop
from actors.model.fixed import Money, Rate
from actors.model.instrument import RiskTier
from actors.model.order import Side
from actors.model.result import VenueCode
from actors.simulator.config import PriceBand
from tests.actors.builders import an_instrument
from tests.actors.simulator.builders import BUY, FLAT_BAR, SELL, Hand, px, terms

UNIT = 10**10
TIERS = (
    RiskTier(Rate(500), Money(0), Money(1_000 * UNIT), 50),
    RiskTier(Rate(1_000), Money(5 * UNIT), Money(3_000 * UNIT), 20),
)


def holding(qty: float = 10, bars: int = 3, **config: Any) -> Hand:
    hand = Hand([FLAT_BAR] * bars, **config)
    hand.buy(qty)
    hand.until_fill()
    return hand


def test_an_activation_price_without_a_distance_is_refused() -> None:
    hand = holding()
    hand.protect(90)
    protection = hand.venue.position_report()
    assert _trail_without_distance(hand) == VenueCode.PARAMETER
    assert hand.venue.position_report() == protection


def _trail_without_distance(hand: Hand) -> int:
    return hand.venue.set_trading_stop(SetTradingStop("BTCUSDT", px(90), None, None, px(110)), hand.now).code


def test_a_change_of_the_price_keeps_the_stop_of_an_order_and_must_suit_it() -> None:
    hand = Hand([FLAT_BAR, (100, 100, 92, 93)])
    hand.close()
    link_id = hand.buy(price=95, protection=terms(stop_loss=90))
    assert hand.amend(link_id, price=90).code == VenueCode.PARAMETER
    assert hand.amend(link_id, price=94).code == 0
    hand.finish()
    assert hand.held == 1
    assert hand.venue.position_report().stop_loss == px(90)


def test_levels_with_a_trigger_are_judged_at_the_price_at_which_its_order_will_trade() -> None:
    for stop, price, code in (
        (105, None, 0),
        (110, None, VenueCode.PARAMETER),
        (107, 108, 0),
        (109, 108, VenueCode.PARAMETER),
    ):
        hand = Hand([FLAT_BAR] * 2)
        hand.buy(trigger=110, protection=terms(stop_loss=stop), **({} if price is None else {"price": price}))
        assert hand.code == code


def test_an_activation_price_is_on_the_tick_and_a_part_may_be_one_step() -> None:
    hand = holding()
    assert hand.trail(5, active=110.05).code == VenueCode.PARAMETER
    assert hand.trail(5, active=110.1).code == 0
    assert hand.add(0.001, stop_loss=90).code == 0


def test_a_part_is_in_whole_steps() -> None:
    hand = holding(instrument=an_instrument(step=10))
    assert hand.add(0.015, stop_loss=90).code == VenueCode.PARAMETER
    assert hand.add(0.02, stop_loss=90).code == 0


def test_a_pair_counts_twice_among_the_twenty_parts() -> None:
    hand = holding()
    for number in range(19):
        assert hand.add(0.1, stop_loss=90 - number / 10).code == 0
    assert hand.add(0.1, stop_loss=80, take_profit=120).code == VenueCode.TOO_MANY_PROTECTIONS
    assert hand.add(0.1, take_profit=120).code == 0
    assert hand.add(0.1, stop_loss=80, take_profit=120).code == VenueCode.TOO_MANY_PROTECTIONS


def test_the_highest_leverage_of_an_instrument_is_taken() -> None:
    hand = Hand([FLAT_BAR] * 2)
    assert hand.lever(101).code == VenueCode.LEVERAGE_LIMIT
    assert hand.lever(100).code == 0


def test_a_leverage_whose_risk_limit_the_position_just_fills_is_taken() -> None:
    for qty, code in ((30.0, 0), (30.001, VenueCode.LEVERAGE_LIMIT)):
        tiers = (*TIERS, RiskTier(Rate(5_000), Money(125 * UNIT), Money(5_000 * UNIT), 5))
        hand = holding(qty, instrument=an_instrument(tiers=tiers), equity=10_000, leverage=5)
        assert hand.lever(20).code == code


@pytest.mark.parametrize("sign", [1, -1])
def test_a_level_a_cent_from_the_market_is_on_its_side_and_one_at_the_market_is_not(sign: int) -> None:
    last = 100 + 0.01 * sign
    for level, code in ((100.0, 0), (100 + 0.1 * sign, VenueCode.PARAMETER)):
        hand = Hand([(last, last, last, last)] * 2)
        hand.close()
        hand.send(BUY if sign > 0 else SELL, protection=terms(stop_loss=level))
        assert hand.code == code
    last = 100 - 0.01 * sign
    for level, code in ((100.0, 0), (100 - 0.1 * sign, VenueCode.PARAMETER)):
        hand = Hand([(last, last, last, last)] * 2)
        hand.close()
        hand.send(BUY if sign > 0 else SELL, protection=terms(take_profit=level))
        assert hand.code == code
    for at_market in (terms(stop_loss=100), terms(take_profit=100)):
        hand = Hand([FLAT_BAR] * 2)
        hand.send(BUY if sign > 0 else SELL, protection=at_market)
        assert hand.code == VenueCode.PARAMETER


@pytest.mark.parametrize("limit", [{"stop_loss_limit_price": 89}, {"take_profit_limit_price": 112}])
def test_a_limit_price_of_a_level_needs_a_part_and_the_tick(limit: dict[str, Any]) -> None:
    hand = Hand([FLAT_BAR] * 2)
    hand.buy(protection=terms(stop_loss=90, take_profit=110, **limit))
    assert hand.code == VenueCode.PARAMETER
    off_tick: dict[str, Any] = {name: level + 0.05 for name, level in limit.items()}
    hand.buy(protection=terms(stop_loss=90, take_profit=110, is_partial=True, **off_tick))
    assert hand.code == VenueCode.PARAMETER
    hand.buy(protection=terms(stop_loss=90, take_profit=110, is_partial=True, **limit))
    assert hand.code == 0


def test_the_smallest_price_of_a_grid_may_be_named() -> None:
    hand = Hand([FLAT_BAR] * 2, instrument=an_instrument(tick=1))
    hand.buy(600, price=0.01)
    assert hand.code == 0


def test_a_reduce_only_order_needs_no_margin_however_large_it_is() -> None:
    hand = holding(9, equity=1_000)
    hand.exit(25, price=120)
    assert hand.code == 0


def test_a_change_of_a_partly_filled_order_needs_margin_for_what_is_left_of_it() -> None:
    """One coin of nine has come, worth 100; of 1005 the rest is free for 9.5 at 95, and no step more."""
    instrument = an_instrument(taker_rate=Rate(0), maker_rate=Rate(0))
    rows = [FLAT_BAR, (100, 100, 90, 100), FLAT_BAR]
    hand = Hand(rows, instrument=instrument, equity=1_000, volumes=[10] * 3, volume_share=(1, 10))
    link_id = hand.buy(9, price=95)
    hand.close(2)
    assert hand.held == 1
    assert hand.amend(link_id, qty=10.527).code == VenueCode.INSUFFICIENT_MARGIN
    assert hand.amend(link_id, qty=10.526).code == 0


# -- the price band ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "named"), [(BUY, "beyond the highest, 101"), (SELL, "beyond the lowest, 99")])
def test_a_band_without_a_second_share_is_that_of_the_first(side: Side, named: str) -> None:
    instrument = an_instrument(price_limit_ratio_x=Rate(1_000), price_limit_ratio_y=Rate(0))
    hand = Hand([FLAT_BAR] * 2, instrument=instrument, price_band=PriceBand.REJECT)
    sign = 1 if side is BUY else -1
    hand.send(side, price=100 + sign)
    assert hand.code == 0
    hand.send(side, price=100 + 1.1 * sign)
    assert hand.code == VenueCode.PRICE_BAND
    assert hand.last is not None
    assert named in hand.last.reason


# -- an order's own bound on slippage ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bound", "is_taken"),
    [
        ({"slippage_tolerance_ticks": 0}, False),
        ({"slippage_tolerance_ticks": 1}, True),
        ({"slippage_tolerance_ticks": 10_000}, True),
        ({"slippage_tolerance_ticks": 10_001}, False),
        ({"slippage_tolerance_bp": 0}, False),
        ({"slippage_tolerance_bp": 1}, True),
        ({"slippage_tolerance_bp": 1_000}, True),
        ({"slippage_tolerance_bp": 1_001}, False),
    ],
)
def test_a_bound_of_an_order_lies_within_the_venues_range(bound: dict[str, int], is_taken: bool) -> None:
    hand = Hand([FLAT_BAR] * 2)
    hand.buy(**bound)
    assert hand.code == (0 if is_taken else VenueCode.PARAMETER)
