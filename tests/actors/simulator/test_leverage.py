"""Leverage, risk tiers and isolated margin: what they allow, what they set aside, and what comes back."""

from decimal import Decimal
from typing import Any

import pytest

from actors.model.fixed import Money, Rate
from actors.model.instrument import RiskTier
from actors.model.origins import Origin
from actors.model.result import VenueCode
from actors.simulator.config import MarginMode
from tests.actors.builders import an_instrument
from tests.actors.simulator.builders import FLAT_BAR, Hand

UNIT = 10**10
TIERS = (
    RiskTier(Rate(500), Money(0), Money(1_000 * UNIT), 50),
    RiskTier(Rate(1000), Money(5 * UNIT), Money(3_000 * UNIT), 20),
    RiskTier(Rate(5000), Money(125 * UNIT), Money(5_000 * UNIT), 5),
)


def tiered(equity: int = 10_000, rows: Any = (), **config: Any) -> Hand:
    return Hand([FLAT_BAR, *(rows or [FLAT_BAR] * 3)], instrument=an_instrument(tiers=TIERS), equity=equity, **config)


@pytest.mark.parametrize(
    ("leverage", "qty", "code"),
    [
        (50, 10, 0),
        (50, 10.001, VenueCode.VALUE_LIMIT),
        (20, 30, 0),
        (20, 30.001, VenueCode.VALUE_LIMIT),
        (5, 50, 0),
        (5, 50.001, VenueCode.VALUE_LIMIT),
    ],
)
def test_a_leverage_limits_the_value_of_a_position(leverage: int, qty: float, code: int) -> None:
    hand = tiered(leverage=leverage)
    hand.buy(qty)
    assert hand.code == code


def test_resting_orders_of_the_side_and_the_position_count_and_what_closes_does_not() -> None:
    hand = tiered(leverage=50)
    hand.buy(6)
    hand.until_fill()
    hand.buy(price=100, qty=3)
    hand.buy(price=99.9, qty=1.002)
    assert hand.code == VenueCode.VALUE_LIMIT
    hand.sell(16)
    assert hand.code == 0


def test_leverage_is_set_within_its_range() -> None:
    hand = tiered(leverage=10)
    assert hand.lever(10).code == VenueCode.LEVERAGE_UNCHANGED
    assert hand.lever(0).code == VenueCode.PARAMETER
    assert hand.lever(101).code == VenueCode.LEVERAGE_LIMIT
    assert hand.lever(20).code == 0
    assert hand.venue.position_report().leverage == 20
    hand.buy(30)
    hand.until_fill()
    assert hand.lever(21).code == VenueCode.LEVERAGE_LIMIT


def test_less_leverage_needs_its_margin() -> None:
    hand = tiered(equity=300, leverage=10)
    hand.buy(20)
    hand.until_fill()
    assert hand.lever(5).code == VenueCode.INSUFFICIENT_MARGIN
    assert hand.venue.position_report().leverage == 10
    assert hand.lever(8).code == 0


def free(hand: Hand) -> Decimal:
    return Decimal(hand.venue.equity_report(hand.now).available).scaleb(-hand.instrument.money_digits)


def test_isolated_margin_is_set_aside_at_each_entry_and_comes_back_by_share() -> None:
    rows = [(110, 110, 110, 110)] * 3
    hand = tiered(equity=1_000, rows=rows, leverage=10, margin_mode=MarginMode.ISOLATED)
    hand.buy(10)
    hand.until_fill()
    fees = Decimal("0.55")
    assert free(hand) == 1_000 - fees - 100
    hand.close()
    hand.buy(10)
    hand.until_fill()
    fees += Decimal("0.605")
    assert free(hand) == 1_000 - fees - 100 - 110
    hand.exit(5)
    hand.close()
    hand.close()
    fees += Decimal("0.3025")
    assert free(hand) == 1_000 - fees + 25 - Decimal("157.5")


def test_isolated_liquidation_loses_at_most_what_was_set_aside() -> None:
    hand = tiered(
        equity=1_000,
        rows=[FLAT_BAR, (60, 60, 60, 60)],
        leverage=10,
        margin_mode=MarginMode.ISOLATED,
    )
    hand.buy(10)
    hand.finish()
    assert hand.fills[1].origin is Origin.LIQUIDATION
    assert 899 < free(hand) < 900


def test_another_leverage_moves_an_isolated_liquidation() -> None:
    rows = [FLAT_BAR, (100, 100, 85, 85), FLAT_BAR]
    for leverage, count in ((10, 2), (5, 1)):
        hand = tiered(equity=1_000, rows=rows, leverage=10, margin_mode=MarginMode.ISOLATED)
        hand.buy(10)
        hand.until_fill()
        hand.lever(leverage)
        hand.finish()
        assert len(hand.fills) == count


def test_a_flip_sets_aside_for_the_new_side_alone() -> None:
    hand = tiered(equity=1_000, leverage=10, margin_mode=MarginMode.ISOLATED)
    hand.buy(10)
    hand.until_fill()
    hand.sell(15)
    hand.finish()
    assert free(hand) == 1_000 - Decimal("0.00055") * 2_500 - 50
