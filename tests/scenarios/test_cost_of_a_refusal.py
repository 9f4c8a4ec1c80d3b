"""A refused decision costs no more than an accepted one, counted in messages and in looks at the wake set."""

from typing import Any

import pytest

from actors.app.results.tape import RunTape
from actors.app.runs.run import run_backtest
from actors.app.settings import load_settings
from ideacards import wakes
from ideacards.loader import read_card
from runtime.kernel.cell import Cell
from tests.actors.builders import a_market, an_instrument

BARS = 400
CARD = """id: busy
thesis: It decides at every bar.
market: {{venue: bybit, category: linear, symbol: BTCUSDT}}
timeframes: {{exec: 1m}}
account: {{equity: 100000, leverage: 1}}
blocks:
  - id: entry
    cases:
      - when: {when}
        emit: {{action: enter_long, size: {size}, add: {add}}}
"""


def run(when: str, size: str, add: str = "true") -> tuple[RunTape, int]:
    """The tape, and how many messages were handled."""
    handled = 0

    def count(cell: Cell, message: Any) -> bool:
        nonlocal handled
        handled += 1
        return False

    card = read_card(CARD.format(when=when, size=size, add=add), "card.yaml")
    tape = run_backtest(card, a_market([(100, 101, 99, 100)] * BARS), an_instrument(), load_settings(), fault=count)
    return tape, handled


def test_a_refused_decision_takes_fewer_messages_than_an_accepted_one() -> None:
    refused, of_refused = run("close > 0", "{notional: 1}")
    accepted, of_accepted = run("close > 0", "{quantity: 0.1}")
    assert len(refused.refusals) == BARS
    assert len(accepted.orders) == BARS
    assert of_refused < of_accepted


def test_a_card_that_is_refused_at_every_bar_of_a_held_position_does_not_judge_its_bars_over_and_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = 0
    may_emit = wakes._may_emit

    def counted(*arguments: Any) -> Any:
        nonlocal looks
        looks += 1
        return may_emit(*arguments)

    monkeypatch.setattr(wakes, "_may_emit", counted)
    tape, _ = run("position.flat or close < position.entry_price * 2", "{quantity: 1}", add="false")
    assert len(tape.refusals) > BARS - 5
    assert looks < 20
