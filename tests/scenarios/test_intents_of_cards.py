"""What a card's words do in the whole tree: reverse, scale in and out, flatten, cancel, set_stop, expires, follow."""

from typing import Any

import pytest

from actors.app.results.result import RunResult, build_result
from actors.app.runs.run import run_backtest
from actors.app.settings import load_settings
from ideacards.loader import read_card
from tests.actors.builders import a_market, an_instrument

ENTRY = "{action: enter_long, size: {quantity: 1}, stop_loss: {percent: 50}}"


def run(cases: list[tuple[str, str]], closes: list[float]) -> RunResult:
    """A block a case, over bars from each close to the next with wicks of a tick."""
    blocks = "".join(
        f"- id: b{number}\n  cases:\n  - when: {when}\n    emit: {emit}\n" for number, (when, emit) in enumerate(cases)
    )
    text = (
        "id: words\nmarket: {venue: bybit, category: linear, symbol: BTCUSDT}\ntimeframes: {exec: 1m}\n"
        f"account: {{equity: 100000, leverage: 5}}\nfeatures: {{low2: {{use: lowest, length: 2}}}}\nblocks:\n{blocks}"
    )
    pairs = zip([closes[0], *closes], closes, strict=False)
    rows = [[a, max(a, b) + 0.1, min(a, b) - 0.1, b] for a, b in pairs]
    tape = run_backtest(read_card(text, "card.yaml"), a_market(rows), an_instrument(), load_settings("simulator"))
    return build_result(tape, data_digest="", card_digest="")


def fills(result: RunResult) -> list[tuple[int, str, str, str, str]]:
    return [
        (row.bar, row.side, f"{row.qty.normalize():f}", f"{row.price.normalize():f}", row.origin)
        for row in result.tape.fills
    ]


def orders(result: RunResult) -> list[tuple[str, str]]:
    return [(row.type, row.status) for row in result.tape.orders]


START = ("position.flat and close > 100 and close < 101.5", ENTRY)


def test_a_reversal_is_one_order_through_zero_with_levels_of_its_own() -> None:
    reverse = "{action: reverse, size: {quantity: 0.5}, stop_loss: {ticks: 20}}"
    result = run([START, ("position.long and close > 102", reverse)], [100, 100, 101, 101, 103, 103, 104, 106, 106])
    assert fills(result) == [
        (3, "buy", "1", "101", "user"),
        (5, "sell", "1.5", "103", "user"),
        (7, "buy", "0.5", "105", "stop_loss"),
    ]
    assert result.object["round_trips"] == 2


def test_scaling_in_counts_layers_and_scaling_out_leaves_a_share() -> None:
    grow = ("position.long and close > close[1]", "{action: scale_in, size: {quantity: 1}, max_layers: 3}")
    shrink = ("position.long and close < close[1]", "{action: scale_out, fraction: 0.5}")
    result = run([START, grow, shrink], [100, 100, 101, 101, 102, 103, 104, 105, 104, 104, 104])
    assert [(bar, side, qty) for bar, side, qty, _, _ in fills(result)] == [
        (3, "buy", "1"),
        (5, "buy", "1"),
        (6, "buy", "1"),
        (9, "sell", "1.5"),
    ]
    assert result.object["refusals"]["MAX_LAYERS"] == 2


@pytest.mark.parametrize("action", ["reverse", "scale_in"])
def test_while_flat_there_is_nothing_to_turn_or_to_add_to(action: str) -> None:
    result = run([("close > 100", f"{{action: {action}, size: {{quantity: 1}}}}")], [100, 100, 101, 100, 100])
    assert result.object["refusals"] == {"NO_POSITION": 1}
    assert result.object["orders"] == 0


FAR = "order: {type: limit, price: {ref: close, offset_percent: -20}"


def test_flatten_cancels_what_rests_and_leaves_at_market() -> None:
    add = ("position.long and close > 101 and close < 102.5", f"{{action: scale_in, size: {{quantity: 1}}, {FAR}}}}}")
    result = run([START, add, ("close > 103", "{action: flatten}")], [100, 100, 101, 101, 102, 102, 104, 104, 104])
    assert [fill[:3] for fill in fills(result)] == [(3, "buy", "1"), (7, "sell", "1")]
    assert orders(result) == [("market", "filled"), ("limit", "cancelled"), ("market", "filled")]
    assert result.object["open_at_end"] == []


