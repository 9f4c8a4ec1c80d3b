"""The bar's path and the arithmetic of matching, by hand."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from actors.simulator.matching.arithmetic import drifted_price, is_marketable, opening_qty, reducible_qty, touch_level
from actors.simulator.prices.path import (
    PathPolicy,
    path_points,
    point_times,
    price_on_leg,
    taker_price_on_leg,
    time_on_leg,
)


@pytest.mark.parametrize(
    ("policy", "bar", "points"),
    [
        ("nearest_extreme", (100, 112, 97, 104), (100, 97, 112, 104)),
        ("nearest_extreme", (100, 103, 90, 102), (100, 103, 90, 102)),
        ("nearest_extreme", (100, 105, 95, 101), (100, 95, 105, 101)),
        ("ohlc", (100, 112, 97, 104), (100, 112, 97, 104)),
        ("olhc", (100, 103, 90, 102), (100, 90, 103, 102)),
    ],
)
def test_the_policy_says_which_extreme_comes_first(
    policy: str, bar: tuple[int, int, int, int], points: tuple[int, ...]
) -> None:
    assert path_points(PathPolicy(policy), *bar) == points


def test_the_points_lie_at_thirds_of_the_bar_in_whole_milliseconds() -> None:
    assert point_times(1_000, 61_000) == (1_000, 21_000, 41_000, 60_999)
    assert point_times(0, 100) == (0, 33, 66, 99)


def test_the_time_on_a_leg_is_linear_and_never_past_its_end() -> None:
    assert time_on_leg(0, 20_000, 100, 110, 105) == 10_000
    assert time_on_leg(0, 20_000, 110, 100, 100) == 20_000
    assert time_on_leg(5, 20_000, 100, 100, 100) == 5


def test_the_price_on_a_leg_is_rounded_towards_its_start_and_a_takers_against_him() -> None:
    assert [price_on_leg(0, 3, 100, 110, ms) for ms in (0, 1, 2, 3)] == [100, 103, 106, 110]
    assert [price_on_leg(0, 3, 110, 100, ms) for ms in (0, 1, 2, 3)] == [110, 107, 104, 100]
    assert [taker_price_on_leg(0, 3, 100, 110, 1, side, 5) for side in (1, -1)] == [105, 100]
    assert [taker_price_on_leg(0, 3, 110, 100, 1, side, 1) for side in (1, -1)] == [107, 106]
    assert taker_price_on_leg(0, 2, 3, 3, 1, -1, 5) == 5


@given(st.data(), st.integers(1, 400), st.integers(1, 3_000), st.integers(1, 3_000))
def test_times_and_prices_of_a_leg_agree(data: st.DataObject, length: int, start: int, end: int) -> None:
    """What was met by t is not ahead of the price at t + 1, and what is met later is not behind the price at t."""
    assume(start != end)
    level = data.draw(st.integers(min(start, end), max(start, end)), "level")
    now = data.draw(st.integers(0, length - 1), "now")
    sign = 1 if end > start else -1
    met_ms = time_on_leg(0, length, start, end, level)
    price = price_on_leg(0, length, start, end, now)
    if now > met_ms:
        assert sign * (price - level) >= 0
    else:
        assert sign * (price - level) <= 0
    for side in (1, -1):
        assert 0 <= side * (taker_price_on_leg(0, length, start, end, now, side, 1) - price) <= (side == sign)


def test_a_late_taker_pays_a_tick_for_each_started_second() -> None:
    assert [drifted_price(1000, 1, ms, 1, 10) for ms in (1, 999, 1000, 1001, 20_000)] == [1010, 1010, 1010, 1020, 1200]
    assert drifted_price(1000, -1, 1001, 2, 10) == 960
    assert drifted_price(100, -1, 60_000, 1, 10) == 10


def test_a_limit_at_the_market_takes() -> None:
    assert is_marketable(1, 100, 100)
    assert is_marketable(-1, 99, 100)
    assert not is_marketable(1, 99, 100)


def test_a_resting_limit_is_reached_beyond_its_own_price() -> None:
    assert touch_level(1, 100, 10) == 90
    assert touch_level(-1, 100, 10) == 110


def test_an_order_first_closes_and_opens_with_the_rest() -> None:
    assert [opening_qty(3, side, 5) for side in (1, -1)] == [5, 2]
    assert [opening_qty(-3, side, 2) for side in (1, -1)] == [0, 2]
    assert [reducible_qty(3, side) for side in (1, -1)] == [0, 3]
    assert [reducible_qty(-3, side) for side in (1, -1)] == [3, 0]
