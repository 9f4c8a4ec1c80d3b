"""Buy and hold: the whole starting equity is in the instrument from the first open, without fees.

It may hold any fraction of a coin, so equity at a bar's close = start x close / first open.
"""

import attrs
import numpy as np

from actors.app.results.result import RunResult
from actors.app.results.scoring.days import Floats, day_returns

__all__ = ["Benchmark", "benchmark_of"]


@attrs.frozen(eq=False)
class Benchmark:
    """Equity at each bar close, returns by UTC day, and maximum drawdown, computed like those of the run."""

    equity: Floats
    day_returns: Floats
    max_drawdown: float


def benchmark_of(result: RunResult) -> Benchmark:
    """Buy and hold of the run's instrument over the run's bars."""
    tape, start = result.tape, float(result.start_equity)
    closes = tape.bars.close[tape.start : tape.stop]
    equity: Floats = start * closes / float(tape.bars.open[tape.start])
    peaks = np.maximum(np.maximum.accumulate(equity), start)
    return Benchmark(
        equity, day_returns(result.curve.ts_close, equity, start), float((1.0 - equity / peaks).max(initial=0.0))
    )
