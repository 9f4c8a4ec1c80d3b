"""A resting entry that expires when a condition holds: judged at closes after the deciding one, of the account too."""

import pytest

from actors.strategy.watching import Watcher
from ideacards.blocks import StrategyBlocksExecutor
from ideacards.feeds import Feeds
from ideacards.loader import read_card
from ideacards.position_view import PositionView
from tests.actors.builders import a_market
from tests.ideacards.builders import a_card_text
from tests.scenarios.test_intents_of_cards import fills, orders, run

WHEN = "position.flat and close > 100 and close < 101.5"


def an_entry(ends: str, ticks: int = -20) -> tuple[str, str]:
    order = f"{{type: limit, price: {{ref: close, offset_ticks: {ticks}}}, expires: {{when: '{ends}'}}}}"
    return WHEN, f"{{action: enter_long, size: {{quantity: 1}}, order: {order}}}"


def test_it_is_taken_back_at_the_first_close_at_which_the_condition_holds() -> None:
    closes = [100, 100, 101, 101.5, 103, 103.5, 98, 98]
    assert orders(run([an_entry("close > 102")], closes)) == [("limit", "cancelled")]
    assert [fill[:4] for fill in fills(run([an_entry("close > 104")], closes))] == [(6, "buy", "1", "99")]


def test_a_condition_that_holds_at_the_deciding_close_is_judged_at_the_next_one() -> None:
    result = run([an_entry("close > 100", -5)], [100, 100, 101, 100, 100])
    assert [fill[:4] for fill in fills(result)] == [(3, "buy", "1", "100.5")]


def test_a_condition_may_look_back_and_read_the_account() -> None:
    closes = [100, 100, 100, 100, 101, 101.5, 101.6, 101.7, 101.8, 98, 98]
    assert orders(run([an_entry("rising(close, 3)")], closes)) == [("limit", "cancelled")]
    assert orders(run([an_entry("equity < 1")], closes)) == [("limit", "filled")]


def test_an_unknown_condition_does_not_hold() -> None:
    assert orders(run([an_entry("position.best_price > 1")], [100, 100, 101, 101.5, 103, 98])) == [("limit", "filled")]


def test_a_close_that_is_not_watched_for_it_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: no bar is asked for."""
    monkeypatch.setattr(Watcher, "wakes_from", lambda *_: None)
    assert orders(run([an_entry("close > 102")], [100, 100, 101, 101.5, 103, 103.5, 98, 98])) != [
        ("limit", "cancelled")
    ]


def test_an_order_of_a_condition_that_the_card_has_no_more_has_ended() -> None:
    card = read_card(a_card_text(), "card.yaml")
    executor = StrategyBlocksExecutor(card, Feeds.build(card, a_market([[100, 101, 99, 100]] * 20)))
    assert executor.has_ended("close > 102", 19, PositionView())
