"""A ladder of entries in the whole tree: what fills, what becomes of the rest, how each order follows and expires."""

from decimal import Decimal

import pytest

from actors.orders.ladders import Ladders
from tests.scenarios.test_intents_of_cards import fills, orders, run

WHEN = "position.flat and close > 100 and close < 101.5"
FAR = "{price: {ref: close, offset_percent: -20}}"


def a_ladder(rungs: str, more: str = "", levels: str = "stop_loss: {percent: 50}", size: str = "1") -> tuple[str, str]:
    order = f"order: {{type: limit, ladder: [{rungs}]{more}}}"
    return WHEN, f"{{action: enter_long, size: {{quantity: {size}}}, {order}, {levels}}}"


TWO = "{weight: 3, price: {ref: close, offset_ticks: -5}}, {weight: 1, price: {ref: close, offset_ticks: -10}}"


def test_each_order_fills_at_its_own_price_for_its_share() -> None:
    result = run([a_ladder(TWO)], [100, 100, 101, 101, 99, 99])
    assert fills(result) == [(4, "buy", "0.75", "100.5", "user"), (4, "buy", "0.25", "100", "user")]
    assert orders(result) == [("limit", "filled")] * 2


def test_levels_are_measured_from_the_newest_fill() -> None:
    result = run([a_ladder(TWO, levels="stop_loss: {ticks: 8}")], [100, 100, 101, 101, 100.4, 100.4, 99.9, 99, 99])
    assert [fill[2:] for fill in fills(result)] == [
        ("0.75", "100.5", "user"),
        ("0.25", "100", "user"),
        ("1", "99.2", "stop_loss"),  # 100.5 less 0.8 would have been 99.7
    ]


def test_what_rests_of_a_ladder_is_cancelled_when_its_position_has_ended() -> None:
    near = f"{{price: {{ref: close, offset_ticks: -5}}}}, {FAR}"
    result = run([a_ladder(near, levels="take_profit: {ticks: 8}")], [100, 100, 101, 101, 100.3, 102, 102, 80, 80])
    assert [fill[2:] for fill in fills(result)] == [("0.5", "100.5", "user"), ("0.5", "101.3", "take_profit")]
    assert orders(result) == [("limit", "filled"), ("limit", "cancelled")]


def test_a_ladder_that_is_forgotten_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: nothing is left over."""
    monkeypatch.setattr(Ladders, "left_over", lambda *_: ())
    near = f"{{price: {{ref: close, offset_ticks: -5}}}}, {FAR}"
    result = run([a_ladder(near, levels="take_profit: {ticks: 8}")], [100, 100, 101, 101, 100.3, 102, 102, 80, 80])
    assert orders(result)[1] == ("limit", "filled")


def test_a_ladder_of_which_nothing_has_filled_goes_on_resting() -> None:
    result = run([a_ladder(f"{FAR}, {FAR}")], [100, 100, 101, 102, 103, 80.8, 79])
    assert [fill[2] for fill in fills(result)] == ["0.5", "0.5"]


def test_every_order_of_a_ladder_expires_and_follows_by_itself() -> None:
    expired = run([a_ladder(TWO, ", expires: {bars: 2}")], [100, 100, 101, 101, 102, 103, 104])
    assert orders(expired) == [("limit", "cancelled")] * 2
    followed = run([a_ladder(TWO, ", follow: {ticks: 3}")], [100, 100, 101, 101, 103, 104, 101, 101])
    assert [fill[2:4] for fill in fills(followed)] == [("0.75", "103.5"), ("0.25", "103")]


def test_a_ladder_that_the_account_cannot_carry_is_refused_whole() -> None:
    rungs = ", ".join(["{price: {ref: close, offset_ticks: -5}}"] * 8)
    result = run([a_ladder(rungs, size="5200")], [100, 100, 101, 102, 102])  # 500000 at 100.5 buys 4975
    assert result.object["refusals"] == {"INSUFFICIENT_MARGIN": 1}
    assert orders(result) == []
    assert len(orders(run([a_ladder(rungs, size="4800")], [100, 100, 101, 102, 102]))) == 8


def test_the_share_of_a_size_by_money_is_exact() -> None:
    thirds = ", ".join("{price: {ref: close, offset_ticks: -5}}" for _ in range(3))
    result = run([a_ladder(thirds, size="1")], [100, 100, 101, 101, 99])
    assert [row.qty for row in result.tape.fills] == [Decimal("0.333"), Decimal("0.333"), Decimal("0.334")]
