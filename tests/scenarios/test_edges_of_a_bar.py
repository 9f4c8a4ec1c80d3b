"""What happens in the last instant of a bar belongs to that bar, not to the next one that opens in the same instant.

A resting entry fills on the way down; its target lies exactly at the bar's close. One coin-for-coin account by hand:
9.9 coins bought at 98 as maker (0.0002: 0.19404), sold at 100 as taker (0.00055: 0.5445), 19.8 gained.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.oracle.engine import run_card
from tests.oracle.story import rows_of, write_bars

CARD = """id: edge
thesis: The target lies at the close of the bar that fills the entry.
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 1000000, leverage: 1}
features:
  last: {use: sma, of: close, length: 1}
blocks:
  - id: entry
    cases:
      - when: position.flat and last > 100.5 and last < 101.5
        emit:
          action: enter_long
          size: {notional: 1000}
          order: {type: limit, price: {ref: close, offset_ticks: -30}}
          take_profit: {percent: 2}
"""
# path of bar 2: 101, 102, 97 (through 98 on the way), 100 (the target, 98 + 2 % = 99.96 -> 100, at the very close)
BARS = ["102", "101", "101 102 97 100", "105", "105"]


@pytest.mark.parametrize("stop", [None, 3])
def test_a_target_met_at_the_close_is_filled_in_that_bar(stop: int | None, tmp_path: Path) -> None:
    run = run_card(tmp_path, write_bars(tmp_path / "bars.csv", rows_of(BARS)), CARD, stop=stop)
    assert [(fill.bar, fill.price, fill.origin) for fill in run.fills] == [
        (2, Decimal(98), "user"),
        (2, Decimal(100), "take_profit"),
    ]
    assert run.final_equity == Decimal("1000019.06146")
