"""One feature's calculation: takes bars one by one or many at a time, in any mixture, with the same bytes.

Its whole memory is the state of its step function, which can be taken out as bytes and put back.
"""

from array import array
from math import isnan, nan
from typing import Any

import numpy as np

from ideacards.bars import FloatArray, blocks_of
from ideacards.compiled import read_only
from ideacards.indicators.kernel import loop_of, step_of
from ideacards.indicators.kind import Indicator, Params

__all__ = ["Stepper"]


class Stepper:
    """A feature of this kind from its first bar on. `params` are complete (defaults filled in) and valid."""

    def __init__(self, kind: Indicator, params: Params) -> None:
        self.use = kind.name
        self._kind = kind
        self._step = step_of(kind.step)
        self._scalars = kind.scalars(params)
        self._unknown = (nan,) * len(kind.outputs)
        self._state: list[float] = [0.0] * kind.state_size(params)

    def step(self, *inputs: float) -> tuple[float, ...]:
        """The outputs after one more bar, in the registry's order; all unknown (NaN) if an input is, and no step."""
        if any(map(isnan, inputs)):
            return self._unknown
        found: Any = self._step(self._state, *inputs, *self._scalars)
        return found if isinstance(found, tuple) else (found,)

    def batch(self, *inputs: FloatArray) -> dict[str, FloatArray]:
        """Output -> read-only column of the inputs' length: what `step` gives for each bar, by compiled code."""
        loop, count = loop_of(self._kind), len(inputs[0])
        state = np.array(self._state, dtype=np.float64)
        columns = np.empty((len(self._unknown), count))
        for first, stop in blocks_of(0, count):
            rows = np.empty((stop - first, len(inputs)))
            for k, values in enumerate(inputs):
                rows[:, k] = values[first:stop]
            out = np.empty((stop - first, len(self._unknown)))
            loop(rows, state, out, *self._scalars)
            columns[:, first:stop] = out.T
        self._state = state.tolist()
        return {output: read_only(row) for output, row in zip(self._kind.outputs, columns, strict=True)}

    def snapshot(self) -> bytes:
        """The state; a stepper of the same kind and parameters that takes it back goes on with the same bytes."""
        return array("d", self._state).tobytes()

    def restore(self, snapshot: bytes) -> None:
        """Take a state back; ValueError if it is not one of this kind with these parameters."""
        state = np.frombuffer(snapshot, dtype=np.float64).tolist() if len(snapshot) % 8 == 0 else []
        if len(state) != len(self._state):
            raise ValueError(f"a state of {len(snapshot)} bytes, expected {8 * len(self._state)}")
        self._state = state
