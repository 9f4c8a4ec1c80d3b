"""What a taker pays beyond the market: in ticks, in shares of the price, and never beyond his own limit."""

import pytest

from actors.model.order import TimeInForce
from actors.simulator.matching.arithmetic import slipped_price
from tests.actors.simulator.builders import FLAT_BAR, Hand, px


@pytest.mark.parametrize(
    ("side", "ticks", "share", "price"),
    [
        (1, 0, (0, 1), 10_000),
        (1, 2, (0, 1), 10_020),
        (-1, 2, (0, 1), 9_980),
        (1, 0, (1, 10_000), 10_010),  # 1 bp of 10 000 is 1: a whole tick of 10
        (1, 1, (15, 10_000), 10_030),  # 15 bp are 15: two ticks, and one more
        (-1, 0, (3, 2), 10),  # a sale keeps a tick
    ],
)
def test_slippage_is_rounded_up_to_the_tick_against_the_taker(
    side: int, ticks: int, share: tuple[int, int], price: int
) -> None:
    assert slipped_price(10_000, side, ticks, share, 10) == price


def test_market_orders_and_stops_slip_and_makers_do_not() -> None:
    hand = Hand([FLAT_BAR, (100, 103, 95, 100), FLAT_BAR], slippage_ticks=3)
    hand.buy(price=99, qty=1)
    hand.buy(qty=1)
    hand.sell(trigger=97, rise=False, qty=2)
    hand.finish()
    assert [(fill[2], fill[3]) for fill in hand.told()] == [(100.3, False), (99, True), (96.7, False)]


def test_a_limit_that_takes_pays_at_most_its_limit() -> None:
    hand = Hand([FLAT_BAR] * 3, slippage_ticks=5)
    hand.buy(price=100.2, time_in_force=TimeInForce.IOC)
    hand.buy(price=101, time_in_force=TimeInForce.IOC)
    hand.finish()
    assert [fill.price for fill in hand.fills] == [px(100.2), px(100.5)]
