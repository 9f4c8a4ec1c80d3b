"""A bound on slippage: what trades at market and would pay more does not fill, also a stop."""

from typing import Any

import pytest

from actors.model.order import OrderType
from actors.model.result import VenueCode
from tests.actors.simulator.builders import FLAT_BAR, Hand

GAP = (106, 106, 106, 106)
CRASH = (80, 80, 80, 80)


@pytest.mark.parametrize(
    ("bound", "fills"), [({"slippage_tolerance_ticks": 59}, 0), ({"slippage_tolerance_ticks": 60}, 1), ({}, 1)]
)
def test_a_market_order_fills_at_most_so_far_from_where_it_was_sent(bound: dict[str, Any], fills: int) -> None:
    hand = Hand([FLAT_BAR, GAP], **bound)
    hand.close()
    link_id = hand.buy()
    hand.finish()
    assert len(hand.fills) == fills
    if not fills:
        assert hand.reason_of(link_id) == "EC_NoImmediateQtyToFill"


@pytest.mark.parametrize(("share", "fills"), [((1, 100), 0), ((1, 10), 1)])
def test_a_position_stop_may_fail_to_fill(share: tuple[int, int], fills: int) -> None:
    hand = Hand([FLAT_BAR, (100, 100, 100, 100), CRASH, CRASH], slippage_tolerance_share=share)
    hand.buy()
    hand.close()
    hand.protect(84)
    hand.finish()
    assert len(hand.fills) == 1 + fills
    assert hand.held == (0 if fills else 1)


@pytest.mark.parametrize(
    ("fields", "fills"),
    [
        ({"slippage_tolerance_ticks": 59}, 0),
        ({"slippage_tolerance_ticks": 60}, 1),
        ({"slippage_tolerance_bp": 599}, 0),
        ({"slippage_tolerance_bp": 600}, 1),
    ],
)
def test_an_order_may_bring_its_own_bound(fields: dict[str, Any], fills: int) -> None:
    hand = Hand([FLAT_BAR, GAP], slippage_tolerance_ticks=1)
    hand.close()
    hand.buy(**fields)
    hand.finish()
    assert len(hand.fills) == fills


@pytest.mark.parametrize(
    "fields",
    [
        {"slippage_tolerance_ticks": 0},
        {"slippage_tolerance_ticks": 10_001},
        {"slippage_tolerance_bp": 1_001},
        {"slippage_tolerance_ticks": 5, "slippage_tolerance_bp": 5},
        {"slippage_tolerance_ticks": 5, "price": 100},
        {"slippage_tolerance_ticks": 5, "trigger": 101},
    ],
)
def test_a_bound_out_of_range_or_place_is_refused(fields: dict[str, Any]) -> None:
    hand = Hand([FLAT_BAR] * 2)
    hand.buy(type_=OrderType.MARKET, **fields)
    assert hand.code == VenueCode.PARAMETER
