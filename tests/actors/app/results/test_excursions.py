"""Excursions by arrays against a slow walk over fills and bars, and by hand."""

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.app.results.scoring.excursions import excursions_of
from actors.app.results.tape import Execution
from ideacards.feeds import Bars
from tests.actors.builders import a_market, an_instrument

PLACE = an_instrument()
Row = tuple[float, float, float, float]


def fill(bar: int, qty: int, price: int) -> Execution:
    """Signed coins at whole prices; fees that must not count."""
    return Execution(bar, bar, 1 if qty > 0 else -1, abs(qty) * 1000, price * 100, 12345, "user", "b")


def found(rows: Sequence[Row], fills: Sequence[Execution]) -> list[tuple[float, float]]:
    got = excursions_of(fills, a_market(rows), PLACE)
    return [(round(worst, 9), round(best, 9)) for worst, best in zip(got.worst, got.best, strict=True)]


def test_whole_bars_count_with_their_extremes_and_the_fills_bars_with_what_is_known() -> None:
    rows = [(100, 130, 70, 101), (101, 112, 95, 108), (108, 140, 60, 90)]
    assert found(rows, [fill(0, 1, 100), fill(2, -1, 104)]) == [(-5, 12)]


def test_within_one_bar_only_the_fills_prices_are_known() -> None:
    assert found([(100, 130, 70, 101)], [fill(0, 1, 100), fill(0, -1, 104)]) == [(0, 4)]


def test_a_short_is_the_other_way_round() -> None:
    rows = [(100, 101, 99, 100), (100, 112, 95, 108), (108, 108, 104, 104)]
    assert found(rows, [fill(0, -1, 100), fill(2, 1, 104)]) == [(-12, 5)]


def test_what_was_closed_before_stands_in_the_result() -> None:
    """Two at 100, one sold at 110: the other may fall to 95 and the trip is still 5 ahead."""
    rows = [(100, 100, 100, 100), (110, 110, 110, 110), (110, 110, 95, 95), (95, 95, 95, 95)]
    assert found(rows, [fill(0, 2, 100), fill(1, -1, 110), fill(3, -1, 95)]) == [(0, 20)]


def test_an_open_trip_has_none_and_a_flip_starts_the_next() -> None:
    rows = [(100, 100, 100, 100)] * 2 + [(100, 120, 80, 100)] + [(100, 100, 100, 100)] * 2
    assert found(rows, [fill(0, 1, 100), fill(1, -3, 105), fill(4, 1, 100)]) == [(0, 5)]
    assert found(rows, [fill(0, 1, 100), fill(1, -3, 105), fill(4, 2, 100)]) == [(0, 5), (-30, 50)]
    assert found(rows, []) == []


def slow(bars: Bars, fills: Sequence[Execution]) -> list[tuple[Fraction, Fraction]]:
    """Fill by fill and bar by bar, in whole units."""
    trips: list[tuple[Fraction, Fraction]] = []
    qty = cash = 0
    results = [0]
    for number, row in enumerate(fills):
        left = row.sign * row.qty
        while left:
            part = left
            if qty * left < 0 and abs(left) > abs(qty):
                part = -qty
            results.append(cash + qty * row.price)
            cash, qty, left = cash - part * row.price, qty + part, left - part
            results.append(cash + qty * row.price)
            if qty == 0:
                trips.append((Fraction(min(results), 10**5), Fraction(max(results), 10**5)))
                cash, results = 0, [0]
        following = fills[number + 1] if number + 1 < len(fills) else None
        if following is None or not qty:
            continue
        if following.bar > row.bar:
            prices = [int(bars.price_close[row.bar]), int(bars.price_open[following.bar])]
            for bar in range(row.bar + 1, following.bar):
                prices += [int(bars.price_low[bar]), int(bars.price_high[bar])]
            results += [cash + qty * price for price in prices]
    return trips


prices = st.integers(80, 120)


@given(
    st.lists(st.tuples(prices, prices, prices, prices), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 11), st.integers(-4, 4).filter(bool), prices), max_size=14),
)
def test_arrays_and_the_slow_walk_agree(
    rows: list[tuple[int, int, int, int]], trades: list[tuple[int, int, int]]
) -> None:
    bars = a_market([(o, max(o, h, low, c), min(o, h, low, c), c) for o, h, low, c in rows])
    fills = [fill(min(bar, len(rows) - 1), qty, price) for bar, qty, price in sorted(trades, key=lambda each: each[0])]
    got = excursions_of(fills, bars, PLACE)
    expected = slow(bars, fills)
    assert got.worst.tolist() == pytest.approx([float(worst) for worst, _ in expected])
    assert got.best.tolist() == pytest.approx([float(best) for _, best in expected])
