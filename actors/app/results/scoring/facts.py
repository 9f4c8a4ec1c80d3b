"""The numbers and arrays that metrics are computed from, as floats in quote coin; for statistics only."""

import attrs
import numpy as np
import numpy.typing as npt

from actors.app.results.result import RunResult
from actors.app.results.scoring.benchmark import Benchmark, benchmark_of
from actors.app.results.scoring.days import DAY_MS, Floats, day_returns
from actors.app.results.scoring.excursions import Excursions, excursions_of

__all__ = ["ScoreFacts", "facts_of", "longest_drawdown_ms"]


@attrs.frozen(eq=False)
class ScoreFacts:
    """Input of the metrics: numbers in quote coin, arrays with an entry for each trip, bar or UTC day."""

    start_equity: float
    final_equity: float
    days: float  # from the first bar's open to the last bar's close
    day_returns: Floats
    max_drawdown: float
    drawdown_days: float
    held: float  # share of bar closes with a position
    traded: float
    fees: float
    net: Floats
    trip_returns: Floats
    gross: Floats
    bars_held: Floats
    entry_values: Floats
    funding: float | None  # paid; None if not modelled
    excursions: Excursions
    benchmark: Benchmark


def facts_of(result: RunResult) -> ScoreFacts:
    """The metrics' input for one run."""
    curve, trips = result.curve, result.walk.trips
    start = float(result.start_equity)
    scale = 10.0**result.tape.instrument.money_digits
    equity = curve.equity_floats(scale)
    first_open = int(result.tape.bars.ts_open[result.tape.start])
    return ScoreFacts(
        start_equity=start,
        final_equity=float(equity[-1]),
        days=(int(curve.ts_close[-1]) - first_open) / DAY_MS,
        day_returns=day_returns(curve.ts_close, equity, start),
        max_drawdown=float(curve.drawdown.max()),
        drawdown_days=longest_drawdown_ms(curve.ts_close, equity) / DAY_MS,
        held=float(curve.held.mean()),
        traded=result.walk.traded / scale,
        fees=result.walk.fees / scale,
        net=np.array([float(trip.net) for trip in trips]),
        trip_returns=np.array([float(trip.net / trip.entry_value) for trip in trips]),
        gross=np.array([float(trip.gross) for trip in trips]),
        bars_held=np.array([float(trip.bars_held) for trip in trips]),
        entry_values=np.array([float(trip.entry_value) for trip in trips]),
        funding=None if "funding" in result.tape.not_modelled else result.walk.funding / scale,
        excursions=excursions_of(result.tape.executions, result.tape.bars, result.tape.instrument),
        benchmark=benchmark_of(result),
    )


def longest_drawdown_ms(ts_close: npt.NDArray[np.int64], equity: Floats) -> int:
    """Longest time (ms) from an equity peak to the first close back at or above it, or to the end."""
    at_peak = np.flatnonzero(equity >= np.maximum.accumulate(equity))
    ends = np.append(ts_close[at_peak[1:]], ts_close[-1])
    is_below = np.append(np.diff(at_peak) > 1, at_peak[-1] < len(equity) - 1)
    return int((ends - ts_close[at_peak])[is_below].max(initial=0))
