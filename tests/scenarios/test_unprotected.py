"""`seconds_unprotected`: 0 with any latency, positive from the time a stop is gone to the time it stands again."""

from typing import Any

import attrs
import pytest

from actors.app.results.tape import RunTape
from actors.app.runs.run import run_backtest
from actors.app.settings import LatencySettings, load_settings
from actors.model.backend import SetTradingStop
from actors.simulator.actor import VenueActor
from ideacards.loader import read_card
from runtime.kernel.cell import Cell
from runtime.kernel.kernel import FaultHook
from tests.actors.builders import MINUTE_MS, a_market, an_instrument

CARD = """id: guarded
thesis: One entry with a stop.
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 100000, leverage: 1}
blocks:
  - id: entry
    cases:
      - when: position.flat and close < 99
        emit: {action: enter_long, size: {quantity: 1}, stop_loss: {percent: 5}}
"""
CLOSES = [100, 98, 98, 99, 101, 103, 102]


def run(latency: str, fault: FaultHook | None = None) -> RunTape:
    rows = [(a, max(a, b), min(a, b), b) for a, b in zip([100, *CLOSES], CLOSES, strict=False)]
    settings = attrs.evolve(
        load_settings("simulator"), every_bar=True, latency=LatencySettings(latency, latency, latency)
    )
    return run_backtest(read_card(CARD, "card.yaml"), a_market(rows), an_instrument(), settings, fault=fault)


@pytest.mark.parametrize("latency", ["0", "20", "9000", "uniform:10:9000"])
def test_a_position_is_never_without_its_stop_whatever_the_latency(latency: str) -> None:
    tape = run(latency)
    assert len(tape.fills) == 1
    assert tape.unprotected_ms == 0


class StopTaker:
    """Takes the position's stop away at the venue at the first message after `at_ms`."""

    def __init__(self, at_ms: int) -> None:
        self.at_ms = at_ms
        self.is_done = False
        self.kernel: Any = None

    def __call__(self, cell: Cell, message: Any) -> bool:
        venue = cell.actor
        if isinstance(venue, VenueActor) and not self.is_done and type(message).__name__ == "Pull":
            market = venue.venue.market
            if market.walk.time_ms >= self.at_ms and venue.venue.position_report().stop_loss is not None:
                self.is_done = True
                market.set_trading_stop(SetTradingStop("BTCUSDT", None, None), market.walk.time_ms)
        return False


@pytest.mark.parametrize("latency", ["0", "1000"])
def test_a_stop_that_is_taken_away_counts_until_it_stands_again(latency: str) -> None:
    taker = StopTaker(4 * MINUTE_MS)
    tape = run(latency, taker)
    assert taker.is_done
    assert 0 < tape.unprotected_ms < 2 * MINUTE_MS
