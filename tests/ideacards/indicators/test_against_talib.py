"""Every kind that TA-Lib has, column by column within 1e-9 of TA-Lib's own output, and the differences by name.

`python -P -m tests.ideacards.indicators.test_against_talib` prints the table over real candles.
"""

import gzip
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import talib
from talib._ta_lib import MA_Type

from ideacards.feeds import BoolArray, FloatArray
from ideacards.indicators.compute import compute
from ideacards.indicators.registry import INDICATORS
from tests.ideacards.markets import MINUTE_MS, bars_at, params_of

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "klines"
Columns = dict[str, FloatArray]
TaLib = Callable[[Columns, int], dict[str, FloatArray]]
N = 14


def _of_close(name: str, *args: Any) -> TaLib:
    return lambda c, n: {"value": getattr(talib, name)(c["close"], n, *args)}


def _of_range(name: str, output: str = "value") -> TaLib:
    return lambda c, n: {output: getattr(talib, name)(c["high"], c["low"], c["close"], n)}


def _named(outputs: tuple[str, ...], run: Callable[[Columns, int], tuple[FloatArray, ...]]) -> TaLib:
    return lambda c, n: dict(zip(outputs, run(c, n), strict=True))


def _age(name: str, of: str) -> TaLib:
    """Bars since the extreme, from the index that TA-Lib gives."""

    def run(c: Columns, n: int) -> dict[str, FloatArray]:
        bars = np.arange(len(c[of]), dtype=np.float64)
        ages = bars - getattr(talib, name)(c[of], n)
        ages[: n - 1] = np.nan
        return {"value": ages}

    return run


_SMA, _EMA = MA_Type.SMA, MA_Type.EMA
TALIB: list[tuple[str, dict[str, Any], TaLib]] = [
    ("sma", {"length": N}, _of_close("SMA")),
    ("ema", {"length": N, "seed": "sma"}, _of_close("EMA")),
    ("wma", {"length": N}, _of_close("WMA")),
    ("dema", {"length": N, "seed": "sma"}, _of_close("DEMA")),
    ("tema", {"length": N, "seed": "sma"}, _of_close("TEMA")),
    ("trima", {"length": N}, _of_close("TRIMA")),
    ("trima", {"length": N + 1}, lambda c, n: {"value": talib.TRIMA(c["close"], n + 1)}),
    ("kama", {"length": N}, _of_close("KAMA")),
    ("rsi", {"length": N, "flat": 0.0}, _of_close("RSI")),
    (
        "stoch",
        {"length": N, "smooth": 3, "signal": 4, "flat": 0.0},
        _named(("k", "d"), lambda c, n: talib.STOCH(c["high"], c["low"], c["close"], n, 3, _SMA, 4, _SMA)),
    ),
    (
        "stoch",
        {"length": N, "smooth": 1, "signal": 3, "flat": 0.0},
        _named(("k", "d"), lambda c, n: talib.STOCHF(c["high"], c["low"], c["close"], n, 3, _SMA)),
    ),
    (
        "stochrsi",
        {"length": N, "window": 9, "smooth": 1, "signal": 3, "flat": 0.0},
        _named(("k", "d"), lambda c, n: talib.STOCHRSI(c["close"], n, 9, 3, _SMA)),
    ),
    (
        "macd",
        {"fast": 12, "slow": 26, "signal": 9, "seed": "sma"},
        _named(("line", "signal", "histogram"), lambda c, n: talib.MACD(c["close"], 12, 26, 9)),
    ),
    (
        "ppo",
        {"fast": 12, "slow": 26, "signal": 9, "seed": "sma"},
        lambda c, n: {"line": talib.PPO(c["close"], 12, 26, _EMA)},
    ),
    ("cci", {"length": N}, _of_range("CCI")),
    ("roc", {"length": N}, _of_close("ROC")),
    ("mom", {"length": N}, _of_close("MOM")),
    ("williams_r", {"length": N}, _of_range("WILLR")),
    (
        "mfi",
        {"length": N, "flat": 0.0},
        lambda c, n: {"value": talib.MFI(c["high"], c["low"], c["close"], c["volume"], n)},
    ),
    (
        "adx",
        {"length": N},
        lambda c, n: (
            _of_range("ADX", "adx")(c, n)
            | _of_range("PLUS_DI", "plus_di")(c, n)
            | _of_range("MINUS_DI", "minus_di")(c, n)
        ),
    ),
    (
        "aroon",
        {"length": N},
        _named(
            ("down", "up", "oscillator"),
            lambda c, n: (*talib.AROON(c["high"], c["low"], n), talib.AROONOSC(c["high"], c["low"], n)),
        ),
    ),
    ("psar", {"step": 0.02, "maximum": 0.2}, lambda c, n: {"value": talib.SAR(c["high"], c["low"], 0.02, 0.2)}),
    ("atr", {"length": N}, _of_range("ATR")),
    ("natr", {"length": N}, _of_range("NATR")),
    ("true_range", {}, lambda c, n: {"value": talib.TRANGE(c["high"], c["low"], c["close"])}),
    (
        "bbands",
        {"length": N, "multiplier": 2.0},
        _named(("upper", "middle", "lower"), lambda c, n: talib.BBANDS(c["close"], n, 2.0, 2.0, _SMA)),
    ),
    ("stdev", {"length": N}, _of_close("STDDEV")),
    ("obv", {}, lambda c, n: {"value": talib.OBV(c["close"], c["volume"])}),
    ("adl", {}, lambda c, n: {"value": talib.AD(c["high"], c["low"], c["close"], c["volume"])}),
    ("volume_sma", {"length": N}, lambda c, n: {"value": talib.SMA(c["volume"], n)}),
    ("highest", {"length": N}, lambda c, n: {"value": talib.MAX(c["high"], n)}),
    ("lowest", {"length": N}, lambda c, n: {"value": talib.MIN(c["low"], n)}),
    ("argmax_age", {"length": N}, _age("MAXINDEX", "high")),
    ("argmin_age", {"length": N}, _age("MININDEX", "low")),
    (
        "linreg",
        {"length": N},
        lambda c, n: {"value": talib.LINEARREG(c["close"], n), "slope": talib.LINEARREG_SLOPE(c["close"], n)},
    ),
    ("correlation", {"length": N}, lambda c, n: {"value": talib.CORREL(c["close"], c["open"], n)}),
]
TALIB += [
    ("hma", {"length": N}, _of_close("HMA")),
    ("rma", {"length": N}, _of_close("RMA")),
    ("vwma", {"length": N}, lambda c, n: {"value": talib.VWMA(c["close"], c["volume"], n)}),
    (
        "anchored_vwap",
        {"since": 0},
        lambda c, n: {"value": talib.VWAP(c["high"], c["low"], c["close"], c["volume"])},
    ),
    (
        "tsi",
        {"long": 25, "short": 13, "signal": 7, "seed": "sma"},
        lambda c, n: {"line": talib.TSI(c["close"], 25, 13)},
    ),
    ("cmo", {"length": N}, _of_close("CMOU")),
    (
        "vortex",
        {"length": N},
        _named(("plus", "minus"), lambda c, n: talib.VORTEX(c["high"], c["low"], c["close"], n)),
    ),
    ("cmf", {"length": N}, lambda c, n: {"value": talib.CMF(c["high"], c["low"], c["close"], c["volume"], n)}),
    (
        "force_index",
        {"length": N, "seed": "sma"},
        lambda c, n: {"value": talib.EFI(c["close"], c["volume"], n)},
    ),
    ("relative_volume", {"length": N}, lambda c, n: {"value": talib.RVOL(c["volume"], n)}),
    (
        "donchian",
        {"length": N},
        _named(("upper", "middle", "lower"), lambda c, n: talib.DONCHIAN(c["high"], c["low"], n)),
    ),
    ("median", {"length": N + 1}, lambda c, n: {"value": talib.PERCENTILE(c["close"], n + 1, 50.0)}),
]
# Outputs that TA-Lib shows later than they are defined: it begins all outputs of a function at one bar.
LATER = {("stoch", "k"), ("stochrsi", "k"), ("macd", "line")}


