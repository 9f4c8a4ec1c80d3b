"""Every kind of feature with parameters and inputs, for the tests that hold for all of them."""

from typing import Any

import numpy as np

from ideacards.feeds import FloatArray
from ideacards.indicators.compute import compute
from ideacards.indicators.registry import INDICATORS, UNKNOWN
from ideacards.indicators.steppers import Stepper
from ideacards.prices import PRICE_SOURCES, price_of
from tests.ideacards.markets import MINUTE_MS, bars_at, params_of

__all__ = ["CASES", "Case", "batch", "case_id", "inputs_of", "stepped"]

Case = tuple[str, dict[str, Any]]

_MORE: list[tuple[str, dict[str, Any]]] = [
    *((use, {"length": length}) for use in ("sma", "atr", "highest", "lowest", "wma", "rma") for length in (1, 2, 9)),
    *(("rsi", {"length": length, "flat": flat}) for length in (1, 2, 9) for flat in (UNKNOWN, 50.0)),
    *((use, {"length": length, "seed": "sma"}) for use in ("ema", "dema", "tema") for length in (1, 2, 9)),
    *(("bbands", {"length": length, "multiplier": 2.2}) for length in (2, 9)),
    *(("macd", {"fast": 3, "slow": 7, "signal": signal, "seed": s}) for signal in (1, 4) for s in ("first", "sma")),
    *(("ppo", {"fast": 3, "slow": 7, "signal": signal, "seed": "sma"}) for signal in (1, 4)),
    *((use, {"length": length}) for use in ("hma", "trima", "median", "percentile_rank") for length in (4, 9, 10)),
    *((use, {"length": 1}) for use in ("mom", "roc", "kama", "median", "aroon", "vortex", "cmf", "supertrend")),
    *(
        ("stoch", {"length": 4, "smooth": smooth, "signal": 1, "flat": flat})
        for smooth in (1, 3)
        for flat in (0.0, 50.0)
    ),
    *(("vwap", {"anchor": anchor}) for anchor in ("hour", "week", "month")),
    ("rma", {"length": 5, "seed": "first"}),
    ("force_index", {"length": 5, "seed": "sma"}),
    ("tsi", {"long": 4, "short": 3, "signal": 2, "seed": "sma"}),
    ("mfi", {"length": 5, "flat": 50.0}),
    ("ichimoku", {"conversion": 7, "base": 3, "span": 5, "displacement": 1}),
    ("anchored_vwap", {"since": 0}),
    *((use, {"left": left, "right": right}) for use in ("swing", "trend_state") for left, right in ((1, 1), (1, 4))),
    *((use, {"by": "atr", "threshold": 1.5}) for use in ("zigzag", "fibonacci")),
    ("structure_break", {"by": "wick", "left": 3, "right": 1}),
    *(("order_block", {"side": side, "by": "wick", "right": 1}) for side in ("bullish", "bearish")),
    ("fair_value_gap", {"side": "bearish"}),
    *(("equal_levels", {"side": side, "by": by}) for side in ("highs", "lows") for by in ("atr", "price")),
    ("zone", {"side": "supply", "width": 0.7, "left": 1}),
    ("session_range", {"start": 1439, "end": 7}),
    *(("window_extremes", {"length": length}) for length in (1, 2, 30)),
]
CASES: list[Case] = [*((use, params_of(use)) for use in INDICATORS), *((use, params_of(use, **p)) for use, p in _MORE)]


def case_id(case: Case) -> str:
    """A readable name of a case."""
    return "-".join([case[0], *map(str, case[1].values())])


def inputs_of(use: str, count: int, seed: int = 1) -> tuple[FloatArray, ...]:
    """What a step of this kind reads, over random bars: its default sources, and the open for `with`; fresh arrays."""
    bars, kind = bars_at(MINUTE_MS * np.arange(count), seed), INDICATORS[use]
    names = kind.input_names({"of": kind.default_of or "", "with": "open"})
    columns = [
        price_of(name, lambda each: getattr(bars, each)) if name in PRICE_SOURCES else getattr(bars, name)
        for name in names
    ]
    return tuple(np.array(column, dtype=np.float64) for column in columns)


def batch(use: str, params: dict[str, Any], inputs: tuple[FloatArray, ...]) -> FloatArray:
    """A row an output."""
    return np.array(list(compute(use, params, *inputs).values()))


def stepped(one: Stepper, inputs: tuple[FloatArray, ...]) -> FloatArray:
    """The same, bar by bar."""
    rows = [one.step(*values) for values in zip(*(column.tolist() for column in inputs), strict=True)]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(INDICATORS[one.use].outputs)).T
