"""Runs a kind of feature by its name: over whole columns (`compute`) or bar by bar (`stepper`)."""

from ideacards.bars import FloatArray
from ideacards.indicators.kind import Params
from ideacards.indicators.registry import INDICATORS
from ideacards.indicators.steppers import Stepper

__all__ = ["compute", "stepper"]


def compute(name: str, params: Params, *inputs: FloatArray) -> dict[str, FloatArray]:
    """Output -> read-only column of the inputs' length, NaN before its warm index and where an input is NaN.

    `inputs` are float64 columns in the order of the kind's `inputs`. `params` are complete (defaults filled in) and
    valid.
    """
    return Stepper(INDICATORS[name], params).batch(*inputs)


def stepper(name: str, params: Params) -> Stepper:
    """A fresh stepper: `.step(value)`, or `.step(high, low, close)`, gives the outputs in the registry's order."""
    return Stepper(INDICATORS[name], params)
