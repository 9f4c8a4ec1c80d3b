"""The venue's clock in the whole house: exact in a simulation, and no entry while it is not synchronised."""

from pathlib import Path
from typing import Any

import attrs
import pytest

from actors.app import names
from actors.app.runs.run import CardRun, prepare, run_backtest
from actors.app.runs.simulation import simulated_house, start_kernel
from actors.app.settings import IntervalSettings, LatencySettings, load_settings
from actors.clocksync.actor import ClockSync
from actors.intents.messages import IntentRefused
from actors.model.backend import ServerTime
from actors.orders.messages import FillBooked
from ideacards.loader import load_card
from runtime.drivers.simulated import SimulatedDriver
from runtime.kernel.kernel import Kernel
from tests.actors.builders import a_market, an_instrument

CARD = """id: every_bar
thesis: In at one close, out at the next.
market: {venue: bybit, category: linear, symbol: BTCUSDT}
timeframes: {exec: 1m}
account: {equity: 100000, leverage: 1}
blocks:
  - id: in
    cases:
      - when: position.flat
        emit: {action: enter_long, size: {quantity: 1}}
  - id: out
    cases:
      - when: position.long
        emit: {action: exit}
"""
ROWS = [(100.0, 101.0, 99.0, 100.0)] * 12
MINUTE_NS, MS = 60_000_000_000, 1_000_000
LATE = LatencySettings(feed="20", entry="20", response="21")


def a_card(tmp_path: Path) -> Any:
    file = tmp_path / "card.yaml"
    file.write_text(CARD, encoding="utf-8")
    return load_card(file)


def a_house(tmp_path: Path, **changes: Any) -> tuple[Kernel, SimulatedDriver]:
    settings = attrs.evolve(load_settings("simulator"), **changes)
    ready = prepare((CardRun(a_card(tmp_path), a_market(ROWS), an_instrument()),), settings)
    return start_kernel(simulated_house(settings, ready.market, ready.plans), ready.market, ready.plans, 0)


def refusals(kernel: Kernel) -> list[tuple[int, str]]:
    """When (minutes) and what the processor refused."""
    return [
        (record.time_ns // MINUTE_NS, record.message.reason)
        for record in kernel.recorder.stream
        if isinstance(record.message, IntentRefused)
    ]


@pytest.mark.parametrize("latency", [None, LATE])
def test_in_a_simulation_the_wall_clock_is_the_venues_to_the_nanosecond(
    tmp_path: Path, latency: LatencySettings | None
) -> None:
    changes = {} if latency is None else {"latency": latency}
    kernel, driver = a_house(tmp_path, intervals=IntervalSettings(clock_sync_s=60, reconcile_s=86_400), **changes)
    seen = []
    for minute in range(1, 12):
        driver.run(minute * MINUTE_NS + 7)
        clock = kernel.clock
        seen.append((clock.wall_offset_ns, clock.wall_error_ns))
    assert set(seen) == {(0, 0)}
    actor = kernel.cell(names.CLOCKSYNC).actor
    assert isinstance(actor, ClockSync)
    assert len(actor._estimator._window) == 8


def test_measuring_every_minute_or_once_gives_the_same_run(tmp_path: Path) -> None:
    digests = set()
    for clock_sync_s in (60, 86_400):
        intervals = IntervalSettings(clock_sync_s=clock_sync_s, reconcile_s=86_400)
        settings = attrs.evolve(load_settings("simulator"), intervals=intervals, latency=LATE)
        digests.add(run_backtest(a_card(tmp_path), a_market(ROWS), an_instrument(), settings).output_digest)
    assert len(digests) == 1


def test_a_clock_that_seems_to_step_blocks_entries_and_no_exit_until_it_is_synchronised_again(tmp_path: Path) -> None:
    """The venue answers 3 s ahead just before the closes of minutes 5 (an entry is due) and 7 (an exit is)."""
    kernel, driver = a_house(tmp_path)
    for minute in (5, 7):
        driver.run(minute * MINUTE_NS - 100 * MS)
        kernel.tell(names.CLOCKSYNC, ServerTime(kernel.now // MS + 3_000))
        driver.run(minute * MINUTE_NS)
    driver.run()
    sides = [
        (record.time_ns // MINUTE_NS, record.message.fill.side.name.lower())
        for record in kernel.recorder.stream
        if isinstance(record.message, FillBooked)
    ]
    assert refusals(kernel) == [(5, "trading state is reducing")]
    assert sides == [
        (1, "buy"), (2, "sell"), (3, "buy"), (4, "sell"),
        (6, "buy"), (7, "sell"), (8, "buy"), (9, "sell"), (10, "buy"), (11, "sell"),
    ]  # fmt: skip
