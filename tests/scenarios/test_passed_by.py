"""Without a latency the gate passes the gateway by, and the venue the sockets: the same story as when nobody is."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import attrs
import pytest

from actors.app import names
from actors.app.exchanges import simulated
from actors.app.runs.run import run_backtest
from actors.app.settings import load_settings
from actors.model.backend import ClosedBars, PrivateFrame, SubmitOrder
from actors.simulator.sockets import SimulatedSocket
from benchmarks.bars import make_bars
from benchmarks.grid import grid_settings, run_grid
from benchmarks.workloads import INSTRUMENT, A, B, Crossover, native_bars
from runtime.kernel.cell import Cell
from runtime.kernel.kernel import FaultHook
from runtime.messages import Ref
from tests.oracle.engine import run_rows
from tests.scenarios.test_kill_anything import OFTEN, STORY, market

BARS = native_bars(make_bars(3_000))


def crossing(workload: Crossover, *, every_bar: bool, fault: FaultHook | None = None) -> tuple[object, ...]:
    settings = attrs.evolve(load_settings("simulator"), every_bar=every_bar)
    tape = run_backtest(workload.card(), BARS, INSTRUMENT, settings, fault=fault)
    return (tape.output_digest, *tape.fills)


def grid(*, has_limits: bool) -> tuple[object, ...]:
    result = run_grid(BARS, grid_settings(has_limits=has_limits))
    return (result.digest, result.final_equity, *result.fills)


STORIES: dict[str, Callable[[], tuple[object, ...]]] = {
    "crossing": lambda: crossing(A, every_bar=False),
    "with levels": lambda: crossing(B, every_bar=False),
    "every bar": lambda: crossing(B, every_bar=True),
    "grid": lambda: grid(has_limits=False),
    "grid within the budgets": lambda: grid(has_limits=True),
}


def nobody_is_passed_by(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(simulated, "way_to_venue", lambda latencies: names.GATEWAY)
    patch.setattr(simulated, "SimulatedSocket", partial(SimulatedSocket, may_be_direct=False))


@pytest.mark.parametrize("name", STORIES)
def test_who_is_passed_by_would_have_changed_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    direct = STORIES[name]()
    nobody_is_passed_by(monkeypatch)
    through = STORIES[name]()
    assert len(direct) > 20
    assert through == direct


def test_the_story_of_the_kill_table_is_the_same_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    direct = run_rows(tmp_path, market(), STORY, every_bar=False, **OFTEN)
    nobody_is_passed_by(monkeypatch)
    through = run_rows(tmp_path, market(), STORY, every_bar=False, **OFTEN)
    assert through.tape.output_digest == direct.tape.output_digest
    assert (through.fills, through.orders) == (direct.fills, direct.orders)


def test_these_are_two_roads(monkeypatch: pytest.MonkeyPatch) -> None:
    for is_direct in (True, False):
        if not is_direct:
            nobody_is_passed_by(monkeypatch)
        heard: Counter[Ref] = Counter()

        def count(cell: Cell, message: object, heard: Counter[Ref] = heard) -> bool:
            heard[cell.ref] += isinstance(message, SubmitOrder | PrivateFrame | ClosedBars)
            return False

        crossing(A, every_bar=False, fault=count)
        for ref in (names.GATEWAY, names.PRIVATE_SOCKET, names.PUBLIC_SOCKET):
            assert (heard[ref] == 0) is is_direct, ref


@pytest.mark.parametrize(("workload", "most"), [(A, 28), (B, 33)], ids=["entry and exit", "with levels to move"])
def test_a_round_trip_takes_so_many_messages(workload: Crossover, most: int) -> None:
    """Of an undisturbed run, starts left out, daily comparisons with the venue included."""
    found = []
    for stop in (1_500, 3_000):
        handled = Counter[str]()

        def count(cell: Cell, message: object, handled: Counter[str] = handled) -> bool:
            handled["all"] += 1
            return False

        tape = run_backtest(workload.card(), BARS, INSTRUMENT, load_settings("simulator"), stop=stop, fault=count)
        found.append((handled["all"], len(tape.fills) / 2))
    (few, some), (many, more) = found
    assert more - some > 20
    assert (many - few) / (more - some) <= most