def test_cancel_ends_a_resting_entry_and_nothing_else() -> None:
    rest = (START[0], f"{{action: enter_long, size: {{quantity: 1}}, {FAR}}}}}")
    result = run([rest, ("close > 103", "{action: cancel}")], [100, 100, 101, 102, 104, 104])
    assert orders(result) == [("limit", "cancelled")]


def test_a_stop_that_is_set_acts_at_its_new_price_and_tighten_never_loosens_it() -> None:
    tighten = ("position.long", "{action: set_stop, stop_loss: {price: low2}, tighten: true}")
    result = run([START, tighten], [100, 100, 101, 101, 103, 105, 107, 106, 103, 103])
    # at the close of 106 the lows of two bars come to 104.9: the stop that the fall of the next bar meets
    assert fills(result)[1][2:] == ("1", "104.9", "stop_loss")
    loose = ("position.long and close > 102", "{action: set_stop, stop_loss: {percent: 1}}")
    result = run([START, loose], [100, 100, 101, 101, 103, 103, 99, 99])
    assert fills(result)[1] == (6, "sell", "1", "99.9", "stop_loss")  # 1 % of the average entry of 101, rounded down


def test_a_target_that_is_set_takes_profit() -> None:
    aim = ("position.long and close > 102", "{action: set_target, take_profit: {ticks: 30}}")
    result = run([START, aim], [100, 100, 101, 101, 103, 103, 105, 105])
    assert fills(result)[1] == (6, "sell", "1", "104", "take_profit")


def test_an_entry_expires_after_its_bars() -> None:
    entry = f"{{action: enter_long, size: {{quantity: 1}}, {FAR}, expires: {{bars: 2}}}}}}"
    result = run([(START[0], entry)], [100, 100, 101, 102, 102, 102, 102])
    (order,) = result.tape.orders
    assert order.status == "cancelled"
    assert order.ended_ms is not None
    assert order.ended_ms - order.decided_ms == 2 * 60_000


def test_an_entry_follows_its_price_by_an_amend_and_keeps_its_id() -> None:
    entry = (
        "{action: enter_long, size: {quantity: 1}, stop_loss: {ticks: 10},"
        " order: {type: limit, price: {ref: close, offset_ticks: -5}, follow: {ticks: 4}}}"
    )
    result = run([(START[0], entry)], [100, 100, 101, 101.4, 103, 103.2, 102, 100])
    (order,) = result.tape.orders
    assert (order.status, f"{order.price}") == ("filled", "102.50")  # moved once: 103 less 0.5; 103.2 is too near
    assert [fill[3:] for fill in fills(result)] == [("102.5", "user"), ("101.5", "stop_loss")]


@pytest.mark.parametrize("terms", ["time_in_force: ioc", "time_in_force: fok", "post_only: true"])
def test_a_limit_that_may_not_wait_or_not_take_is_cancelled(terms: str) -> None:
    offset = "2" if "post" in terms else "-20"
    entry = (
        "{action: enter_long, size: {quantity: 1},"
        f" order: {{type: limit, price: {{ref: close, offset_percent: {offset}}}, {terms}}}}}"
    )
    result = run([(START[0], entry)], [100, 100, 101, 103, 103])
    assert orders(result) == [("limit", "cancelled")]


def test_a_stop_limit_waits_for_its_trigger_and_then_for_its_price() -> None:
    entry: Any = (
        "{action: enter_long, size: {quantity: 1}, order: {type: stop_limit,"
        " price: {ref: close, offset_ticks: 10}, limit: {ref: close, offset_ticks: 5}}}"
    )
    result = run([(START[0], entry)], [100, 100, 101, 101.4, 103, 101, 101])
    assert fills(result) == [(5, "buy", "1", "101.5", "user")]
    assert orders(result) == [("stop_limit", "filled")]
