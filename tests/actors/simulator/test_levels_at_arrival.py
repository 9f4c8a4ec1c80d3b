"""An entry is rejected, and opens no position, if the market has passed an attached level before it arrives."""

from typing import Any

import pytest

from tests.actors.simulator.builders import BUY, SELL, Hand, coins, terms

ROWS = [(100, 100, 100, 100), (100, 100, 80, 80), (80, 80, 80, 80), (80, 80, 80, 80)]


@pytest.mark.parametrize(
    ("side", "levels"),
    [
        (BUY, {"stop_loss": 90}),  # already above the market
        (BUY, {"stop_loss": 70, "take_profit": 80}),  # reached
        (SELL, {"stop_loss": 80}),
        (SELL, {"stop_loss": 95, "take_profit": 90}),
    ],
)
def test_an_attached_level_beyond_the_market_at_arrival_is_refused(side: int, levels: dict[str, Any]) -> None:
    hand = Hand(ROWS)
    hand.close(2)
    (hand.buy if side == BUY else hand.sell)(1, protection=terms(**levels))
    assert hand.code == 10001
    hand.finish()
    assert hand.fills == []
    assert hand.venue.position_report().position.qty == 0


def test_levels_on_their_own_sides_of_the_market_are_taken_and_stand_from_the_fill_on() -> None:
    hand = Hand(ROWS)
    hand.close(2)
    hand.buy(1, protection=terms(stop_loss=70, take_profit=90))
    hand.until_fill()
    report = hand.venue.position_report()
    assert (report.position.qty, report.stop_loss, report.take_profit) == (coins(1), 7_000, 9_000)
