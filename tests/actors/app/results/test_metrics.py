"""Metrics against numbers worked out by hand; what has no value is None, never 0."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from actors.app.results.scoring.catalog import METRICS
from actors.app.results.scoring.days import day_returns
from actors.app.results.scoring.facts import longest_drawdown_ms
from actors.app.results.scoring.metric import Value
from actors.app.results.scoring.scores import compute_metrics
from tests.actors.app.results.tapes import FIRST_MS, a_fill, a_result, a_tape, some_bars

DAY_MS = 86_400_000
HOUR_MS = 3_600_000


def metrics_of(
    closes: Sequence[str], fills: Sequence[tuple[int, str, str]], step_ms: int = HOUR_MS
) -> dict[str, Value]:
    bars = some_bars(closes, step_ms=step_ms)
    rows = [a_fill(bars, *fill, fee=0) for fill in fills]
    return {metric.key: value for metric, value in compute_metrics(a_result(a_tape(bars, rows)))}


def test_a_run_without_trades_has_no_trip_metrics() -> None:
    found = metrics_of(["100"] * 72, [])
    undefined = {key for key, value in found.items() if value is None}
    assert undefined == {
        "sharpe",
        "sortino",
        "calmar",
        "win_rate",
        "average_return",
        "best",
        "worst",
        "profit_factor",
        "expectancy",
        "average_bars",
        "fee_share",
        "benchmark_sharpe",
        "beta",
        "alpha",
        "correlation",
        "average_mae",
        "average_mfe",
        "worst_mae",
        "edge_ratio",
        "funding",
    }
    assert all(value == 0 for value in found.values() if value is not None)


def test_trips_are_counted_after_fees_and_by_hand() -> None:
    closes = ["100", "110", "110", "100", "100", "120"]
    found = metrics_of(closes, [(0, "1", "100"), (1, "-1", "110"), (2, "1", "110"), (3, "-1", "105"), (4, "2", "100")])
    assert found["trips"] == 2
    assert found["win_rate"] == 0.5
    assert (found["best"], found["worst"], found["expectancy"]) == (10, -5, 2.5)
    assert found["profit_factor"] == 2
    assert found["average_return"] == pytest.approx((10 / 100 - 5 / 110) / 2)
    assert found["average_bars"] == 1
    assert found["turnover"] == pytest.approx((100 + 110 + 110 + 105 + 200) / 10_000)
    assert found["exposure"] == pytest.approx(4 / 6)
    assert found["total_return"] == pytest.approx((10 - 5 + 40) / 10_000)


def test_a_profit_factor_without_a_loss_is_undefined() -> None:
    assert metrics_of(["100", "110"], [(0, "1", "100"), (1, "-1", "110")])["profit_factor"] is None


def test_fees_are_set_against_gross_gains() -> None:
    bars = some_bars(["100", "110"])
    rows = [a_fill(bars, 0, "1", "100", fee=1), a_fill(bars, 1, "-1", "110", fee=2)]
    found = {metric.key: value for metric, value in compute_metrics(a_result(a_tape(bars, rows)))}
    assert (found["fees"], found["fee_share"], found["best"]) == (3, 0.3, 7)


def test_ratios_come_from_the_returns_of_utc_days() -> None:
    closes = ["100"] * 24 + ["200"] * 24 + ["150"] * 24 + ["250"] * 24  # one price a day
    found = metrics_of(closes, [(0, "10", "100")])
    equity = [10_000, 11_000, 10_500, 11_500]
    returns = np.array([equity[0] / 10_000 - 1, *(b / a - 1 for a, b in pairwise(equity))])
    deviation = math.sqrt(((returns - returns.mean()) ** 2).sum() / 3)
    downside = math.sqrt((np.minimum(returns, 0) ** 2).mean())
    assert found["volatility"] == pytest.approx(deviation * math.sqrt(365))
    assert found["sharpe"] == pytest.approx(returns.mean() / deviation * math.sqrt(365))
    assert found["sortino"] == pytest.approx(returns.mean() / downside * math.sqrt(365))
    growth = 1.15 ** (365 / 4) - 1
    assert found["cagr"] == pytest.approx(growth)
    assert found["max_drawdown"] == pytest.approx(500 / 11_000)
    assert found["calmar"] == pytest.approx(growth / (500 / 11_000))
    assert found["max_drawdown_days"] == pytest.approx(25 / 24)  # from the last close at the peak to the next


def test_growth_is_undefined_below_a_day_and_for_a_lost_account() -> None:
    assert metrics_of(["100"] * 23, [])["cagr"] is None
    assert metrics_of(["100"] * 24, [])["cagr"] == 0
    lost = metrics_of(["100.0"] + ["1.0"] * 40, [(0, "500", "100")])
    assert lost["total_return"] == pytest.approx(-4.95)
    assert lost["cagr"] is None


def test_a_close_at_midnight_belongs_to_the_day_it_ends() -> None:
    closes = np.array([FIRST_MS + HOUR_MS, FIRST_MS + DAY_MS, FIRST_MS + DAY_MS + HOUR_MS])
    assert day_returns(closes, np.array([110.0, 121.0, 121.0]), 100.0).tolist() == pytest.approx([0.21, 0.0])


def test_a_day_without_bars_returned_nothing() -> None:
    closes = np.array([FIRST_MS + HOUR_MS, FIRST_MS + 3 * DAY_MS + HOUR_MS])
    assert day_returns(closes, np.array([110.0, 121.0]), 100.0).tolist() == pytest.approx([0.1, 0.0, 0.0, 0.1])


@pytest.mark.parametrize(
    ("equity", "hours"),
    [([1, 2, 3], 0), ([3, 2, 1], 2), ([3, 1, 3, 2], 2), ([3, 3, 2, 1, 2, 3], 4), ([3, 1, 4, 3, 3, 3], 3)],
)
def test_the_longest_drawdown_runs_from_its_peak_to_the_next(equity: list[int], hours: int) -> None:
    closes = FIRST_MS + HOUR_MS * np.arange(1, len(equity) + 1)
    assert longest_drawdown_ms(closes, np.array(equity, dtype=float)) == hours * HOUR_MS


def test_every_metric_has_a_name_and_a_definition_of_its_own() -> None:
    assert len({metric.key for metric in METRICS}) == len({metric.label for metric in METRICS}) == len(METRICS)
    assert all(metric.definition.endswith(".") for metric in METRICS)


def test_buy_and_hold_is_the_market_from_its_first_open() -> None:
    closes = ["100"] * 24 + ["200"] * 24 + ["150"] * 24 + ["250"] * 24
    found = metrics_of(closes, [(0, "10", "100")])
    assert found["benchmark_return"] == pytest.approx(1.5)
    assert found["benchmark_max_drawdown"] == pytest.approx(0.25)
    assert found["excess_return"] == pytest.approx(0.15 - 1.5)
    assert found["benchmark_cagr"] == pytest.approx(2.5 ** (365 / 4) - 1)
    market = np.array([0.0, 1.0, -0.25, 2 / 3])
    own = np.array([0.0, 0.1, -500 / 11_000, 1_000 / 10_500])
    slope = np.cov(own, market)[0, 1] / np.var(market, ddof=1)
    assert found["beta"] == pytest.approx(slope)
    assert found["alpha"] == pytest.approx((own.mean() - slope * market.mean()) * 365)
    assert found["correlation"] == pytest.approx(np.corrcoef(own, market)[0, 1])


def test_costs_are_set_against_the_start() -> None:
    bars = some_bars(["100"] * 48, step_ms=HOUR_MS)
    rows = [a_fill(bars, 0, "10", "100", fee=30), a_fill(bars, 1, "-10", "100", fee=20)]
    found = {metric.key: value for metric, value in compute_metrics(a_result(a_tape(bars, rows)))}
    assert found["fee_drag"] == pytest.approx(50 / 10_000)
    assert found["turnover"] == pytest.approx(0.2)
    assert found["annual_turnover"] == pytest.approx(0.2 * 365 / 2)


def test_excursions_are_shares_of_the_value_entered() -> None:
    found = metrics_of(["100", "90", "120", "110"], [(0, "1", "100"), (3, "-1", "110")])
    expected = {"average_mae": -0.1, "average_mfe": 0.2, "worst_mae": -0.1, "edge_ratio": 2}
    assert {key: found[key] for key in expected} == pytest.approx(expected)
