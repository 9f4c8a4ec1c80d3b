"""The vectors of the venue's rules: a long from before the bar, a target, a stop, one bar, and which comes first."""

import pytest

from actors.simulator.prices.path import PathPolicy
from tests.actors.simulator.builders import Hand

BAR_1 = (100, 112, 97, 104)
BAR_2 = (100, 103, 90, 102)
GAP = (90, 91, 89, 90.5)


@pytest.mark.parametrize(
    ("prior", "bar", "target", "stop", "policy", "price", "origin"),
    [
        (100, BAR_1, 110, 98, "nearest_extreme", 98, "stop_loss"),
        (100, BAR_1, 110, 98, "ohlc", 110, "take_profit"),
        (100, BAR_1, 110, 98, "olhc", 98, "stop_loss"),
        (100, BAR_2, 102.5, 95, "nearest_extreme", 102.5, "take_profit"),
        (100, BAR_2, 102.5, 95, "ohlc", 102.5, "take_profit"),
        (100, BAR_2, 102.5, 95, "olhc", 95, "stop_loss"),
        (99.5, GAP, 110, 98, "nearest_extreme", 90, "stop_loss"),
        (99.5, GAP, 110, 98, "ohlc", 90, "stop_loss"),
        (100, BAR_1, 110, 98, "pessimistic", 98, "stop_loss"),
        (100, BAR_2, 102.5, 95, "pessimistic", 95, "stop_loss"),
        (99.5, GAP, 110, 98, "pessimistic", 90, "stop_loss"),
        (100, BAR_1, 110, 98, "optimistic", 110, "take_profit"),
        (100, BAR_2, 102.5, 95, "optimistic", 102.5, "take_profit"),
        (99.5, GAP, 110, 98, "optimistic", 90, "stop_loss"),
    ],
)
def test_a_bar_that_holds_stop_and_target_is_told_by_its_path(
    prior: float, bar: tuple[float, ...], target: float, stop: float, policy: str, price: float, origin: str
) -> None:
    hand = Hand([(prior,) * 4, (prior,) * 4, bar], path=PathPolicy(policy))
    hand.close()
    hand.buy()
    hand.until_fill()
    hand.protect(stop, target)
    hand.finish()
    assert hand.told() == [("buy", 1, prior, False, "user"), ("sell", 1, price, False, origin)]


@pytest.mark.parametrize(("policy", "price"), [("pessimistic", 98), ("optimistic", 110)])
def test_a_position_of_that_very_bar_has_its_path_chosen_too(policy: str, price: float) -> None:
    """Bought at the open and protected there: the bar has not gone a step, so its way is still open."""
    hand = Hand([(100,) * 4, BAR_1], path=PathPolicy(policy))
    hand.close()
    hand.buy()
    hand.until_fill()
    hand.protect(98, 110)
    hand.finish()
    assert hand.told()[1][2] == price
    assert hand.venue.market.contested == {1: True}


def test_a_bar_whose_way_makes_no_difference_is_not_contested() -> None:
    hand = Hand([(100,) * 4, (100, 101, 96, 100)], path=PathPolicy.PESSIMISTIC)
    hand.buy(price=98)
    hand.finish()
    assert hand.held == 1
    assert not any(hand.venue.market.contested.values())


@pytest.mark.parametrize(
    ("prior", "bar", "target", "stop", "price", "origin"),
    [
        (100, (100, 103, 88, 96), 90, 102, 102, "stop_loss"),
        (100, (100, 110, 97, 98), 97.5, 105, 97.5, "take_profit"),
        (100.5, (110, 111, 109, 109.5), 90, 102, 110, "stop_loss"),
    ],
)
def test_a_short_is_the_mirror_image(
    prior: float, bar: tuple[float, ...], target: float, stop: float, price: float, origin: str
) -> None:
    hand = Hand([(prior,) * 4, (prior,) * 4, bar])
    hand.close()
    hand.sell()
    hand.until_fill()
    hand.protect(stop, target)
    hand.finish()
    assert hand.told()[1:] == [("buy", 1, price, False, origin)]
