"""The equity curve against a slow loop in Decimals, bar by bar."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.app.results import curve_passes
from actors.app.results import equity as equity_module
from actors.app.results.equity import EquityCurve, equity_curve, ratio_text
from actors.app.results.tape import FillRow
from actors.app.results.trips import walk_fills
from tests.actors.app.results.tapes import a_fill, a_result, a_tape, some_bars

START = Decimal(10_000)


def slow_curve(closes: Sequence[str], fills: Sequence[FillRow]) -> list[tuple[Decimal, Fraction]]:
    """(equity, drawdown) at every close, from first principles."""
    found: list[tuple[Decimal, Fraction]] = []
    peak = Decimal(0)
    for bar, close in enumerate(closes):
        equity = START
        for row in fills:
            if row.bar <= bar:
                sign = 1 if row.side == "buy" else -1
                equity += sign * row.qty * (Decimal(close) - row.price) - row.fee
        peak = max(peak, equity)
        found.append((equity, Fraction(peak - equity) / Fraction(peak)))
    return found


prices = st.integers(10, 3000).map(lambda ticks: f"{ticks / 10:.1f}")
moves = st.tuples(st.integers(0, 29), st.integers(-50, 50).filter(bool), prices)


@given(closes=st.lists(prices, min_size=30, max_size=30), plan=st.lists(moves, max_size=12))
def test_equity_and_drawdown_are_those_of_a_slow_loop(closes: list[str], plan: list[tuple[int, int, str]]) -> None:
    bars = some_bars(closes)
    fills = [a_fill(bars, bar, f"{qty / 1000}", price) for bar, qty, price in sorted(plan, key=lambda move: move[0])]
    result = a_result(a_tape(bars, fills))
    slow = slow_curve(closes, fills)
    scale = Decimal(10) ** -result.tape.instrument.money_digits
    assert [int(value) * scale for value in result.curve.equity] == [equity for equity, _ in slow]
    assert np.allclose(result.curve.drawdown, [float(drawdown) for _, drawdown in slow], rtol=1e-12, atol=0)
    worst = max(drawdown for _, drawdown in slow)
    assert result.object["max_drawdown"] == ratio_text(worst.numerator, worst.denominator)
    assert Decimal(result.object["final_equity"]) == slow[-1][0]


@given(closes=st.lists(prices, min_size=30, max_size=30), plan=st.lists(moves, max_size=12), start=st.integers(0, 29))
def test_compiled_columns_have_the_bytes_of_plain_ones(
    closes: list[str], plan: list[tuple[int, int, str]], start: int
) -> None:
    bars = some_bars(closes)
    fills = [a_fill(bars, bar, f"{qty / 1000}", price) for bar, qty, price in sorted(plan, key=lambda move: move[0])]
    curve = a_result(a_tape(bars, fills, start=start, stop=30)).curve
    plain = equity_module._wide_columns(curve._closes, curve._ends, curve._cash, curve._qty, curve.start_equity)
    states = (curve._closes, curve._ends, curve._cash, curve._qty, float(curve.start_equity))
    uncompiled = curve_passes.columns.py_func(*states)  # type: ignore[attr-defined]
    for found, wanted, slow in zip(curve._columns, plain, uncompiled, strict=True):
        assert found.dtype == wanted.dtype
        assert found.tobytes() == wanted.tobytes() == slow.tobytes()
    assert curve.final == curve.start_equity + int(plain.gain[-1])
    at = int(np.argmax(plain.drawdown))
    deepest = (int(plain.gain[at]), int(plain.peak_gain[at]))
    assert curve_passes.deepest(*states) == deepest
    assert curve_passes.deepest.py_func(*states) == deepest  # type: ignore[attr-defined]


def curve_of(closes: Sequence[str], fills: Sequence[tuple[int, str, str]], **changes: Any) -> EquityCurve:
    bars = some_bars(closes)
    return a_result(a_tape(bars, [a_fill(bars, *fill) for fill in fills], **changes)).curve


def test_only_the_reported_range_counts() -> None:
    curve = curve_of(["100", "200", "150", "160"], [(2, "1", "150")], start=1, stop=4)
    assert len(curve.equity) == 3
    assert curve.held.tolist() == [False, True, True]


def test_a_fill_counts_from_the_bar_it_happens_in() -> None:
    curve = curve_of(["100", "101", "102"], [(1, "1", "101"), (2, "-1", "102")])
    assert curve.held.tolist() == [False, True, False]


def test_amounts_beyond_64_bits_stay_exact() -> None:
    closes = ["900000000000.1", "900000000000.7"]
    bars = some_bars(closes)
    result = a_result(a_tape(bars, [a_fill(bars, 1, "1190", "900000000000.1")]))
    instrument = result.tape.instrument
    walk = walk_fills(result.tape.executions, instrument)
    curve = equity_curve(bars, 0, 2, walk.steps, instrument.money(START), instrument)
    assert curve.equity.dtype == object
    gained = Decimal(1190) * (Decimal(closes[1]) - Decimal(closes[0]))
    assert Decimal(instrument.money_text(curve.final)) == START + gained - result.tape.fills[0].fee


@pytest.mark.parametrize(
    ("numerator", "denominator", "text"),
    [(0, 5, "0.000000000000"), (1, 3, "0.333333333333"), (2, 3, "0.666666666667"), (7, 5, "1.400000000000")],
)
def test_ratios_have_twelve_decimals(numerator: int, denominator: int, text: str) -> None:
    assert ratio_text(numerator, denominator) == text
