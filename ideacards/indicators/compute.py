"""Runs an indicator by its name: over whole columns (`compute`) or value by value (`stepper`).

The arithmetic module, and numba with it, is imported at the first use.
"""

import importlib
from types import ModuleType

import numpy as np

from ideacards.bars import FloatArray
from ideacards.compiled import read_only
from ideacards.indicators.registry import INDICATORS, Params
from ideacards.indicators.steppers import Stepper

__all__ = ["compute", "stepper"]


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


def stepper(name: str, params: Params) -> Stepper:
    """A fresh stepper: `.step(value)`, or `.step(high, low, close)`, gives the outputs in the registry's order."""
    result: Stepper = _module(name).stepper(**params)
    return result
