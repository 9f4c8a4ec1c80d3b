"""Buy and hold: all of the starting equity in the instrument at the first open, marked at every bar close, no fees.

Any fraction of a coin can be bought, so it is the market itself: equity = start x close / first open.
"""

import attrs
import numpy as np

from actors.app.results.result import RunResult
from actors.app.results.scoring.days import Floats, day_returns

__all__ = ["Benchmark", "benchmark_of"]


@attrs.frozen(eq=False)
class Benchmark:
    """Equity at each bar close, the returns of UTC days, and the deepest drawdown, as those of the run."""

    equity: Floats
    day_returns: Floats
    max_drawdown: float


def benchmark_of(result: RunResult) -> Benchmark:
    """Of the run's instrument over the run's bars."""
    tape, start = result.tape, float(result.start_equity)
    closes = tape.bars.close[tape.start : tape.stop]
    equity: Floats = start * closes / float(tape.bars.open[tape.start])
    peaks = np.maximum(np.maximum.accumulate(equity), start)
    return Benchmark(
        equity, day_returns(result.curve.ts_close, equity, start), float((1.0 - equity / peaks).max(initial=0.0))
    )