def _random(seed: int) -> Columns:
    bars = bars_at(MINUTE_MS * np.arange(2_000), seed)
    columns = {name: np.array(getattr(bars, name)) for name in ("open", "high", "low", "close")}
    return _with_sources(columns, 1.0 + 100.0 * np.array(bars.volume), np.array(bars.ts_open, dtype=np.float64))


def _with_sources(prices: Columns, volume: FloatArray, ts_open: FloatArray) -> Columns:
    typical = (prices["high"] + prices["low"] + prices["close"]) / 3.0
    return prices | {"hlc3": typical, "volume": volume, "ts_open": ts_open}


@cache
def _real() -> Columns:
    """The first 20,000 minutes of a file of real candles."""
    path = sorted(SHARED.glob("BTCUSDT_1m_*.csv.gz"))[0]
    with gzip.open(path, "rt", encoding="ascii") as file:
        header = file.readline().strip().split(",")
        rows = np.array([file.readline().split(",") for _ in range(20_000)], dtype=np.float64)
    columns = {name: np.ascontiguousarray(rows[:, k]) for k, name in enumerate(header)}
    return _with_sources(columns, columns["volume"], columns["ts_ms"])


def test_a_supertrend_is_talibs_from_the_first_flip_of_both_on() -> None:
    columns = _random(1)
    ours = _computed("supertrend", params_of("supertrend", length=N, multiplier=3.0), columns)
    value, direction = talib.SUPERTREND(columns["high"], columns["low"], columns["close"], N, 3.0)
    flips = [np.flatnonzero(np.diff(each[N:]))[0] + N + 1 for each in (ours["direction"], direction)]
    start = int(max(flips))
    assert start < 200
    assert np.array_equal(ours["direction"][start:], direction[start:])
    assert np.max(np.abs(ours["value"][start:] / value[start:] - 1.0)) < 1e-9


