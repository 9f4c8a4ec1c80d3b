"""Days and months: where a close belongs, what an empty one returned, and that months multiply to the whole."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.app.results.scoring.days import monthly_table, rolling_sharpe


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def test_a_close_at_midnight_ends_the_month_before() -> None:
    closes = np.array([at("2023-12-31T12:00"), at("2024-01-01T00:00"), at("2024-01-31T23:59"), at("2024-02-01T00:00")])
    (first, second) = monthly_table(closes, np.array([110.0, 121.0, 130.0, 133.1]), 100.0)
    assert (first.year, second.year) == (2023, 2024)
    assert first.months[11] == pytest.approx(0.21)
    assert first.months[:11] == (None,) * 11
    assert second.months[0] == pytest.approx(0.1)
    assert second.months[1:] == (None,) * 11
    assert [first.total, second.total] == pytest.approx([0.21, 0.1])


def test_a_month_without_bars_returned_nothing() -> None:
    closes = np.array([at("2024-01-15T00:00"), at("2024-03-15T00:00")])
    (year,) = monthly_table(closes, np.array([110.0, 99.0]), 100.0)
    assert list(year.months[:3]) == pytest.approx([0.1, 0.0, -0.1])


def test_after_ruin_a_return_is_undefined() -> None:
    closes = np.array([at("2024-01-15T00:00"), at("2024-02-15T00:00")])
    (year,) = monthly_table(closes, np.array([0.0, 5.0]), 100.0)
    assert year.months[:2] == (-1.0, None)


@given(st.lists(st.tuples(st.integers(1, 400), st.floats(0.5, 2.0)), min_size=1, max_size=60))
def test_months_multiply_to_years_and_years_to_the_whole(steps: list[tuple[int, float]]) -> None:
    moment, equity = datetime(2023, 11, 20, tzinfo=UTC), 100.0
    closes, curve = [], []
    for hours, factor in steps:
        moment, equity = moment + timedelta(hours=hours), equity * factor
        closes.append(int(moment.timestamp() * 1000))
        curve.append(equity)
    years = monthly_table(np.array(closes), np.array(curve), 100.0)
    for year in years:
        assert 1 + year.total == pytest.approx(math.prod(1 + month for month in year.months if month is not None))
    assert math.prod(1 + year.total for year in years) == pytest.approx(equity / 100)


def test_a_moving_ratio_of_equal_days_is_undefined() -> None:
    assert np.isnan(rolling_sharpe(np.full(100, 0.01), 90)).all()
    assert np.isnan(rolling_sharpe(np.array([0.01, 0.02]), 90)).all()
