"""Workload A: measures a whole run in bars a second, and as a multiple of a bare loop's time.

    python -m benchmarks.workload_a [--bars 100000] [--rounds 5]

Every bar is delivered to the strategy. Engine and bare loop alternate, so that both run under the same load of the
machine. A first short run of each compiles and warms the caches and does not count. The engine's seconds are from
arrays in memory to the recorded fills and final equity, features included.
"""

import argparse
import statistics
import time
from decimal import Decimal

import attrs

from actors.app.results.result import build_result
from actors.app.runs.run import run_backtest
from actors.app.settings import load_settings
from benchmarks.bare_loop import BareResult, bare_run
from benchmarks.bars import BenchBars, make_bars
from benchmarks.workloads import INSTRUMENT, A, native_bars
from ideacards.card import Card

__all__ = ["Round", "compare", "main", "measure"]

FAST, SLOW, NOTIONAL = A.fast, A.slow, A.notional
TAKER_RATE = 0.00055


@attrs.frozen
class Round:
    """Seconds of one engine run and of the bare loop beside it."""

    engine_s: float
    bare_s: float


def measure(bars: BenchBars, card: Card) -> Round:
    """Run each once; ValueError if their results differ or a bar was not delivered."""
    native, opens, closes = native_bars(bars), bars.open.tolist(), bars.close.tolist()
    settings = attrs.evolve(load_settings("simulator"), every_bar=True)
    begun = time.perf_counter()
    result = build_result(run_backtest(card, native, INSTRUMENT, settings), data_digest="", card_digest="").object
    middle = time.perf_counter()
    bare = bare_run(opens, closes, fast=FAST, slow=SLOW, warmup=SLOW, notional=float(NOTIONAL), fee_rate=TAKER_RATE)
    ended = time.perf_counter()
    compare(result["bars_delivered"], len(closes), "bars delivered")
    compare(result["fills"], bare.fills, "fills")
    compare(result["round_trips"], bare.round_trips, "round trips")
    check_equity(Decimal(result["final_equity"]), bare)
    return Round(middle - begun, ended - middle)


def compare(engine: int, bare: int, what: str) -> None:
    """ValueError if the two disagree."""
    if engine != bare:
        raise ValueError(f"{what}: engine {engine}, bare loop {bare}")


def check_equity(engine: Decimal, bare: BareResult) -> None:
    """ValueError if the final equities differ by more than a hundredth of a cent; the loop counts in floats."""
    if abs(float(engine) - bare.final_equity) > 1e-4:
        raise ValueError(f"final equity: engine {engine}, bare loop {bare.final_equity}")


def main(words: list[str] | None = None) -> None:
    """Print median and best of the rounds, in bars a second and as a ratio to the bare loop."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workload_a", description=__doc__)
    parser.add_argument("--bars", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(words)
    card, bars = A.card(), make_bars(options.bars)
    measure(make_bars(2_000), card)
    rounds = [measure(bars, card) for _ in range(options.rounds)]
    engine, bare = [each.engine_s for each in rounds], [each.bare_s for each in rounds]
    print(f"workload A, {options.bars} bars, {options.rounds} rounds, every bar delivered")
    for name, pick in (("median", statistics.median), ("best", min)):
        print(
            f"{name}: engine {options.bars / pick(engine):,.0f} bars/s ({pick(engine):.3f} s),"
            f" bare loop {options.bars / pick(bare):,.0f} bars/s, ratio {pick(engine) / pick(bare):.1f}"
        )


if __name__ == "__main__":
    main()
