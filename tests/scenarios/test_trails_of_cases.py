"""A case sets and moves the position's trailing stop: by a distance, from a level on, along a feature."""

import pytest

from actors.orders import levels
from tests.scenarios.test_intents_of_cards import ENTRY, fills, run

START = ("position.flat and close > 100 and close < 101.5", ENTRY)
GAIN = "position.long and close > 102"


def trail(what: str, when: str = GAIN) -> tuple[str, str]:
    return when, f"{{action: trail, trail: {{{what}}}}}"


def test_a_trailing_stop_by_distance_follows_from_the_decision_on() -> None:
    result = run([START, trail("ticks: 15")], [100, 100, 101, 101, 103, 106, 107, 103, 103])
    assert fills(result)[1] == (7, "sell", "1", "105.6", "trailing_stop")  # the best price is 107.1, the wick's


def test_a_distance_in_percent_is_of_the_average_entry_price() -> None:
    result = run([START, trail("percent: 2")], [100, 100, 101, 101, 103, 106, 107, 103, 103])
    assert fills(result)[1][3:] == ("105", "trailing_stop")  # 2 % of 101 is 2.02, rounded up to 2.1


def test_saying_it_again_neither_restarts_nor_loosens_it() -> None:
    said = "ticks: 15, activation: {ticks: 40}"
    once, again = trail(said, "position.long and near(close, 103, percent=0.01)"), trail(said, "position.long")
    closes = [100, 100, 101, 101, 103, 104, 106, 104.8, 104.6, 103, 103]
    assert fills(run([START, once], closes))[1] == (8, "sell", "1", "104.6", "trailing_stop")
    assert fills(run([START, again], closes)) == fills(run([START, once], closes))


def test_an_activation_that_is_said_again_and_resets_the_stop_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: whatever is said is new."""
    monkeypatch.setattr(levels, "_trails_so_already", lambda *_: False)
    closes = [100, 100, 101, 101, 103, 105.1, 104.9, 104.8, 103, 103]
    planted = run([START, trail("ticks: 15, activation: {ticks: 40}", "position.long")], closes)
    monkeypatch.undo()
    assert fills(planted) != fills(run([START, trail("ticks: 15, activation: {ticks: 40}", "position.long")], closes))


def test_it_moves_from_a_distance_to_a_feature() -> None:
    along = trail("price: low2", "position.long and close > 105")
    result = run([START, trail("ticks: 15"), along], [100, 100, 101, 101, 103, 104, 106, 107, 105.3, 104, 101, 101])
    assert fills(result)[1][3:] == ("105.2", "stop_loss")  # by distance it would have been 105.6


def test_a_stop_loss_stays_where_it_is_under_a_trailing_stop() -> None:
    result = run([START, trail("ticks: 500")], [100, 100, 101, 101, 103, 60, 40, 40])
    assert fills(result)[1][3:] == ("53.1", "trailing_stop")


def test_without_a_position_it_is_refused() -> None:
    result = run([trail("ticks: 5", "close > 100")], [100, 100, 101, 100, 100])
    assert result.object["refusals"] == {"NO_POSITION": 1}
