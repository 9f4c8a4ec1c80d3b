"""Metrics: what a trader asks of a run, each with the definition that is shown beside it.

Statistics for people, so floats are allowed; nothing decides from them. A year has 365 days, a day is a UTC day, the
risk-free rate is 0, and a metric without a value (no trades, no losing trade, no variation) is None, never 0.
docs/metrics.md gives the formulas.
"""

import math
from collections.abc import Callable, Sequence
from enum import StrEnum

import attrs
import numpy as np

from actors.app.results import RunResult
from actors.app.run_facts import Facts, Floats, facts_of

__all__ = ["METRICS", "Metric", "MetricGroup", "MetricUnit", "Value", "compute_metrics"]

DAYS_A_YEAR = 365
Value = float | None


class MetricUnit(StrEnum):
    """How a value reads."""

    PERCENT = "percent"  # the value is a fraction
    QUOTE = "quote"  # quote coin
    NUMBER = "number"
    COUNT = "count"
    BARS = "bars"
    DAYS = "days"


class MetricGroup(StrEnum):
    """Under which heading it stands."""

    RETURN = "Return"
    RISK = "Risk"
    TRIPS = "Round trips"
    ACTIVITY = "Activity and costs"


@attrs.frozen
class Metric:
    """One metric's name, unit and definition, and the function that computes it."""

    key: str
    label: str
    group: MetricGroup
    unit: MetricUnit
    definition: str
    of: Callable[[Facts], Value]


def compute_metrics(result: RunResult) -> tuple[tuple[Metric, Value], ...]:
    """Every metric of METRICS with its value for this run; None is undefined."""
    facts = facts_of(result)
    return tuple((metric, _finite(metric.of(facts))) for metric in METRICS)


def _finite(value: Value) -> Value:
    return value if value is not None and math.isfinite(value) else None


def _mean(values: Floats) -> Value:
    return float(values.mean()) if len(values) else None


def _divided(numerator: Value, denominator: Value) -> Value:
    return numerator / denominator if numerator is not None and denominator else None


def _annual_growth(facts: Facts) -> Value:
    growth = facts.final_equity / facts.start_equity
    if growth <= 0 or facts.days < 1:
        return None
    exponent = math.log(growth) * DAYS_A_YEAR / facts.days
    return math.expm1(exponent) if exponent < 700 else None


def _deviation(returns: Floats) -> Value:
    """Sample standard deviation of day returns; undefined below two days."""
    return float(returns.std(ddof=1)) if len(returns) > 1 else None


def _volatility(facts: Facts) -> Value:
    deviation = _deviation(facts.day_returns)
    return None if deviation is None else deviation * math.sqrt(DAYS_A_YEAR)


def _sharpe(facts: Facts) -> Value:
    ratio = _divided(_mean(facts.day_returns), _deviation(facts.day_returns))
    return None if ratio is None else ratio * math.sqrt(DAYS_A_YEAR)


def _sortino(facts: Facts) -> Value:
    losses = np.minimum(facts.day_returns, 0.0)
    if len(losses) < 2:
        return None
    ratio = _divided(_mean(facts.day_returns), math.sqrt(float((losses * losses).mean())))
    return None if ratio is None else ratio * math.sqrt(DAYS_A_YEAR)


def _profit_factor(facts: Facts) -> Value:
    wins, losses = facts.net[facts.net > 0].sum(), facts.net[facts.net < 0].sum()
    return _divided(float(wins), -float(losses))


def _fee_share(facts: Facts) -> Value:
    return _divided(facts.fees, float(facts.gross[facts.gross > 0].sum()))


def _extreme(values: Floats, pick: Callable[[Sequence[float]], float]) -> Value:
    return pick(values.tolist()) if len(values) else None


_R, _K, _T, _A = MetricGroup.RETURN, MetricGroup.RISK, MetricGroup.TRIPS, MetricGroup.ACTIVITY
_PERCENT, _QUOTE, _NUMBER = MetricUnit.PERCENT, MetricUnit.QUOTE, MetricUnit.NUMBER

