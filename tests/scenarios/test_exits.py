"""A resting exit far from the market does not keep a market exit from being sent."""

import attrs
import numpy as np

from actors.app.results.result import RunResult, build_result
from actors.app.runs.run import run_backtest
from actors.app.settings import LatencySettings, load_settings
from ideacards.loader import read_card
from tests.actors.builders import a_market, an_instrument

CARD = """id: resting_exit
thesis: Half of it at a far limit, all of it at market when the trend turns.
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 100000, leverage: 1}
blocks:
  - id: entry
    cases:
      - when: position.flat and close > close[1]
        emit: {action: enter_long, size: {quantity: 1}}
  - id: far
    cases:
      - when: position.long
        emit: {action: exit, fraction: 0.5, order: {type: limit, price: {ref: entry, offset_percent: 40}}}
  - id: emergency
    cases:
      - when: position.long and close < close[1]
        emit: {action: exit}
"""


def run(latency: str) -> RunResult:
    closes = 100 + 5 * np.sin(np.arange(120) / 6)
    before = np.concatenate([closes[:1], closes[:-1]])
    rows = np.column_stack([before, np.maximum(before, closes) + 0.1, np.minimum(before, closes) - 0.1, closes])
    settings = attrs.evolve(load_settings("simulator"), latency=LatencySettings(latency, latency, latency))
    tape = run_backtest(read_card(CARD, "card.yaml"), a_market(rows.round(1).tolist()), an_instrument(), settings)
    return build_result(tape, data_digest="", card_digest="")


def test_the_emergency_exit_goes_out_and_closes_the_whole_position() -> None:
    for latency in ("0", "20", "3000"):
        result = run(latency)
        assert result.object["round_trips"] >= 3, latency
        assert "EXIT_IN_FLIGHT" not in result.object["refusals"] or latency == "3000"
        net = 0
        for fill in result.tape.fills:
            net += int(fill.qty * 1000) * (1 if fill.side == "buy" else -1)
            assert net >= 0, "an exit never turns the position around"
