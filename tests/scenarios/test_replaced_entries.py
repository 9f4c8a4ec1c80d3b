"""A case gives the card's resting entry another price or size, by an amend where the venue has the order."""

from typing import Any

import attrs
import pytest

from actors.app import names
from actors.app.results.result import RunResult, build_result
from actors.app.runs.run import run_backtest
from actors.app.settings import LatencySettings, load_settings
from actors.model.backend import AmendOrder, CancelOrder
from ideacards.loader import read_card
from tests.actors.builders import a_market, an_instrument
from tests.scenarios.test_intents_of_cards import fills, orders, run

RESTING = "not position.flat and position.side == flat"


def an_entry(order: str = "type: limit, price: {ref: close, offset_ticks: -20}", more: str = "") -> tuple[str, str]:
    emit = f"{{action: enter_long, size: {{quantity: 1}}, order: {{{order}}}, stop_loss: {{percent: 50}}{more}}}"
    return "position.flat and close > 100 and close < 101.5", emit


def replace(what: str, when: str = f"{RESTING} and close > 102") -> tuple[str, str]:
    return when, f"{{action: replace, {what}}}"


NEARER = "price: {ref: close, offset_ticks: -5}"


def test_the_order_stands_at_its_new_price_and_is_the_same_order() -> None:
    result = run([an_entry(), replace(NEARER)], [100, 100, 101, 101, 103, 102, 102])
    assert fills(result) == [(5, "buy", "1", "102.5", "user")]
    assert orders(result) == [("limit", "filled")]


def test_size_and_price_change_together_and_levels_are_measured_from_there() -> None:
    entry = an_entry(more=", take_profit: {ticks: 5}")
    result = run([entry, replace(f"{NEARER}, size: {{quantity: 0.4}}")], [100, 100, 101, 101, 103, 102, 104, 104])
    assert [fill[2:] for fill in fills(result)] == [("0.4", "102.5", "user"), ("0.4", "103", "take_profit")]


def test_a_size_by_risk_is_measured_to_the_orders_own_stop() -> None:
    when, emit = an_entry()
    entry = when, emit.replace("stop_loss: {percent: 50}", "stop_loss: {ticks: 20}")
    result = run([entry, replace(f"{NEARER}, size: {{risk: {{percent: 0.01}}}}")], [100, 100, 101, 101, 103, 102, 102])
    assert fills(result)[0][2:4] == ("5", "102.5")  # 0.01 % of 100000 is 10, and the stop is 2 away


def test_a_stop_order_waits_for_its_new_price() -> None:
    stop = an_entry("type: stop, price: {ref: close, offset_ticks: 50}")
    result = run([stop, replace("price: {ref: close, offset_ticks: 2}")], [100, 100, 101, 101, 103, 104, 104])
    assert fills(result) == [(5, "buy", "1", "103.2", "user")]


def test_the_limit_of_a_stop_limit_moves_with_its_trigger() -> None:
    both = "type: stop_limit, price: {ref: close, offset_ticks: 50}, limit: {ref: close, offset_ticks: 45}"
    moved = replace("price: {ref: close, offset_ticks: 2}")
    result = run([an_entry(both), moved], [100, 100, 101, 101, 103, 104, 102, 102])
    assert fills(result) == [(6, "buy", "1", "102.7", "user")]


def test_an_order_that_follows_follows_its_new_price() -> None:
    follows = an_entry("type: limit, price: {ref: close, offset_ticks: -90}, follow: {ticks: 1}")
    result = run(
        [follows, replace(NEARER, f"{RESTING} and near(close, 103, percent=0.01)")],
        [100, 100, 101, 101, 103, 104, 103, 103],
    )
    assert fills(result) == [(6, "buy", "1", "103.5", "user")]


@pytest.mark.parametrize(
    ("cases", "refused"),
    [
        ([replace(NEARER, "close > 102")], "NO_ENTRY"),
        ([an_entry("type: market"), replace(NEARER, "position.long")], "NO_ENTRY"),
        ([an_entry("type: limit, ladder: [{price: {ref: close, offset_ticks: -90}}]"), replace(NEARER)], "NO_ENTRY"),
        ([an_entry(), replace("size: {quantity: 0.0001}")], "BELOW_MINIMUM"),
        ([an_entry(), replace("size: {quantity: 100000}")], "ABOVE_MAXIMUM"),
    ],
)
def test_what_cannot_be_replaced_is_refused_by_name(cases: Any, refused: str) -> None:
    result = run(cases, [100, 100, 101, 101, 103])
    assert list(result.object["refusals"]) == [refused]
    assert all(status != "cancelled" for _, status in orders(result))


class Amends:
    """A fault hook that counts amends and cancels, and kills nobody."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, cell: Any, message: Any) -> bool:
        if cell.ref == names.VENUE and isinstance(message, AmendOrder | CancelOrder):
            self.seen.append(type(message).__name__)
        return False


def run_late(
    cases: list[tuple[str, str]], closes: list[float], equity: int, response_ms: str, seen: Amends
) -> RunResult:
    """As `run`, with another account and with answers that come so late."""
    pairs = zip([closes[0], *closes], closes, strict=False)
    rows = [[a, max(a, b) + 0.1, min(a, b) - 0.1, b] for a, b in pairs]
    blocks = "".join(
        f"- id: b{n}\n  cases:\n  - when: {when}\n    emit: {emit}\n" for n, (when, emit) in enumerate(cases)
    )
    text = (
        "id: words\nmarket: {venue: bybit, category: linear, symbol: BTCUSDT}\ntimeframes: {exec: 1m}\n"
        f"account: {{equity: {equity}, leverage: 5}}\nblocks:\n{blocks}"
    )
    settings = attrs.evolve(load_settings("simulator"), latency=LatencySettings("0", "0", response_ms))
    tape = run_backtest(read_card(text, "card.yaml"), a_market(rows), an_instrument(), settings, fault=seen)
    return build_result(tape, data_digest="", card_digest="")


def test_while_an_amend_is_under_way_the_newest_replacement_waits_for_its_answer() -> None:
    cases, seen = [an_entry(), replace(NEARER, f"{RESTING} and close > close[1]")], Amends()
    closes = [*[100.0] * 40, *[101.0] * 4, 103.0, 104.0, *[105.0] * 4, *[104.0] * 4]
    result = run_late(cases, closes, 100_000, "150000", seen)
    assert seen.seen == ["AmendOrder", "AmendOrder"], "the third replaces the second, which waits"
    assert fills(result) == [(50, "buy", "1", "104.5", "user")]


def test_what_the_venue_rejects_is_told_and_leaves_the_order_as_it_was() -> None:
    cases = [an_entry(), replace("size: {quantity: 300}")]
    result = run_late(cases, [100.0, 100.0, 101.0, 101.0, 103.0, 98.0, 98.0], 1_000, "0", Amends())
    assert result.object["refusals"] == {"INSUFFICIENT_MARGIN": 1}
    assert [fill[2:4] for fill in fills(result)] == [("1", "99")]
