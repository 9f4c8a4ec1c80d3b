"""Kill any actor at any message while cases replace a resting entry and set a trailing stop.

A case says the same at the next close, so a run that lost a message still ends with the fills of the unkilled one, or
names the decision that was lost; and no order is larger than the card asked for.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from actors.app.results.taping import DECISION_LOST
from actors.app.runs.simulation import RunFailed
from actors.orders.life import OrderLife
from tests.oracle.engine import EngineRun, run_card
from tests.oracle.story import write_bars
from tests.scenarios.test_kill_anything import Killer
from tests.scenarios.test_kill_exits import STOPS_THE_RUN
from tests.scenarios.test_kill_resting import market

pytestmark = pytest.mark.slow

CARD = """id: cases
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 10000, leverage: 5}
blocks:
- id: entry
  cases:
  - when: position.flat and close > close[1]
    emit:
      action: enter_long
      size: {quantity: 1}
      order: {type: limit, price: {ref: close, offset_ticks: -30}, expires: {bars: 6}}
      stop_loss: {ticks: 40}
- id: nearer
  cases:
  - when: not position.flat and position.side == flat
    emit: {action: replace, price: {ref: close, offset_ticks: -2}, size: {quantity: 2}}
- id: protect
  cases:
  - when: position.long
    emit: {action: trail, trail: {ticks: 4}}
"""


def run(folder: Path, killer: Any = None) -> EngineRun | None:
    bars = write_bars(folder / "bars.csv", market())
    try:
        return run_card(folder, bars, CARD, fault=killer)
    except RunFailed:
        return None


def test_every_kill_leaves_the_fills_of_the_unkilled_run_or_names_what_was_lost(tmp_path: Path) -> None:
    counter = Killer(0)
    unkilled = run(tmp_path, counter)
    assert unkilled is not None
    assert {fill.origin for fill in unkilled.fills} == {"user", "trailing_stop"}
    assert {fill.qty for fill in unkilled.fills} == {2}
    kinds = Counter[str]()
    for number in range(1, counter.count + 1):
        killer = Killer(number)
        ended = run(tmp_path, killer)
        hit = killer.hit
        assert hit is not None
        if not hit[2] or hit[0] in STOPS_THE_RUN:
            continue
        assert ended is not None, f"{hit} stopped the run"
        where = f"{hit[0]} killed at {hit[1]}"
        assert {fill.qty for fill in ended.fills} <= {1, 2}, where
        is_named = any(row.code == DECISION_LOST for row in ended.tape.refusals)
        kinds["same" if ended.fills == unkilled.fills else "named" if is_named else hit[1]] += 1
    assert kinds["same"] > 50
    assert kinds["named"] > 0
    assert set(kinds) <= {"same", "named", "SubmitOrder", "AmendOrder", "SetTradingStop"}, kinds


def test_an_amend_that_forgets_the_quantity_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: a replacement moves the price alone."""
    amend = OrderLife._amend_entry
    monkeypatch.setattr(
        OrderLife, "_amend_entry", lambda self, order, message, ctx: amend(self, order, _without_qty(message), ctx)
    )
    planted = run(tmp_path)
    assert planted is not None
    assert {fill.qty for fill in planted.fills} == {1}


def _without_qty(message: Any) -> Any:
    return replace(message, qty=None)
