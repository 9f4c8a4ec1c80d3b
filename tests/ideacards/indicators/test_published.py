"""Each indicator against its textbook formula, written anew and exactly (Fraction), and against TA-Lib's numbers."""

from fractions import Fraction
from itertools import pairwise
from math import isnan, isqrt
from typing import Any

import numpy as np
import pytest

from ideacards.feeds import FloatArray
from ideacards.indicators.compute import compute, stepper
from tests.ideacards.markets import bars_at, random_walk

Exact = list[Fraction | None]
N = 7
WALK = random_walk(90)
BARS = bars_at(range(0, 90 * 60_000, 60_000))


def _exact(values: FloatArray) -> list[Fraction]:
    return [Fraction(value) for value in values.tolist()]


def _mean(values: list[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def _windows(values: list[Fraction], length: int) -> list[list[Fraction]]:
    return [values[i - length + 1 : i + 1] for i in range(length - 1, len(values))]


def _ema(values: list[Fraction], length: int, seed: str) -> Exact:
    """The average unrolled into its weights: no recursion shared with the code under test."""
    alpha = Fraction(2, length + 1)
    start = 0 if seed == "first" else length - 1
    first = values[0] if seed == "first" else _mean(values[:length])
    out: Exact = [None] * (length - 1)
    for i in range(length - 1, len(values)):
        age = i - start
        recent = sum((alpha * (1 - alpha) ** k * values[i - k] for k in range(age)), Fraction(0))
        out.append((1 - alpha) ** age * first + recent)
    return out


def _wilder(values: list[Fraction], length: int) -> list[Fraction]:
    smoothed = [_mean(values[:length])]
    for value in values[length:]:
        smoothed.append(smoothed[-1] + (value - smoothed[-1]) / length)
    return smoothed


def _rsi(values: list[Fraction], length: int) -> Exact:
    changes = [after - before for before, after in pairwise(values)]
    gains = _wilder([max(change, Fraction(0)) for change in changes], length)
    losses = _wilder([max(-change, Fraction(0)) for change in changes], length)
    pairs = zip(gains, losses, strict=True)
    strength = [100 - 100 / (1 + gain / loss) if loss else Fraction(100) for gain, loss in pairs]
    return [*([None] * length), *strength]


def _atr(high: list[Fraction], low: list[Fraction], close: list[Fraction], length: int) -> Exact:
    ranges = [
        max(high[i] - low[i], abs(high[i] - close[i - 1]), abs(low[i] - close[i - 1])) for i in range(1, len(close))
    ]
    return [*([None] * length), *_wilder(ranges, length)]


def _root(value: Fraction) -> Fraction:
    return Fraction(isqrt(int(value * 10**60)), 10**30)


def _assert_close(column: FloatArray, exact: Exact) -> None:
    assert [isnan(value) for value in column.tolist()] == [value is None for value in exact]
    pairs = zip(column.tolist(), exact, strict=True)
    errors = [abs(Fraction(value) - expected) for value, expected in pairs if expected is not None]
    assert max(errors) < Fraction(1, 10**9)  # of values around 1000


def _compute(use: str, *inputs: FloatArray, **params: Any) -> list[FloatArray]:
    return list(compute(use, params, *(inputs or (WALK,))).values())


def test_sma_is_the_mean_of_its_window() -> None:
    exact = [_mean(window) for window in _windows(_exact(WALK), N)]
    _assert_close(_compute("sma", length=N)[0], [*([None] * (N - 1)), *exact])


@pytest.mark.parametrize("seed", ["first", "sma"])
@pytest.mark.parametrize("length", [1, 2, N])
def test_ema_is_the_sum_of_its_weights(seed: str, length: int) -> None:
    _assert_close(_compute("ema", length=length, seed=seed)[0], _ema(_exact(WALK), length, seed))


def test_ema_holds_to_the_order_of_the_contract() -> None:
    alpha, average = 2 / 13, WALK.tolist()[0]
    for x in WALK.tolist()[1:]:
        average = alpha * x + (1 - alpha) * average
    assert _compute("ema", length=12, seed="first")[0][-1] == average


@pytest.mark.parametrize("length", [2, N])
def test_rsi_is_wilders(length: int) -> None:
    _assert_close(_compute("rsi", length=length)[0], _rsi(_exact(WALK), length))


@pytest.mark.parametrize("length", [1, N])
def test_atr_is_wilders(length: int) -> None:
    column = _compute("atr", BARS.high, BARS.low, BARS.close, length=length)[0]
    _assert_close(column, _atr(_exact(BARS.high), _exact(BARS.low), _exact(BARS.close), length))


@pytest.mark.parametrize(("use", "extreme"), [("highest", max), ("lowest", min)])
def test_extremes_include_the_current_bar(use: str, extreme: Any) -> None:
    exact = [extreme(window) for window in _windows(_exact(WALK), N)]
    _assert_close(_compute(use, length=N)[0], [*([None] * (N - 1)), *exact])


def test_bands_lie_population_deviations_from_the_mean() -> None:
    windows = _windows(_exact(WALK), N)
    means = [_mean(window) for window in windows]
    widths = [
        Fraction(5, 2) * _root(_mean([(x - mean) ** 2 for x in window]))
        for window, mean in zip(windows, means, strict=True)
    ]
    blank: Exact = [None] * (N - 1)
    upper, middle, lower = _compute("bbands", length=N, multiplier=2.5)[:3]
    _assert_close(upper, [*blank, *(mean + width for mean, width in zip(means, widths, strict=True))])
    _assert_close(middle, [*blank, *means])
    _assert_close(lower, [*blank, *(mean - width for mean, width in zip(means, widths, strict=True))])


@pytest.mark.parametrize("seed", ["first", "sma"])
def test_macd_is_the_difference_of_its_averages(seed: str) -> None:
    values = _exact(WALK)
    skipped = 5 if seed == "sma" else 0  # TA-Lib first takes the fast average where the slow one begins
    fast: Exact = [*([None] * skipped), *_ema(values[skipped:], 6, seed)]
    line = [
        None if slow_value is None or fast_value is None else fast_value - slow_value
        for fast_value, slow_value in zip(fast, _ema(values, 11, seed), strict=True)
    ]
    signal: Exact = [*([None] * 10), *_ema([value for value in line if value is not None], 4, seed)]
    histogram = [None if s is None or m is None else m - s for m, s in zip(line, signal, strict=True)]
    columns = _compute("macd", fast=6, slow=11, signal=4, seed=seed)
    for column, exact in zip(columns, (line, signal, histogram), strict=True):
        _assert_close(column, exact)


def test_rsi_of_what_never_moves_is_unknown_unless_flat_says_a_number() -> None:
    still = np.full(6, 5.0)
    assert np.isnan(_compute("rsi", still, length=3)[0]).all()
    for flat in (0.0, 50.0, 100.0):
        assert _compute("rsi", still, length=3, flat=flat)[0].tolist()[3:] == [flat] * 3
    assert _compute("rsi", np.arange(6.0), length=3)[0].tolist()[3:] == [100.0, 100.0, 100.0]


def test_a_feature_of_an_unknown_rsi_passes_over_it_and_goes_on() -> None:
    source = np.array([np.nan, 40.0, np.nan, 60.0, 50.0])
    batch = compute("ema", {"length": 2, "seed": "first"}, source)["value"]
    step = stepper("ema", {"length": 2, "seed": "first"})
    live = [step.step(value)[0] for value in source.tolist()]
    np.testing.assert_array_equal(batch, live)
    alone = compute("ema", {"length": 2, "seed": "first"}, np.array([40.0, 60.0, 50.0]))["value"]
    np.testing.assert_array_equal(batch[[1, 3, 4]], alone)


# TA-Lib's own output (C library 0.8) for these twelve bars; its MACD shows the line only with the signal.
CLOSE = np.array([100.0, 101.5, 99.75, 102.25, 103.0, 101.0, 100.5, 104.0, 106.5, 105.25, 103.5, 107.0])
HIGH = CLOSE + np.array([1.25, 1.25, 1.25, 3.25, 1.25, 1.25, 1.25, 1.25, 1.25, 1.25, 1.25, 1.25])
LOW = CLOSE - np.array([0.75, 0.75, 0.75, 0.75, 0.75, 0.75, 2.25, 0.75, 0.75, 0.75, 0.75, 0.75])
TALIB: list[tuple[str, dict[str, Any], int, list[float]]] = [
    ("sma", {"length": 4}, 0, [100.875, 101.625, 101.5, 101.6875, 102.125, 103.0, 104.0625, 104.8125, 105.5625]),
    (
        "ema",
        {"length": 4, "seed": "sma"},
        0,
        [100.875, 101.725, 101.435, 101.061, 102.2366, 103.94196, 104.465176, 104.0791056, 105.24746336],
    ),
    (
        "rsi",
        {"length": 4},
        0,
        [71.08980827447023, 79.79073595109335, 66.45668777335335, 50.6551340951686, 69.80227833283146],
    ),
    (
        "atr",
        {"length": 4},
        0,
        [3.25, 3.125, 3.21875, 3.6015625, 3.638671875, 3.22900390625, 3.0467529296875, 3.472564697265625],
    ),
    ("bbands", {"length": 4, "multiplier": 2.0}, 0, [107.14099200127444, 108.26377284812179]),
    ("bbands", {"length": 4, "multiplier": 2.0}, 2, [102.48400799872536, 102.86122715187821]),
    (
        "macd",
        {"fast": 3, "slow": 5, "signal": 3, "seed": "sma"},
        0,
        [-0.05, 0.4805555555555685, 0.9939814814814838, 0.7911265432098844, 0.29998713991770387, 0.6696094821673597],
    ),
    (
        "macd",
        {"fast": 3, "slow": 5, "signal": 3, "seed": "sma"},
        1,
        [0.15, 0.3152777777777871, 0.6546296296296354, 0.7228780864197599, 0.5114326131687319, 0.5905210476680458],
    ),
]


@pytest.mark.parametrize(("use", "params", "row", "expected"), TALIB)
def test_the_numbers_are_ta_libs(use: str, params: dict[str, Any], row: int, expected: list[float]) -> None:
    inputs = (HIGH, LOW, CLOSE) if use == "atr" else (CLOSE,)
    column = _compute(use, *inputs, **params)[row].tolist()
    assert column[-len(expected) :] == pytest.approx(expected, rel=1e-12)
