"""One signal, one entry: whichever messages about its order are under way when the next bar closes."""

from itertools import permutations, product

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.app.results.tape import RunTape
from actors.app.runs.run import run_backtest
from actors.app.settings import LatencySettings, load_settings
from actors.simulator.inputs import MarketInputs
from actors.simulator.prices.finer import Trades
from actors.simulator.prices.lines import PriceInputs
from ideacards.feeds import Bars
from ideacards.loader import read_card
from tests.actors.builders import MINUTE_MS, a_market, an_instrument

CARD = """id: whenever_flat
thesis: Buys a little below the last close whenever it holds nothing, and sells after it has bought.
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 100000, leverage: 1}
blocks:
  - id: entry
    cases:
      - when: position.flat
        emit:
          action: enter_long
          size: {quantity: 0.1}
          order: {type: limit, price: {ref: close, offset_ticks: -5}}
  - id: out
    cases:
      - when: position.long and close > close[1]
        emit: {action: exit}
"""
BARS = 14
QTY = 0.1


def market(dips_ms: tuple[int, ...]) -> tuple[Bars, MarketInputs]:
    """Still bars at 100, every third one a little higher at its close; in bar i a dip through the limit at its time."""
    closes = [100.0 + 0.1 * (index % 3 == 0) for index in range(BARS)]
    opens = [100.0, *closes[:-1]]
    rows = [(o, max(o, c), 98.0, c) for o, c in zip(opens, closes, strict=True)]
    bars = a_market(rows)
    times = [index * MINUTE_MS + dip for index, dip in enumerate(dips_ms)]
    prices = [9_800] * len(times)
    trades = Trades(bars, np.array(times, dtype=np.int64), np.array(prices, dtype=np.int64))
    return bars, MarketInputs(PriceInputs(finer=trades))


def run(dips_ms: tuple[int, ...], feed: int, entry: int, response: int, *, every_bar: bool = False) -> RunTape:
    bars, inputs = market(dips_ms)
    chosen = attrs.evolve(
        load_settings("simulator"),
        latency=LatencySettings(feed=str(feed), entry=str(entry), response=str(response)),
        every_bar=every_bar,
    )
    return run_backtest(read_card(CARD, "card.yaml"), bars, an_instrument(), chosen, inputs=inputs)


def assert_one_entry_at_a_time(tape: RunTape) -> None:
    net = 0.0
    for fill in tape.fills:
        net = round(net + float(fill.qty) * (1 if fill.side == "buy" else -1), 9)
        assert 0 <= net <= QTY, f"{net} held after {fill.exec_id}"


def test_a_limit_filled_a_millisecond_before_a_close_is_not_followed_by_a_second_entry() -> None:
    tape = run((MINUTE_MS - 1,) * BARS, feed=20, entry=0, response=21)
    assert_one_entry_at_a_time(tape)
    assert sum(fill.side == "buy" for fill in tape.fills) >= 2, "it does trade"


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(
    st.tuples(*[st.integers(MINUTE_MS - 60, MINUTE_MS - 1) | st.integers(0, 60)] * BARS),
    st.integers(0, 45),
    st.integers(0, 45),
    st.integers(0, 45),
)
def test_no_latency_makes_two_entries_of_one_signal(dips: tuple[int, ...], feed: int, entry: int, answer: int) -> None:
    assert_one_entry_at_a_time(run(dips, feed, entry, answer))


@pytest.mark.parametrize("delays", [*product((0, 20, 40), repeat=3), *permutations((1, 19, 21))])
def test_every_bar_delivered_gives_the_same_run(delays: tuple[int, int, int]) -> None:
    dips = tuple(MINUTE_MS - 1 if index % 2 else MINUTE_MS - 21 for index in range(BARS))
    assert run(dips, *delays).output_digest == run(dips, *delays, every_bar=True).output_digest
