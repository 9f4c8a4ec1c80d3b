"""Metrics of a run and its returns by month, as floats for display; nothing is decided from them.

A metric without a value (no trades, no losing trade, no variation) is None, never 0.
"""

import math
from typing import Any

from actors.app.results.result import RunResult
from actors.app.results.scoring.catalog import METRICS
from actors.app.results.scoring.days import Year, monthly_table
from actors.app.results.scoring.facts import facts_of
from actors.app.results.scoring.metric import Metric, Value

__all__ = ["compute_metrics", "months_of", "scores_object"]


def compute_metrics(result: RunResult) -> tuple[tuple[Metric, Value], ...]:
    """Every metric of METRICS with its value for this run; None if undefined."""
    facts = facts_of(result)
    return tuple((metric, _finite(metric.of(facts))) for metric in METRICS)


def months_of(result: RunResult) -> tuple[Year, ...]:
    """Returns by UTC month."""
    scale = 10.0**result.tape.instrument.money_digits
    return monthly_table(result.curve.ts_close, result.curve.equity_floats(scale), float(result.start_equity))


def scores_object(result: RunResult) -> dict[str, Any]:
    """Metrics by key and returns by month (`2024-01`), as a JSON object; null is undefined."""
    months = {
        f"{year.year}-{number:02d}": value
        for year in months_of(result)
        for number, value in enumerate(year.months, start=1)
        if value is not None
    }
    return {"metrics": {metric.key: value for metric, value in compute_metrics(result)}, "months": months}


def _finite(value: Value) -> Value:
    return value if value is not None and math.isfinite(value) else None
