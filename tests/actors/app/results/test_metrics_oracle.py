"""Metrics against an independent library, on random returns; where its conventions differ, the difference is named.

It counts a year in returns (365 of them here), has no notion of undefined (NaN and infinities), and compounds alpha.
"""

import math
from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.app.results.scoring import ratios
from actors.app.results.scoring.days import Floats, rolling_sharpe
from actors.app.results.scoring.ratios import alpha, annual_growth, beta, sharpe, sortino, volatility

returns_of = st.lists(st.floats(-0.2, 0.25, allow_subnormal=False).map(lambda r: round(r, 6)), min_size=2, max_size=250)
YEAR = 365


@pytest.fixture(scope="module")
def oracle() -> Iterator[ModuleType]:
    """The library; it still asks numpy for a name that numpy 2 has given up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "NINF", -np.inf, raising=False)
        import empyrical  # type: ignore[import-untyped]

        yield empyrical


def same(found: float | None, said: float) -> bool:
    """Undefined is NaN or infinite there."""
    if found is None:
        return not math.isfinite(said) or abs(said) > 1e8  # a deviation of 1e-17 is no deviation
    return found == pytest.approx(float(said), rel=1e-7, abs=1e-9)


def curve_of(returns: Floats) -> Floats:
    return np.asarray(100.0 * np.cumprod(1 + returns))


@given(returns_of)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_curves_ratios_agree(oracle: ModuleType, values: list[float]) -> None:
    returns = np.array(values)
    assert same(sharpe(returns), oracle.sharpe_ratio(returns, annualization=YEAR))
    assert same(sortino(returns), oracle.sortino_ratio(returns, annualization=YEAR))
    assert same(volatility(returns), oracle.annual_volatility(returns, annualization=YEAR))
    curve = curve_of(returns)
    grown = annual_growth(100.0, float(curve[-1]), len(returns))
    assert same(grown, oracle.cagr(returns, annualization=YEAR))
    peaks = np.maximum.accumulate(np.append(100.0, curve))
    deepest = float((1 - np.append(100.0, curve) / peaks).max())
    assert same(-deepest, oracle.max_drawdown(returns))
    if grown is not None and deepest > 1e-6:
        assert same(ratios.divided(grown, deepest), oracle.calmar_ratio(returns, annualization=YEAR))


@given(st.lists(st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1)), min_size=3, max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_curves_ratios_agree(oracle: ModuleType, pairs: list[tuple[float, float]]) -> None:
    returns, market = (np.round(np.array(column), 6) for column in zip(*pairs, strict=True))
    if float(market.std()) < 1e-5:
        return
    assert same(beta(returns, market), oracle.beta(returns, market))
    found, slope = alpha(returns, market), beta(returns, market)
    assert found is not None
    assert slope is not None
    said = oracle.alpha(returns, market, annualization=YEAR, _beta=slope)
    assert (1 + found / YEAR) ** YEAR - 1 == pytest.approx(said, rel=1e-6, abs=1e-9)


@given(returns_of, st.integers(2, 40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_moving_sharpe_ratio_agrees(oracle: ModuleType, values: list[float], window: int) -> None:
    returns = np.array(values)
    found = rolling_sharpe(returns, window)
    assert len(found) == len(returns)
    assert np.isnan(found[: window - 1]).all()
    said = oracle.roll_sharpe_ratio(returns, window, annualization=YEAR) if len(returns) >= window else []
    for value, other in zip(found[window - 1 :].tolist(), list(said), strict=True):
        assert same(None if math.isnan(value) else value, other)


@pytest.mark.parametrize("fault", ["population deviation", "252 days", "losing days alone"])
def test_a_wrong_convention_is_found_out(oracle: ModuleType, fault: str) -> None:
    returns = np.array([0.01, -0.02, 0.03, 0.0, 0.005])
    losses = returns[returns < 0]
    wrong = {
        "population deviation": (returns.mean() / returns.std() * math.sqrt(YEAR), oracle.sharpe_ratio),
        "252 days": (returns.mean() / returns.std(ddof=1) * math.sqrt(252), oracle.sharpe_ratio),
        "losing days alone": (returns.mean() / math.sqrt((losses**2).mean()) * math.sqrt(YEAR), oracle.sortino_ratio),
    }
    value, said = wrong[fault]
    assert not same(float(value), said(returns, annualization=YEAR))
