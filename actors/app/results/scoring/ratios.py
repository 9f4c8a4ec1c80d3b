"""The statistics behind the metrics, on plain arrays; an undefined value is None, never 0 or infinite.

A year has 365 days, returns are by UTC day, the risk-free rate is 0.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from actors.app.results.scoring.days import DAYS_A_YEAR, Floats

__all__ = [
    "alpha",
    "annual_growth",
    "beta",
    "correlation",
    "divided",
    "extreme",
    "mean",
    "sharpe",
    "sortino",
    "volatility",
]

Value = float | None


def mean(values: Floats) -> Value:
    """The mean; None for an empty array."""
    return float(values.mean()) if len(values) else None


def divided(numerator: Value, denominator: Value) -> Value:
    """The quotient; None if either is None or the divisor is 0."""
    return numerator / denominator if numerator is not None and denominator else None


def extreme(values: Floats, pick: Callable[[Sequence[float]], float]) -> Value:
    """The largest or smallest value; None for an empty array."""
    return pick(values.tolist()) if len(values) else None


def annual_growth(start: float, final: float, days: float) -> Value:
    """(final / start) ^ (365 / days) - 1; None below one day, after a total loss, or if too large for a float."""
    growth = final / start
    if growth <= 0 or days < 1:
        return None
    exponent = math.log(growth) * DAYS_A_YEAR / days
    return math.expm1(exponent) if exponent < 700 else None


def _deviation(returns: Floats) -> Value:
    """Sample standard deviation; None below two days, and exactly 0 if all are equal."""
    if len(returns) < 2:
        return None
    return float(returns.std(ddof=1)) if returns.max() > returns.min() else 0.0


def volatility(returns: Floats) -> Value:
    """Sample standard deviation x root of 365."""
    deviation = _deviation(returns)
    return None if deviation is None else deviation * math.sqrt(DAYS_A_YEAR)


def sharpe(returns: Floats) -> Value:
    """Mean over sample standard deviation, x root of 365."""
    ratio = divided(mean(returns), _deviation(returns))
    return None if ratio is None else ratio * math.sqrt(DAYS_A_YEAR)


def sortino(returns: Floats) -> Value:
    """Mean over the root of the mean squared loss of all days, x root of 365."""
    losses = np.minimum(returns, 0.0)
    if len(losses) < 2:
        return None
    ratio = divided(mean(returns), math.sqrt(float((losses * losses).mean())))
    return None if ratio is None else ratio * math.sqrt(DAYS_A_YEAR)


def beta(returns: Floats, market: Floats) -> Value:
    """Covariance with the market over the market's variance."""
    if len(returns) < 2 or market.max() == market.min():
        return None
    deviations = market - market.mean()
    return float((deviations * (returns - returns.mean())).sum() / (deviations * deviations).sum())


def alpha(returns: Floats, market: Floats) -> Value:
    """Mean return less beta x the market's, x 365 (not compounded)."""
    slope = beta(returns, market)
    return None if slope is None else float(returns.mean() - slope * market.mean()) * DAYS_A_YEAR


def correlation(returns: Floats, market: Floats) -> Value:
    """Correlation of both; None if either never varies."""
    if len(returns) < 2 or market.max() == market.min() or returns.max() == returns.min():
        return None
    return float(np.corrcoef(returns, market)[0, 1])
