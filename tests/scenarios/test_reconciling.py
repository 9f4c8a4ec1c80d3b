"""A reconciliation may run at any time: it changes nothing that is right, and corrects each error once."""

from pathlib import Path
from typing import Any

import attrs
import pytest

from actors.app import names
from actors.app.results.tape import RunTape
from actors.app.runs.run import run_backtest
from actors.app.runs.simulation import RunFailed
from actors.app.settings import IntervalSettings, load_settings
from actors.model.fixed import plain_text
from ideacards.loader import load_card
from runtime.kernel.cell import Cell
from runtime.kernel.kernel import FaultHook
from tests.actors.builders import a_market, an_instrument

EVERY_MINUTE = IntervalSettings(clock_sync_s=60, reconcile_s=60)
CARD = """id: two_entries
thesis: One entry carries levels, the other none.
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 100000, leverage: 1}
blocks:
  - id: guarded
    cases:
      - when: position.flat and close < 99
        emit: {action: enter_long, size: {quantity: 1}, take_profit: {percent: 2}, stop_loss: {percent: 5}}
  - id: bare
    cases:
      - when: position.flat and close > 104
        emit: {action: enter_long, size: {quantity: 1}}
"""
CLOSES = [100, 98, 98, 99, 101, 103, 105, 105, 106, 108, 109, 111, 112, 113, 112]


def run(tmp_path: Path, fault: FaultHook | None = None, **changes: Any) -> RunTape:
    file = tmp_path / "card.yaml"
    file.write_text(CARD, encoding="utf-8")
    rows = [
        (before, max(before, close), min(before, close), close)
        for before, close in zip([100, *CLOSES], CLOSES, strict=False)
    ]
    settings = attrs.evolve(load_settings("simulator"), **changes)
    return run_backtest(load_card(file), a_market(rows), an_instrument(), settings, fault=fault)


def facts(tape: RunTape) -> list[tuple[int, str, str, str]]:
    return [(fill.bar, fill.side, plain_text(fill.price), fill.origin) for fill in tape.fills]


def test_levels_of_a_closed_position_are_never_put_on_a_later_one(tmp_path: Path) -> None:
    tape = run(tmp_path, intervals=EVERY_MINUTE)
    assert facts(tape) == [
        (2, "buy", "98", "user"),
        (4, "sell", "100", "take_profit"),
        (7, "buy", "105", "user"),
    ]


def test_reconciling_every_minute_changes_no_byte_of_the_story(tmp_path: Path) -> None:
    assert run(tmp_path, intervals=EVERY_MINUTE).output_digest == run(tmp_path).output_digest


def test_an_exchange_that_gives_up_ends_the_run_and_no_second_world_begins(tmp_path: Path) -> None:
    def fault(cell: Cell, message: Any) -> bool:
        return cell.ref == names.PUBLIC_SOCKET

    with pytest.raises(RunFailed) as failure:
        run(tmp_path, fault)
    assert failure.value.outcome.causes[0].ref == names.PUBLIC_SOCKET


@pytest.mark.parametrize("signal", [KeyboardInterrupt(), SystemExit(143)])
def test_a_signal_that_meets_a_handler_stops_the_tree_and_stays_that_signal(
    tmp_path: Path, signal: BaseException
) -> None:
    heard: list[str] = []

    def fault(cell: Cell, message: Any) -> bool:
        heard.append(cell.ref)
        if len(heard) == 60:
            raise signal
        return False

    with pytest.raises(type(signal)) as raised:
        run(tmp_path, fault)
    assert getattr(raised.value, "code", None) == getattr(signal, "code", None)
