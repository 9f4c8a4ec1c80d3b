"""An order that is sent before a gap in the bars waits for the next open, and nobody takes the silence for a fault."""

import attrs
import pytest

from actors.app.runs.run import run_backtest
from actors.app.settings import LatencySettings, load_settings
from actors.model.backend import OrderQuery
from actors.reconciler.messages import ReconcileNow
from actors.websocket.messages import StreamSilent
from ideacards.feeds import Bars
from ideacards.loader import read_card
from runtime.kernel.cell import Cell
from tests.actors.builders import MINUTE_MS, a_market, an_instrument

CARD = """id: gaps
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 1000000}
blocks:
  - id: entry
    cases:
      - when: position.flat
        emit: {action: enter_long, size: {quantity: 1}}
"""


def a_gappy_market() -> Bars:
    """Three bars, ten minutes of nothing, three bars."""
    before = a_market([(100, 101, 99, 100)] * 3)
    after = a_market([(110, 111, 109, 110)] * 3, start_ms=13 * MINUTE_MS)
    names = ("open", "high", "low", "close")
    prices = {name: [*getattr(before, f"price_{name}"), *getattr(after, f"price_{name}")] for name in names}
    opens, volume = ([*getattr(before, name), *getattr(after, name)] for name in ("ts_open", "volume"))
    return Bars.of_columns("BTCUSDT", MINUTE_MS, 2, opens, prices, volume)


@pytest.mark.parametrize("latency", ["0", "20"])
def test_an_order_over_a_gap_is_not_asked_for(latency: str) -> None:
    heard: list[object] = []

    def hear(cell: Cell, message: object) -> bool:
        heard.append(message)
        return False

    settings = attrs.evolve(load_settings("simulator"), latency=LatencySettings("0", latency, "0"))
    tape = run_backtest(
        read_card(CARD.replace("position.flat", "position.flat and close[2] > 0"), "gaps.yaml"),
        a_gappy_market(),
        an_instrument(),
        settings,
        fault=hear,
    )
    (fill,) = tape.fills
    assert (fill.bar, float(fill.price)) == (3, 110.0), "decided at the last bar before the gap"
    assert not [each for each in heard if isinstance(each, OrderQuery | StreamSilent)]
    assert len([each for each in heard if isinstance(each, ReconcileNow)]) == 0
