"""Latencies: what a draw gives, what a text says, and what a run with them does."""

from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from actors.app.latencies import latencies_of
from actors.app.results.tape import RunTape
from actors.app.runs.run import run_backtest
from actors.app.settings import LatencySettings, load_settings
from actors.model.errors import InputError
from actors.simulator.latency import ConstantLatency, LogNormal, TableLatency, Uniform
from ideacards.loader import read_card
from tests.actors.builders import MINUTE_MS, a_market, an_instrument

MS = 1_000_000
CARD = """\
id: once
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 100000}
blocks:
- id: entry
  cases:
  - when: position.flat and close > 100
    emit: {action: enter_long, size: {quantity: 1}, stop_loss: {percent: 5}}
"""


def test_a_distribution_is_its_inverse_at_the_draw() -> None:
    assert ConstantLatency(5).delay_ns(0, 0.7) == 5
    assert [Uniform(10, 20).delay_ns(0, share) for share in (0.0, 0.5, 0.999)] == [10, 15, 19]
    tail = LogNormal(20 * MS, 200 * MS)
    assert tail.delay_ns(0, 0.5) == 20 * MS
    assert abs(tail.delay_ns(0, 0.99) - 200 * MS) < 10
    assert 0 < tail.delay_ns(0, 0.0) < tail.delay_ns(0, 0.1)


def test_a_table_holds_from_each_of_its_times_on() -> None:
    table = TableLatency((100, 200), (7, 9))
    assert [table.delay_ns(now, 0.5) for now in (0, 100, 199, 200, 10**18)] == [7, 7, 7, 9, 9]


def test_texts_are_read_and_tables_too(tmp_path: Path) -> None:
    file = tmp_path / "latency.csv"
    file.write_text("ts_ms,latency_ms\n0,1.5\n1700000000000,20\n", encoding="utf-8")
    found = latencies_of(LatencySettings("uniform:1:2.5", "lognormal:20:200", f"table:{file}"))
    assert found.feed == Uniform(MS, 5 * MS // 2)
    assert found.entry == LogNormal(20 * MS, 200 * MS)
    assert found.response == TableLatency((0, 1_700_000_000_000 * MS), (3 * MS // 2, 20 * MS))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("uniform:3:2", "latency.feed: uniform:3:2: the first number is above the second"),
        ("lognormal:0:2", "a median of 0 has no distribution"),
        ("table:nowhere.csv", "nowhere.csv: no such file"),
    ],
)
def test_a_wrong_text_is_one_line(text: str, said: str) -> None:
    with pytest.raises(InputError) as raised:
        latencies_of(LatencySettings(feed=text))
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("time,ms\n1,2\n", ":1: the first line is no header: `time,ms`; expected ts_ms,latency_ms"),
        ("ts_ms,latency_ms\n", "there is a header but no latency"),
        (f"ts_ms,latency_ms\n{10**12},2\n{10**12},3\n", ":3: ts_ms: the same time as the latency before"),
        ("ts_ms,latency_ms\n0,-2\n", ":2:3: latency_ms: `-2` is below 0"),
        ("ts_ms,latency_ms\n0,x\n", ":2:3: latency_ms: `x` is not a number"),
        ("ts_ms,latency_ms\n0\n", ":2: has 1 columns, the header 2"),
    ],
)
def test_a_wrong_table_names_its_line(rows: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "latency.csv"
    file.write_text(rows, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        latencies_of(LatencySettings(entry=f"table:{file}"))
    assert said in str(raised.value)


def a_run(**latency: str) -> RunTape:
    card = read_card(CARD, "once.yaml")
    bars = a_market([(100, 100, 100, 100), (100, 102, 100, 102), (110, 112, 109, 111), (120, 121, 119, 120)])
    settings = attrs.evolve(load_settings("simulator"), latency=LatencySettings(**latency))
    return run_backtest(card, bars, an_instrument(), settings)


def test_without_latency_the_next_open_is_met() -> None:
    (fill,) = a_run().fills
    assert (fill.time_ms, fill.price) == (2 * MINUTE_MS, Decimal(110))


@pytest.mark.parametrize("latency", [{"feed": "20"}, {"entry": "20"}, {"feed": "5", "entry": "15", "response": "40"}])
def test_what_arrives_later_meets_the_open_moved_against_it(latency: dict[str, str]) -> None:
    """One tick of 0.1 for the started second: with bars alone nobody knows better."""
    (fill,) = a_run(**latency).fills
    assert (fill.time_ms, fill.price) == (2 * MINUTE_MS + 20, Decimal("110.1"))


def test_the_way_back_delays_nothing_that_the_venue_does() -> None:
    (fill,) = a_run(response="500").fills
    assert (fill.time_ms, fill.price) == (2 * MINUTE_MS, Decimal(110))


def test_a_distribution_gives_the_same_run_again_and_another_seed_another() -> None:
    first, again = (a_run(entry="uniform:10:900") for _ in range(2))
    assert first.output_digest == again.output_digest
    assert 2 * MINUTE_MS + 10 <= first.fills[0].time_ms < 2 * MINUTE_MS + 900
