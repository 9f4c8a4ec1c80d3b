"""The kinds that TA-Lib does not have, against their formula written once more in numpy, over whole windows."""

from collections.abc import Callable
from datetime import UTC, datetime
from math import exp, log
from typing import Any

import numpy as np
import pytest

from ideacards.feeds import FloatArray
from ideacards.indicators.arithmetic import exp_minus, ln
from ideacards.indicators.compute import compute
from ideacards.indicators.kind import Params
from tests.ideacards.indicators.cases import inputs_of
from tests.ideacards.markets import params_of

COUNT, N = 400, 9
Windows = Callable[[FloatArray], Any]


def _windows(column: FloatArray, length: int = N) -> FloatArray:
    return np.lib.stride_tricks.sliding_window_view(column, length)


def _alma(x: FloatArray, p: Params) -> dict[str, FloatArray]:
    middle, width = p["offset"] * (N - 1), N / p["sigma"]
    weights = np.array([exp(-((k - middle) ** 2) / (2 * width**2)) for k in range(N)])
    return {"value": _windows(x) @ weights / weights.sum()}


def _rolling_vwap(x: FloatArray, volume: FloatArray, p: Params) -> dict[str, FloatArray]:
    return {"value": (_windows(x) * _windows(volume)).sum(axis=1) / _windows(volume).sum(axis=1)}


def _zscore(x: FloatArray, p: Params) -> dict[str, FloatArray]:
    windows = _windows(x)
    return {"value": (x[N - 1 :] - windows.mean(axis=1)) / windows.std(axis=1)}


def _skew(x: FloatArray, p: Params) -> dict[str, FloatArray]:
    from_mean = _windows(x) - _windows(x).mean(axis=1)[:, None]
    return {"value": (from_mean**3).mean(axis=1) / (from_mean**2).mean(axis=1) ** 1.5}


def _historical_volatility(x: FloatArray, p: Params) -> dict[str, FloatArray]:
    returns = np.array([log(b / a) for a, b in zip(x[:-1].tolist(), x[1:].tolist(), strict=True)])
    return {"value": 100 * _windows(returns).std(axis=1) * np.sqrt(p["per_year"])}


def _percentile_rank(x: FloatArray, p: Params) -> dict[str, FloatArray]:
    return {"value": 100 * (_windows(x[:-1]) <= x[N:, None]).mean(axis=1)}


def _median(x: FloatArray, p: Params) -> dict[str, FloatArray]:
    return {"value": np.median(_windows(x, p["length"]), axis=1)}


def _r2(x: FloatArray, p: Params) -> dict[str, FloatArray]:
    return {"r2": np.array([np.corrcoef(np.arange(N), window)[0, 1] ** 2 for window in _windows(x)])}


def _chandelier(high: FloatArray, low: FloatArray, close: FloatArray, p: Params) -> dict[str, FloatArray]:
    atr = compute("atr", {"length": N}, high, low, close)["value"][N:]
    top, bottom = _windows(high).max(axis=1)[1:], _windows(low).min(axis=1)[1:]
    return {"long": top - p["multiplier"] * atr, "short": bottom + p["multiplier"] * atr}


def _ichimoku(high: FloatArray, low: FloatArray, p: Params) -> dict[str, FloatArray]:
    def middle(length: int) -> FloatArray:
        column = np.full(COUNT, np.nan)
        column[length - 1 :] = (_windows(high, length).max(axis=1) + _windows(low, length).min(axis=1)) / 2
        return column

    fast, slow, wide = middle(p["conversion"]), middle(p["base"]), middle(p["span"])
    moved = p["displacement"] - 1
    span_a = (fast + slow) / 2
    return {
        "conversion": fast,
        "base": slow,
        "span_a": span_a,
        "span_b": wide,
        "cloud_a": np.concatenate((np.full(moved, np.nan), span_a[: COUNT - moved])),
        "cloud_b": np.concatenate((np.full(moved, np.nan), wide[: COUNT - moved])),
    }


def _bands(x: FloatArray, p: Params) -> dict[str, FloatArray]:
    mean, width = _windows(x).mean(axis=1), p["multiplier"] * _windows(x).std(axis=1)
    return {"width": 100 * 2 * width / mean, "percent_b": (x[N - 1 :] - mean + width) / (2 * width)}


REFERENCES: list[tuple[str, dict[str, Any], Callable[..., dict[str, FloatArray]]]] = [
    ("alma", {"length": N}, _alma),
    ("rolling_vwap", {"length": N}, _rolling_vwap),
    ("zscore", {"length": N}, _zscore),
    ("skew", {"length": N}, _skew),
    ("historical_volatility", {"length": N}, _historical_volatility),
    ("percentile_rank", {"length": N}, _percentile_rank),
    ("median", {"length": N}, _median),
    ("median", {"length": N + 1}, _median),
    ("linreg", {"length": N}, _r2),
    ("chandelier", {"length": N}, _chandelier),
    ("ichimoku", {"conversion": 9, "base": 26, "span": 52, "displacement": 26}, _ichimoku),
    ("bbands", {"length": N}, _bands),
]


@pytest.mark.parametrize(("use", "given", "reference"), REFERENCES)
def test_a_kind_is_its_formula(use: str, given: dict[str, Any], reference: Callable[..., Any]) -> None:
    params, inputs = params_of(use, **given), inputs_of(use, COUNT)
    columns = compute(use, params, *inputs)
    for output, expected in reference(*inputs, params).items():
        column = columns[output][-len(expected) :]
        assert np.isnan(columns[output][: COUNT - len(expected)]).all()
        np.testing.assert_allclose(column, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("anchor", ["hour", "day", "week", "month"])
def test_a_vwap_begins_anew_at_its_anchor(anchor: str) -> None:
    hours = 60 * 24 * 7
    ts_open = np.array([3_600_000.0 * (474_800 + 7 * k) for k in range(hours // 7)])
    dice = np.random.default_rng(2)
    price, volume = 100 + dice.random(len(ts_open)), dice.random(len(ts_open))
    found, key, paid, traded = [], None, 0.0, 0.0
    for opened, x, v in zip(ts_open.tolist(), price.tolist(), volume.tolist(), strict=True):
        at = datetime.fromtimestamp(opened / 1000, UTC)
        now = {
            "hour": (at.date(), at.hour),
            "day": at.date(),
            "week": at.isocalendar()[:2],
            "month": (at.year, at.month),
        }
        if now[anchor] != key:
            key, paid, traded = now[anchor], 0.0, 0.0
        paid, traded = paid + x * v, traded + v
        found.append(paid / traded)
    columns = compute("vwap", {"anchor": anchor}, price, volume, ts_open)
    assert columns["value"].tolist() == found


def test_the_written_out_logarithm_and_power_are_the_librarys_to_the_fifteenth_digit() -> None:
    dice = np.random.default_rng(4)
    for x in [1e-300, 1e-8, 0.5, 1.0, 1.5, 1e8, 1e300, *(10.0 ** dice.uniform(-12, 12, 2_000)).tolist()]:
        assert abs(ln(x) - log(x)) <= 4e-16 * max(1.0, abs(log(x)))
    for y in [0.0, 1e-9, 0.69, 0.7, 1.0, 50.0, *dice.uniform(0, 60, 2_000).tolist()]:
        assert abs(exp_minus(y) / exp(-y) - 1.0) < 1e-14
    assert np.isnan([ln(0.0), ln(-1.0), ln(float("inf")), ln(float("nan"))]).all()
    assert exp_minus(1e6) == 0.0
