"""Every structure with short parameters, both sides and all measures."""

from typing import Any

import numpy as np

from ideacards.feeds import FloatArray
from ideacards.indicators.compute import compute
from ideacards.indicators.registry import FAMILIES, INDICATORS
from tests.ideacards.structures.bars import Bar, inputs_for

__all__ = ["CASES", "STRUCTURES", "Case", "case_id", "computed"]

Case = tuple[str, dict[str, Any]]
_Given = list[dict[str, Any]]
STRUCTURES = FAMILIES["structures"]
_STRENGTHS: _Given = [{"left": left, "right": right} for left, right in ((1, 1), (2, 2), (3, 1), (1, 4))]
_LEGS: _Given = [{"threshold": 2.0}, {"threshold": 0.7}, {"threshold": 1.5, "by": "atr", "length": 4}]
_BREAKS: _Given = [{"by": by, **strength} for by in ("close", "wick") for strength in _STRENGTHS]
_TOLERANCES: _Given = [
    {"tolerance": 0.6},
    {"tolerance": 0.5, "by": "atr", "length": 3},
    {"tolerance": 0.5, "by": "price"},
    {"tolerance": 300.0, "by": "price"},
]
_GIVEN: list[Case] = [
    *((use, strength) for use in ("swing", "trend_state") for strength in _STRENGTHS),
    *((use, leg) for use in ("zigzag", "fibonacci") for leg in _LEGS),
    *(("structure_break", each) for each in _BREAKS),
    *(("order_block", {"side": side, **each}) for side in ("bullish", "bearish") for each in _BREAKS[::3]),
    *(("fair_value_gap", {"side": side}) for side in ("bullish", "bearish")),
    *(("equal_levels", {"side": side, **each}) for side in ("highs", "lows") for each in _TOLERANCES),
    ("equal_levels", {"tolerance": 1.0, "left": 1, "right": 3}),
    *(("zone", {"side": side, "width": 1.0, "length": 4}) for side in ("demand", "supply")),
    ("zone", {"length": 9}),
    ("zone", {"width": 2.5, "length": 2, "left": 1, "right": 1}),
    ("previous_day", {}),
    ("previous_week", {}),
    *(("session_range", {"start": start, "end": end}) for start, end in ((480, 960), (1320, 300), (0, 120), (75, 70))),
    *(("window_extremes", {"length": length}) for length in (1, 2, 7)),
]


def _complete(use: str, given: dict[str, Any]) -> dict[str, Any]:
    return {param.name: given.get(param.name, param.default) for param in INDICATORS[use].params}


CASES: list[Case] = [(use, _complete(use, given)) for use, given in _GIVEN]


def case_id(case: Case) -> str:
    """A readable name of a case."""
    return "-".join([case[0], *map(str, case[1].values())])


def computed(case: Case, bars: list[Bar]) -> dict[str, FloatArray]:
    """Output -> column, by compiled code."""
    return {output: np.array(column) for output, column in compute(*case, *inputs_for(case[0], bars)).items()}