METRICS: tuple[Metric, ...] = (
    Metric(
        "total_return",
        "Total return",
        _R,
        _PERCENT,
        "Final equity divided by starting equity, minus 1. Final equity marks an open position at the last close.",
        lambda f: f.final_equity / f.start_equity - 1,
    ),
    Metric(
        "cagr",
        "Annual growth (CAGR)",
        _R,
        _PERCENT,
        "The constant yearly growth that gives the total return: (final / start) ^ (365 / days) - 1, with days from "
        "the first bar's open to the last bar's close. Undefined below one day; over a few days it says little.",
        _annual_growth,
    ),
    Metric(
        "volatility",
        "Annual volatility",
        _K,
        _PERCENT,
        "Sample standard deviation of the returns of UTC days, times the square root of 365. Undefined below two days.",
        _volatility,
    ),
    Metric(
        "sharpe",
        "Sharpe ratio",
        _K,
        _NUMBER,
        "Mean return of UTC days divided by their sample standard deviation, times the square root of 365; the "
        "risk-free rate is 0. Undefined without variation.",
        _sharpe,
    ),
    Metric(
        "sortino",
        "Sortino ratio",
        _K,
        _NUMBER,
        "As the Sharpe ratio, divided by the downside deviation instead: the root of the mean over all days of the "
        "squared losing returns. Undefined without a losing day.",
        _sortino,
    ),
    Metric(
        "max_drawdown",
        "Maximum drawdown",
        _K,
        _PERCENT,
        "Deepest fall of bar-close equity below its highest bar-close value so far, as a fraction of that peak.",
        lambda f: f.max_drawdown,
    ),
    Metric(
        "max_drawdown_days",
        "Longest drawdown",
        _K,
        MetricUnit.DAYS,
        "Longest time from a peak of bar-close equity to the first close back at or above it, or to the end.",
        lambda f: f.drawdown_days,
    ),
    Metric(
        "calmar",
        "Calmar ratio",
        _K,
        _NUMBER,
        "Annual growth divided by maximum drawdown. Undefined without a drawdown.",
        lambda f: _divided(_annual_growth(f), f.max_drawdown),
    ),
    Metric(
        "trips",
        "Round trips",
        _T,
        MetricUnit.COUNT,
        "Returns of the net position to zero; a reversal ends one and starts the next; an open one is none.",
        lambda f: float(len(f.net)),
    ),
    Metric(
        "win_rate",
        "Win rate",
        _T,
        _PERCENT,
        "Share of round trips that ended above zero after fees.",
        lambda f: _mean((f.net > 0).astype(np.float64)),
    ),
    Metric(
        "average_return",
        "Average return",
        _T,
        _PERCENT,
        "Mean over round trips of profit after fees divided by the value entered.",
        lambda f: _mean(f.trip_returns),
    ),
    Metric(
        "best",
        "Best round trip",
        _T,
        _QUOTE,
        "Largest profit of a round trip after fees.",
        lambda f: _extreme(f.net, max),
    ),
    Metric(
        "worst",
        "Worst round trip",
        _T,
        _QUOTE,
        "Smallest profit (largest loss) of a round trip after fees.",
        lambda f: _extreme(f.net, min),
    ),
    Metric(
        "profit_factor",
        "Profit factor",
        _T,
        _NUMBER,
        "Sum of the winning round trips divided by the sum of the losing ones, after fees. Undefined without a loss.",
        _profit_factor,
    ),
    Metric(
        "expectancy",
        "Expectancy",
        _T,
        _QUOTE,
        "Mean profit of a round trip after fees.",
        lambda f: _mean(f.net),
    ),
    Metric(
        "average_bars",
        "Average holding",
        _T,
        MetricUnit.BARS,
        "Mean number of exec bars from the bar of the first entry fill to the bar of the last exit fill.",
        lambda f: _mean(f.bars_held),
    ),
    Metric(
        "exposure",
        "Exposure",
        _A,
        _PERCENT,
        "Share of bar closes at which a position was held.",
        lambda f: f.held,
    ),
    Metric(
        "turnover",
        "Turnover",
        _A,
        _NUMBER,
        "Value of all fills divided by starting equity.",
        lambda f: f.traded / f.start_equity,
    ),
    Metric(
        "fees",
        "Fees",
        _A,
        _QUOTE,
        "Fees of all fills.",
        lambda f: f.fees,
    ),
    Metric(
        "fee_share",
        "Fees of gross profit",
        _A,
        _PERCENT,
        "Fees of all fills divided by the sum of the round trips that gained before fees. Undefined if none did.",
        _fee_share,
    ),
)
