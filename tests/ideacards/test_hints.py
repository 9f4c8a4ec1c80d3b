"""A hint is the nearest word of the same meaning: it never changes an amount of money, a side, a price or a market."""

import pytest

from ideacards.errors import CardError, nearest
from ideacards.loader import read_card

SIZES = ("notional", "quantity", "equity_percent")


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("risk_percent", SIZES),
        ("available_percent", SIZES),
        ("inverse", ("linear",)),
        ("spot", ("option", "linear")),
        ("enter_long", ("enter_short", "exit")),
        ("crosses_below", ("crosses_above",)),
        ("stop", ("market", "limit")),
        ("take_loss", ("take_profit",)),
        ("offset_bp", ("offset_percent", "offset_ticks")),
        ("lowest", ("highest", "sma")),
        ("fast", ("flat", "length")),
        ("max", ("min", "abs")),
    ],
)
def test_no_hint_changes_the_meaning(word: str, known: tuple[str, ...]) -> None:
    assert "did you mean" not in nearest(word, known)
    assert nearest(word, known) == f"known: {', '.join(known)}"


@pytest.mark.parametrize(
    ("word", "right"),
    [
        ("notionl", "notional"),
        ("equity_percnt", "equity_percent"),
        ("enter_shot", "enter_short"),
        ("stop_los", "stop_loss"),
    ],
)
def test_a_slip_of_the_pen_still_gets_its_word(word: str, right: str) -> None:
    known = ("notional", "equity_percent", "enter_long", "enter_short", "stop_loss", "take_profit")
    assert nearest(word, known) == f"did you mean `{right}`?"


def test_a_card_with_a_size_by_risk_is_not_led_to_a_share_of_equity() -> None:
    text = """\
id: x
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 1000}
blocks:
- id: a
  cases:
  - when: position.flat
    emit: {action: enter_long, size: {risk_percent: 1}}
"""
    with pytest.raises(CardError) as caught:
        read_card(text, "x.yaml")
    assert not any("did you mean" in problem.text() for problem in caught.value.problems)
    assert read_card(text.replace("risk_percent", "equity_percent"), "x.yaml").id == "x"
