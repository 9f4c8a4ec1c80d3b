"""Runs an indicator by its name: over whole columns (`compute`) or value by value (`stepper`).

The arithmetic module, and numba with it, is imported at the first use.
"""

import importlib
from math import isnan, nan
from types import ModuleType

import numpy as np

from ideacards.bars import FloatArray
from ideacards.compiled import read_only
from ideacards.indicators.registry import INDICATORS, Params
from ideacards.indicators.steppers import Stepper

__all__ = ["compute", "compute_known", "stepper"]


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"ideacards.indicators.{INDICATORS[name].name}")


def compute(name: str, params: Params, *inputs: FloatArray) -> dict[str, FloatArray]:
    """Output -> read-only column of the inputs' length, NaN before its warm index.

    `inputs` are one source column, or high, low and close for an indicator that takes no source; contiguous float64
    without NaN. `params` are complete (defaults filled in) and valid.
    """
    result = _module(name).batch(*(read_only(values) for values in inputs), **params)
    rows = np.atleast_2d(result)
    return {output: read_only(row) for output, row in zip(INDICATORS[name].outputs, rows, strict=True)}


def compute_known(name: str, params: Params, *inputs: FloatArray) -> dict[str, FloatArray]:
    """As `compute`, for inputs with unknown (NaN) bars: it skips those bars and is NaN there."""
    known = ~np.isnan(inputs[0])
    for values in inputs[1:]:
        known &= ~np.isnan(values)
    if known.all():
        return compute(name, params, *inputs)
    found = compute(name, params, *(np.ascontiguousarray(values[known]) for values in inputs))
    columns = {}
    for output, values in found.items():
        column = np.full(len(known), np.nan)
        column[known] = values
        columns[output] = read_only(column)
    return columns


def stepper(name: str, params: Params) -> Stepper:
    """A fresh stepper: `.step(value)`, or `.step(high, low, close)`, gives the outputs in the registry's order.

    It skips a bar at which an input is unknown (NaN), and its outputs are NaN there.
    """
    return _KnownOnly(_module(name).stepper(**params), (nan,) * len(INDICATORS[name].outputs))


class _KnownOnly:
    """A stepper that skips bars with an unknown input."""

    def __init__(self, inner: Stepper, unknown: tuple[float, ...]) -> None:
        self._inner = inner
        self._unknown = unknown

    def step(self, *inputs: float) -> tuple[float, ...]:
        """The outputs after one more bar."""
        return self._unknown if any(map(isnan, inputs)) else self._inner.step(*inputs)
