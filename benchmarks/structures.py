"""Measures the structures: each kind over many bars by compiled code, and one step of it as live takes it.

    python -m benchmarks.structures [--bars 1000000] [--rounds 3]

Processor time, so that other work on the machine counts little. The machine code is compiled (or read from the disk)
before it is measured. The target is 0.7 s for ten kinds over a
million bars; `ten of them` is the mean kind times ten.
"""

import argparse
import time
from typing import Any

import numpy as np

from benchmarks.bars import make_bars
from benchmarks.workloads import native_bars
from ideacards.indicators.compute import compute, stepper
from ideacards.indicators.registry import FAMILIES, INDICATORS

__all__ = ["batch_s", "main", "step_us"]

_GIVEN: dict[str, dict[str, Any]] = {
    "zigzag": {"threshold": 1.0},
    "fibonacci": {"threshold": 1.0},
    "equal_levels": {"tolerance": 0.1},
    "session_range": {"start": 480, "end": 990},
    "window_extremes": {"length": 100},
}
_STEPS = 2_000


def _params(use: str) -> dict[str, Any]:
    given = _GIVEN.get(use, {})
    return {param.name: given.get(param.name, param.default) for param in INDICATORS[use].params}


def _best(rounds: int, work: Any) -> float:
    best = float("inf")
    for _ in range(rounds):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def batch_s(use: str, columns: dict[str, Any], rounds: int) -> float:
    """Seconds of processor time for all bars."""
    inputs = [columns[name] for name in INDICATORS[use].inputs]
    compute(use, _params(use), *(column[:10] for column in inputs))
    return _best(rounds, lambda: compute(use, _params(use), *inputs))


def step_us(use: str, columns: dict[str, Any], rounds: int) -> float:
    """Microseconds for one bar, the mean of many."""
    rows = list(zip(*(columns[name][:_STEPS].tolist() for name in INDICATORS[use].inputs), strict=True))

    def work() -> None:
        one = stepper(use, _params(use))
        for row in rows:
            one.step(*row)

    return _best(rounds, work) / len(rows) * 1e6


def main(argv: list[str] | None = None) -> None:
    """Print a line a kind, and what ten of them cost together."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bars", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args(argv)
    bars = native_bars(make_bars(chosen.bars))
    names = ("open", "high", "low", "close", "ts_open", "ts_close")
    columns = {name: np.asarray(getattr(bars, name), dtype=np.float64) for name in names}
    batches, steps = [], []
    for use in FAMILIES["structures"]:
        batches.append(batch_s(use, columns, chosen.rounds))
        steps.append(step_us(use, columns, chosen.rounds))
        print(f"{use:<18}{batches[-1] * 1e3:8.1f} ms a batch {steps[-1]:7.1f} us a step")
    mean = 10 / len(batches)
    print(f"{'ten of them':<18}{sum(batches) * mean * 1e3:8.1f} ms a batch {sum(steps) * mean:7.1f} us a step")


if __name__ == "__main__":
    main()
