"""Workloads A, B and C: the house does what the exact loops do, and the loops come to the published figures."""

from decimal import Decimal
from functools import cache

import attrs
import pytest

from actors.app.results.result import build_result
from actors.app.runs.run import run_backtest
from actors.app.settings import load_settings
from benchmarks.agreement import disagreement
from benchmarks.bars import make_bars
from benchmarks.exact_loops import ExactRun, RoundTo, grid_run
from benchmarks.grid import EVERY, LEVELS, NOTIONAL, GridResult, grid_settings, run_grid
from benchmarks.workloads import INSTRUMENT, SPARSE, A, B, Crossover, int_bars, native_bars
from ideacards.feeds import Bars

BARS = 100_000
SLICE = 15_000
MILLION = 1_000_000


@cache
def bars_of(count: int) -> Bars:
    return native_bars(make_bars(count))


@cache
def free_grid() -> GridResult:
    """C at full size, the limiter off."""
    return run_grid(bars_of(BARS), grid_settings(has_limits=False))


def exact_grid(bars: Bars, round_to: RoundTo = RoundTo.HOUSE, rungs_to: RoundTo = RoundTo.HALF_EVEN) -> ExactRun:
    prices = int_bars(bars)
    return grid_run(prices, levels=LEVELS, every=EVERY, notional=NOTIONAL, round_to=round_to, rungs_to=rungs_to)


def crossover(workload: Crossover, bars: Bars, *, every_bar: bool) -> tuple[str | None, int]:
    """Where house and loop part, and how many bars were delivered."""
    settings = attrs.evolve(load_settings("simulator"), every_bar=every_bar)
    tape = run_backtest(workload.card(), bars, INSTRUMENT, settings)
    result = build_result(tape, data_digest="", card_digest="")
    prices = int_bars(bars)
    equity = INSTRUMENT.money(Decimal(result.object["final_equity"]))
    found = disagreement(workload.exact(prices), prices.close[-1], tape.fills, equity, INSTRUMENT)
    return found, tape.bars_delivered


def grid(run: GridResult, exact: ExactRun, bars: Bars) -> str | None:
    return disagreement(exact, int(bars.price_close[-1]), run.fills, run.final_equity, INSTRUMENT)


@pytest.mark.parametrize(
    ("workload", "count", "fills", "equity"),
    [
        (A, BARS, 3_449, "997742.0762"),
        (B, BARS, 3_449, "997828.5104"),
        (A, MILLION, 34_282, "981481.7781"),
        (B, MILLION, 34_282, "981699.4976"),
    ],
)
def test_with_quantities_to_the_nearest_step_a_and_b_are_the_published_ones(
    workload: Crossover, count: int, fills: int, equity: str
) -> None:
    prices = int_bars(bars_of(count))
    exact = workload.exact(prices, RoundTo.HALF_EVEN)
    assert len(exact.fills) == fills
    assert round(Decimal(exact.equity(prices.close[-1])).scaleb(-INSTRUMENT.money_digits), 4) == Decimal(equity)


@pytest.mark.parametrize(("count", "fills", "equity"), [(BARS, 15_876, "1005939.5057"), (MILLION, 158_523, None)])
def test_with_everything_to_the_nearest_c_is_the_published_one(count: int, fills: int, equity: str | None) -> None:
    exact = exact_grid(bars_of(count), RoundTo.HALF_EVEN)
    assert len(exact.fills) == fills
    final = Decimal(exact.equity(int(bars_of(count).price_close[-1]))).scaleb(-INSTRUMENT.money_digits)
    assert equity is None or round(final, 4) == Decimal(equity)


@pytest.mark.parametrize("workload", [A, B, SPARSE], ids=lambda each: each.name)
def test_a_and_b_are_the_loop_fill_for_fill(workload: Crossover) -> None:
    found, delivered = crossover(workload, bars_of(BARS), every_bar=False)
    assert found is None
    assert delivered < BARS / (20 if workload is A or workload is B else 100)


@pytest.mark.parametrize("workload", [A, B], ids=lambda each: each.name)
def test_a_and_b_are_the_loop_with_every_bar_delivered(workload: Crossover) -> None:
    assert crossover(workload, bars_of(SLICE), every_bar=True) == (None, SLICE)


@pytest.mark.slow
def test_c_is_the_loop_fill_for_fill_and_gives_15_876_fills() -> None:
    bars = bars_of(BARS)
    run = free_grid()
    assert grid(run, exact_grid(bars), bars) is None
    assert len(run.fills) == 15_876
    assert run.refusals == 0
    assert run.order_states == {"filled": 15_876, "cancelled": 17_456, "working": 8}
    assert run.bars_delivered == 1 + BARS // EVERY + 1  # every sixtieth and the last


@pytest.mark.slow
@pytest.mark.parametrize("per_second", [10, 1])
def test_c_gives_15_876_fills_under_request_budgets_too(per_second: int) -> None:
    """Orders wait at the gate, but none so long that its rung is lost: the path meets it where it would have."""
    bars = bars_of(BARS)
    limited = grid_settings(has_limits=True)
    assert (limited.limits.create_per_second, limited.limits.cancel_per_second) == (10, 10)
    budgets = attrs.evolve(limited.limits, create_per_second=per_second, cancel_per_second=per_second)
    run, free = run_grid(bars, attrs.evolve(limited, limits=budgets)), free_grid()
    assert len(run.fills) == 15_876
    assert run.final_equity == free.final_equity
    assert run.digest != free.digest, "half a grid is acknowledged later"
    assert [fill.time_ms for fill in run.fills] == [fill.time_ms for fill in free.fills]


def test_c_with_rungs_rounded_by_the_processor_is_the_loop_too() -> None:
    bars = bars_of(SLICE)
    run = run_grid(bars, grid_settings(has_limits=False), RoundTo.HOUSE)
    assert grid(run, exact_grid(bars, rungs_to=RoundTo.HOUSE), bars) is None


def test_c_is_the_same_run_with_every_bar_delivered() -> None:
    bars = bars_of(SLICE)
    few, all_bars = (run_grid(bars, grid_settings(has_limits=False, every_bar=every)) for every in (False, True))
    assert (few.fills, few.digest) == (all_bars.fills, all_bars.digest)
    assert all_bars.bars_delivered == SLICE


def test_a_loop_that_rounds_otherwise_is_found_out() -> None:
    bars = bars_of(SLICE)
    run = run_grid(bars, grid_settings(has_limits=False))
    found = grid(run, exact_grid(bars, RoundTo.HALF_EVEN), bars)
    assert found is not None
    assert found.startswith("fill ")
    shorter = exact_grid(bars)
    del shorter.fills[-1]
    assert str(grid(run, shorter, bars)).startswith(f"fill {len(run.fills) - 1}: the loop has None")
    poorer = exact_grid(bars)
    poorer.cash -= 1
    assert str(grid(run, poorer, bars)).startswith("final equity")