def test_a_keltner_channel_is_talibs_but_for_the_start_of_its_width() -> None:
    columns = _random(1)
    typical = (columns["high"] + columns["low"] + columns["close"]) / 3.0
    params = params_of("keltner", length=20, atr_length=10, seed="sma")
    ours = compute("keltner", params, typical, columns["high"], columns["low"], columns["close"])
    upper, middle, lower = talib.KC(columns["high"], columns["low"], columns["close"], 20, 10, 2.0)
    assert np.nanmax(np.abs(ours["middle"] - middle)) < 1e-9
    assert np.max(np.abs(ours["upper"] - upper)[-500:]) < 1e-9
    assert np.max(np.abs(ours["lower"] - lower)[-500:]) < 1e-9


def test_a_percentile_rank_counts_equal_values_that_talib_leaves_out() -> None:
    values = np.array([1.0, 2.0, 2.0, 3.0, 2.0])
    assert compute("percentile_rank", {"length": 4}, values)["value"][-1] == 75.0
    assert talib.PERCENTRANK(values, 4)[-1] == 25.0


def _computed(use: str, params: dict[str, Any], columns: Columns) -> dict[str, FloatArray]:
    kind = INDICATORS[use]
    names = kind.input_names({"of": kind.default_of or "", "with": "open"})
    return compute(use, params, *(columns[name] for name in names))


def _is_tied(column: FloatArray, n: int) -> BoolArray:
    """Where the extreme of the window stands in it more than once: TA-Lib then names now the first, now the last."""
    windows = np.lib.stride_tricks.sliding_window_view(column, n)
    tied = np.zeros(len(column), dtype=bool)
    for extreme in (windows.max(axis=1), windows.min(axis=1)):
        tied[n - 1 :] |= (windows == extreme[:, None]).sum(axis=1) > 1
    return tied


def difference_of(
    use: str, params: dict[str, Any], talibs: TaLib, columns: Columns
) -> dict[str, tuple[float, int, int]]:
    """Output -> (largest relative difference, our first index, TA-Lib's first index)."""
    ours, found = _computed(use, params_of(use, **params), columns), {}
    for output, theirs in talibs(columns, N).items():
        column = ours[output]
        known = ~np.isnan(column) & ~np.isnan(theirs)
        if use in ("argmax_age", "argmin_age"):
            known &= ~_is_tied(columns[INDICATORS[use].default_of or ""], N)
        assert known.sum() > 500
        of_scale = columns["close"] if output == "slope" else theirs  # TA-Lib's slope comes from sums that cancel
        scale = np.maximum(1.0, np.abs(of_scale[known]))
        largest = float(np.max(np.abs(column[known] - theirs[known]) / scale))
        found[output] = largest, int(np.argmin(np.isnan(column))), int(np.argmin(np.isnan(theirs)))
    return found


def printed_table(columns: Columns) -> str:
    """The comparison over these bars, a line an output."""
    lines = [f"{'feature':<22} {'largest difference':>18} {'first here':>10} {'first in TA-Lib':>15}"]
    for use, params, talibs in TALIB:
        for output, (largest, ours, theirs) in difference_of(use, params, talibs, columns).items():
            lines.append(f"{use + '.' + output:<22} {largest:>18.2e} {ours:>10} {theirs:>15}")
    return "\n".join(lines)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("use", "params", "talibs"), TALIB)
def test_a_kind_is_talibs_to_the_ninth_digit(use: str, params: dict[str, Any], talibs: TaLib, seed: int) -> None:
    for output, (largest, ours, theirs) in difference_of(use, params, talibs, _random(seed)).items():
        assert largest < 1e-9, output
        assert ours <= theirs if (use, output) in LATER else ours == theirs, output


@pytest.mark.skipif(not SHARED.is_dir(), reason="real candles not here: ../shared/data is absent")
@pytest.mark.parametrize(("use", "params", "talibs"), TALIB)
def test_on_real_candles_too(use: str, params: dict[str, Any], talibs: TaLib) -> None:
    for output, (largest, _, _) in difference_of(use, params, talibs, _real()).items():
        assert largest < 1e-9, output


def test_a_slope_is_the_exact_one_where_talibs_sums_cancel() -> None:
    values = [96_000.25 + 0.01 * (k % 3) for k in range(40)]
    slope = compute("linreg", {"length": N}, np.array(values))["slope"]
    middle = Fraction(N - 1, 2)
    for i in range(N - 1, len(values)):
        window = [Fraction(value) for value in values[i - N + 1 : i + 1]]
        both = sum(((k - middle) * value for k, value in enumerate(window)), Fraction(0))
        exact = both / sum(((k - middle) * (k - middle) for k in range(N)), Fraction(0))
        assert abs(Fraction(float(slope[i])) - exact) < Fraction(1, 10**11)


def test_another_seed_would_be_caught() -> None:
    use, params, talibs = TALIB[1]
    assert difference_of(use, params | {"seed": "first"}, talibs, _random(1))["value"][0] > 1e-9


def test_the_table_names_every_output_that_is_compared() -> None:
    table = printed_table(_random(1))
    assert len(table.splitlines()) == 1 + sum(len(talibs(_random(1), N)) for _, _, talibs in TALIB)
    assert {use for use, _, _ in TALIB} <= set(INDICATORS)


if __name__ == "__main__":
    print(printed_table(_real()))
