"""Measures one run of one workload in a process of its own, and prints the result as one line of JSON.

    python -m benchmarks.one_run a --bars 1000000 --shift 3

A short run compiles and warms the caches. Then time is measured from arrays in memory to the recorded fills and final
equity, features included. Every price is moved by `--shift` ticks, so that nothing can be cached from an earlier run.
Heap memory left free by making the bars is given back before, and peak memory is read after. Then the exact loop, plain
Python, is timed for the ratio; the process fails unless every fill and the final equity equal the loop's. Processor
seconds are printed beside those of the clock, because the machine may be busy with other work.
"""

import argparse
import ctypes
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from decimal import Decimal

import attrs

from actors.app.results.result import build_result
from actors.app.results.tape import FillRow
from actors.app.runs.run import run_backtest
from actors.app.settings import load_settings
from benchmarks.agreement import disagreement
from benchmarks.bars import make_bars
from benchmarks.exact_loops import ExactRun, IntBars, RoundTo, grid_run
from benchmarks.grid import EVERY, LEVELS, NOTIONAL, grid_settings, run_grid
from benchmarks.workloads import INSTRUMENT, SPARSE, A, B, Crossover, int_bars, native_bars
from ideacards.feeds import Bars

__all__ = ["CASES", "Ran", "main", "measure"]

WARM_BARS = 2_000


@attrs.frozen(eq=False)
class Ran:
    """The results of a run; `final_equity` is Money."""

    fills: Sequence[FillRow]
    final_equity: int
    bars_delivered: int


@attrs.frozen
class Case:
    """One workload: how the engine runs it, and how the exact loop does."""

    run: Callable[[Bars], Ran]
    loop: Callable[[IntBars], ExactRun]


def _crossing(workload: Crossover, *, every_bar: bool = False) -> Case:
    settings = attrs.evolve(load_settings("simulator"), every_bar=every_bar)
    card = workload.card()

    def run(bars: Bars) -> Ran:
        tape = run_backtest(card, bars, INSTRUMENT, settings)
        result = build_result(tape, data_digest="", card_digest="")
        return Ran(tape.fills, INSTRUMENT.money(Decimal(result.object["final_equity"])), tape.bars_delivered)

    return Case(run, workload.exact)


def _grid(*, has_limits: bool) -> Case:
    settings = grid_settings(has_limits=has_limits)

    def run(bars: Bars) -> Ran:
        result = run_grid(bars, settings)
        return Ran(result.fills, result.final_equity, result.bars_delivered)

    def loop(bars: IntBars) -> ExactRun:
        return grid_run(bars, levels=LEVELS, every=EVERY, notional=NOTIONAL, rungs_to=RoundTo.HALF_EVEN)

    return Case(run, loop)


CASES: dict[str, Callable[[], Case]] = {
    "a": lambda: _crossing(A),
    "b": lambda: _crossing(B),
    "sparse": lambda: _crossing(SPARSE),
    "every_bar": lambda: _crossing(A, every_bar=True),
    "c": lambda: _grid(has_limits=False),
    "c_limited": lambda: _grid(has_limits=True),
}


def measure(name: str, count: int, shift_ticks: int) -> dict[str, object]:
    """Run the case and compare it with the loop; ValueError if they disagree."""
    case = CASES[name]()
    bars = native_bars(make_bars(count), shift_ticks)
    case.run(native_bars(make_bars(min(count, WARM_BARS))))
    _give_back_free_memory()
    begun, cpu_begun = time.perf_counter(), time.process_time()
    ran = case.run(bars)
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu_begun
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    prices = int_bars(bars)
    cpu_begun = time.process_time()
    exact = case.loop(prices)
    loop_cpu_seconds = time.process_time() - cpu_begun
    found = disagreement(exact, prices.close[-1], ran.fills, ran.final_equity, INSTRUMENT)
    if found is not None:
        raise ValueError(f"{name}: {found}")
    return {
        "case": name,
        "bars": count,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "loop_cpu_seconds": loop_cpu_seconds,
        "fills": len(ran.fills),
        "bars_delivered": ran.bars_delivered,
        "peak_rss_mb": round(peak_mb, 1),
    }


def _give_back_free_memory() -> None:
    """Return free pages of the heap to the system, where the C library can."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc alone has it
    if trim is not None:
        trim(0)


def main(words: list[str] | None = None) -> None:
    """Measure once and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.one_run", description=__doc__)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--bars", type=int, default=100_000)
    parser.add_argument("--shift", type=int, default=0)
    options = parser.parse_args(words)
    print(json.dumps(measure(options.case, options.bars, options.shift)))


if __name__ == "__main__":
    main()
