"""Limit, stop, added and partial orders, sizes and refusals, worked out by hand and run through the whole tree."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from actors.app.results.tape import RunTape
from actors.app.runs.run import run_backtest
from actors.app.settings import RiskSettings, load_settings
from actors.model.fixed import plain_text
from ideacards.loader import load_card
from tests.actors.builders import a_market, an_instrument

HEAD = """id: worked
thesis: Worked out by hand.
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 10000, leverage: 1}
features:
  top: {use: highest, length: 2}
blocks:
"""
FLAT_BAR = (100.0, 100.0, 100.0, 100.0)


def run(tmp_path: Path, blocks: str, rows: Sequence[Sequence[float]], **changes: Any) -> RunTape:
    """A card of these blocks over these bars."""
    file = tmp_path / "card.yaml"
    file.write_text(HEAD + blocks, encoding="utf-8")
    settings = attrs.evolve(load_settings("simulator"), **changes)
    return run_backtest(load_card(file), a_market(rows), an_instrument(), settings)


def block(name: str, when: str, emit: str) -> str:
    return f"  - id: {name}\n    cases:\n      - when: {when}\n        emit: {{{emit}}}\n"


def facts(tape: RunTape) -> list[tuple[int, str, str, str]]:
    """(bar, side, quantity, price) of every fill."""
    return [(fill.bar, fill.side, plain_text(fill.qty), plain_text(fill.price)) for fill in tape.fills]


ENTER = "action: enter_long, size: {quantity: 1}"
BELOW = "order: {type: limit, price: {ref: close, offset_percent: -1}}"


@pytest.mark.parametrize(("low", "is_filled"), [(99.0, False), (98.9, True)])
def test_a_resting_limit_fills_at_its_price_when_the_path_goes_a_tick_through(
    tmp_path: Path, low: float, *, is_filled: bool
) -> None:
    rows = [FLAT_BAR, FLAT_BAR, (100, 100, low, 100), FLAT_BAR]
    tape = run(tmp_path, block("entry", "position.flat", f"{ENTER}, {BELOW}"), rows)
    assert facts(tape) == ([(2, "buy", "1", "99")] if is_filled else [])
    assert [fill.is_maker for fill in tape.fills] == [True] * is_filled
    assert tape.orders[0].status == ("filled" if is_filled else "working")


def test_a_limit_is_rounded_to_its_passive_side(tmp_path: Path) -> None:
    rows = [(100.57, 100.57, 100.57, 100.57)] * 3 + [(100.57, 101, 90, 100)]
    tape = run(tmp_path, block("entry", "position.flat", f"{ENTER}, {BELOW}"), rows)
    assert facts(tape) == [(3, "buy", "1", "99.5")]  # 100.57 x 0.99 = 99.5643, down to the tick of 0.1


def test_a_stop_entry_fires_at_a_features_value_and_at_the_open_beyond_it(tmp_path: Path) -> None:
    stop = "order: {type: stop, price: {ref: top, offset_ticks: 5}}"
    inside = [FLAT_BAR, FLAT_BAR, (100, 102, 100, 101)]
    assert facts(run(tmp_path, block("entry", "position.flat", f"{ENTER}, {stop}"), inside)) == [
        (2, "buy", "1", "100.5")
    ]
    beyond = [FLAT_BAR, FLAT_BAR, (101, 102, 101, 101)]
    assert facts(run(tmp_path, block("entry", "position.flat", f"{ENTER}, {stop}"), beyond)) == [(2, "buy", "1", "101")]


def test_an_entry_may_add_and_an_exit_may_close_a_part(tmp_path: Path) -> None:
    blocks = block("entry", "position.size < 3", f"{ENTER}, add: true") + block(
        "part", "position.size >= 3 and close > 104", "action: exit, fraction: 0.5"
    )
    rows = [(100.0 + i, 100.0 + i, 100.0 + i, 100.0 + i) for i in range(8)]
    tape = run(tmp_path, blocks, rows)
    entries = [(2, "buy", "1", "102"), (3, "buy", "1", "103"), (4, "buy", "1", "104")]
    assert facts(tape) == [*entries, (6, "sell", "1.5", "106"), (7, "buy", "1", "107")]


def test_a_size_may_be_a_share_of_equity_at_the_deciding_close(tmp_path: Path) -> None:
    emit = "action: enter_short, size: {equity_percent: 12.5}"
    tape = run(tmp_path, block("entry", "position.flat", emit), [FLAT_BAR] * 4)
    assert facts(tape) == [(2, "sell", "12.5", "100")]


def test_a_short_is_stopped_above_its_entry(tmp_path: Path) -> None:
    emit = "action: enter_short, size: {quantity: 1}, stop_loss: {percent: 1}, take_profit: {percent: 3}"
    rows = [FLAT_BAR, FLAT_BAR, (100, 100.5, 98, 98), (98, 101.5, 98, 101)]
    tape = run(tmp_path, block("entry", "position.flat and close >= 100", emit), rows)
    assert facts(tape)[:2] == [(2, "sell", "1", "100"), (3, "buy", "1", "101")]
    assert tape.fills[1].origin == "stop_loss"


def test_intents_of_one_bar_are_judged_in_card_order_by_the_same_facts(tmp_path: Path) -> None:
    blocks = (
        block("one", "position.flat", ENTER)
        + block("two", "true", ENTER)
        + block("out", "position.long and close > 100", "action: exit")
        + block("out_again", "close > 100", "action: exit")
    )
    rows = [FLAT_BAR, FLAT_BAR, (100, 101, 100, 101), (101, 101, 101, 101)]
    tape = run(tmp_path, blocks, rows)
    codes = [(row.block_id, row.code) for row in tape.refusals]
    assert codes == [
        ("two", "ENTRY_IN_FLIGHT"),
        ("two", "POSITION_OPEN"),
        ("out_again", "EXIT_IN_FLIGHT"),
        ("two", "ENTRY_IN_FLIGHT"),
        ("out_again", "NO_POSITION"),
    ]


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ("quantity: 0.0009", "BELOW_MINIMUM"),
        ("notional: 4.99", "BELOW_MINIMUM"),
        ("quantity: 501", "ABOVE_MAXIMUM"),
        ("quantity: 100", "INSUFFICIENT_MARGIN"),
    ],
)
def test_a_size_out_of_bounds_is_refused_with_its_reason(tmp_path: Path, size: str, code: str) -> None:
    tape = run(tmp_path, block("entry", "position.flat", f"action: enter_long, size: {{{size}}}"), [FLAT_BAR] * 4)
    assert not tape.fills
    assert {row.code for row in tape.refusals} == {code}
    assert all(row.reason for row in tape.refusals)


def test_a_limit_on_an_orders_worth_is_a_refusal_of_its_own(tmp_path: Path) -> None:
    risk = RiskSettings(max_order_notional=Decimal(99))
    tape = run(tmp_path, block("entry", "position.flat", ENTER), [FLAT_BAR] * 4, risk=risk)
    assert Counter(row.code for row in tape.refusals) == {"RISK_ORDER_NOTIONAL": 3}


def test_after_the_loss_limit_only_closes_go_out(tmp_path: Path) -> None:
    blocks = block("entry", "position.flat", "action: enter_long, size: {quantity: 50}") + block(
        "out", "position.long", "action: exit"
    )
    rows = [FLAT_BAR, FLAT_BAR, (100, 100, 96, 96), (96, 96, 96, 96), (96, 96, 96, 96), (96, 96, 96, 96)]
    tape = run(tmp_path, blocks, rows, risk=RiskSettings(max_loss_percent=Decimal(2)))
    assert facts(tape) == [(2, "buy", "50", "100"), (3, "sell", "50", "96")]
    assert {row.code for row in tape.refusals} == {"HALTED"}
