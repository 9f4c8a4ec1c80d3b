"""Runs a user's own step function over bars, one by one or many at a time.

It is compiled if it compiles, and then compiled code runs in batch and live alike; else Python runs it in both. So the
two agree whatever the function does. What it returns must be a number; NaN is unknown.
"""

from array import array
from collections.abc import Callable
from functools import cache
from math import nan
from numbers import Real
from types import FunctionType
from typing import Any

import numpy as np

from ideacards.bars import FloatArray, blocks_of
from ideacards.compiled import read_only
from ideacards.indicators.kernel import own_loop_of
from ideacards.indicators.own import OwnStep
from ideacards.indicators.own_bar import OWN_INPUTS, OwnBar

__all__ = ["OwnStepper", "StepFailure"]


class StepFailure(Exception):
    """A step function raised or returned no number, at the `index`-th bar that it was given in this call."""

    def __init__(self, index: int, what: str) -> None:
        super().__init__(what)
        self.index = index


@cache
def _compiled(function: FunctionType, state_size: int) -> Callable[..., Any] | None:
    """Its loop, or None if it does not compile to one that returns numbers."""
    try:
        loop = own_loop_of(function, len(OWN_INPUTS))
        loop(np.zeros((0, len(OWN_INPUTS))), np.zeros(state_size), np.zeros((0, 1)))
    except Exception:  # numba names its errors by their cause; whatever it is, Python runs the function then
        return None
    return loop


class OwnStepper:
    """Runs an OwnStep as `Stepper` runs a kind."""

    def __init__(self, own: OwnStep) -> None:
        self.use = own.use
        self._own = own
        self._state = np.zeros(own.state_size)

    def step(self, *inputs: float) -> tuple[float, ...]:
        """The value after one more bar; StepFailure if there is none."""
        (column,) = self.batch(*(np.array([value]) for value in inputs)).values()
        return (float(column[0]),)

    def batch(self, *inputs: FloatArray) -> dict[str, FloatArray]:
        """The read-only column of these bars; StepFailure at the first without a value."""
        column = np.full(len(inputs[0]), nan)
        for first, stop in blocks_of(0, len(column)):
            rows = np.empty((stop - first, len(inputs)))
            for k, values in enumerate(inputs):
                rows[:, k] = values[first:stop]
            column[first:stop] = self._run(rows, first)
        return {"value": read_only(column)}

    def _run(self, rows: FloatArray, first: int) -> FloatArray:
        before, out = self._state.copy(), np.empty((len(rows), 1))
        loop = _compiled(self._own.function, self._own.state_size)
        if loop is not None:
            try:
                loop(rows, self._state, out)
            except Exception:  # found again below, bar by bar, to name the bar
                self._state[:] = before
            else:
                return out[:, 0]
        for index, row in enumerate(rows.tolist()):
            out[index, 0] = self._value(OwnBar(*row), first + index)
        return out[:, 0]

    def _value(self, bar: OwnBar, index: int) -> float:
        try:
            with np.errstate(divide="raise", over="ignore", under="ignore", invalid="ignore"):
                value = self._own.function(self._state, bar)
        except Exception as error:
            raise StepFailure(index, f"raised {type(error).__name__}: {error}") from error
        if not isinstance(value, Real):
            raise StepFailure(index, f"returned {type(value).__name__} {value!r:.40}, expected a number")
        return float(value)

    def snapshot(self) -> bytes:
        """The state."""
        return array("d", self._state.tolist()).tobytes()

    def restore(self, snapshot: bytes) -> None:
        """Take a state back; ValueError if it has another size."""
        if len(snapshot) != 8 * len(self._state):
            raise ValueError(f"a state of {len(snapshot)} bytes, expected {8 * len(self._state)}")
        self._state = np.frombuffer(snapshot, dtype=np.float64).copy()
