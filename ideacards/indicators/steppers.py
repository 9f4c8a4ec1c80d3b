"""One feature's calculation: takes bars one by one or many at a time, in any mixture, with the same bytes.

Its whole memory is the state of its step function, which can be taken out as bytes and put back. With `history` n each
value is that of a start n bars back: the state then holds the last n bars.
"""

from array import array
from math import isnan, nan
from typing import Any, Protocol

import numpy as np

from ideacards.bars import FloatArray, blocks_of
from ideacards.compiled import read_only
from ideacards.indicators.kernel import history_loop_of, loop_of, step_of
from ideacards.indicators.kind import Indicator, Params

__all__ = ["Stepper", "Steps"]


class Steps(Protocol):
    """What runs a feature: a Stepper, or the user's own."""

    use: str

    def step(self, *inputs: float) -> tuple[float, ...]: ...

    def batch(self, *inputs: FloatArray) -> dict[str, FloatArray]: ...

    def snapshot(self) -> bytes: ...

    def restore(self, snapshot: bytes) -> None: ...


class Stepper:
    """A feature of this kind from its first bar on. `params` are complete (defaults filled in) and valid."""

    def __init__(self, kind: Indicator, params: Params, history: int | None = None) -> None:
        self.use = kind.name
        self._kind = kind
        self._step = step_of(kind.step)
        self._scalars = kind.scalars(params)
        self._unknown = (nan,) * len(kind.outputs)
        self._history = history
        self._size = 0 if history is None else 2 + history * len(kind.inputs)  # of the last bars
        self._inner = kind.state_size(params)
        self._state: list[float] = [0.0] * (self._size + self._inner)

    def step(self, *inputs: float) -> tuple[float, ...]:
        """The outputs after one more bar, in the registry's order; all unknown (NaN) if an input is, and no step."""
        if any(map(isnan, inputs)):
            return self._unknown
        if self._history is not None:
            return self._restarted(self._history, inputs)
        found: Any = self._step(self._state, *inputs, *self._scalars)
        return found if isinstance(found, tuple) else (found,)

    def _restarted(self, history: int, inputs: tuple[float, ...]) -> tuple[float, ...]:
        """The outputs of a start `history` bars back; unknown while there are fewer bars."""
        state, width, place = self._state, len(inputs), int(self._state[1])
        state[2 + place * width : 2 + (place + 1) * width] = inputs
        oldest = place + 1 if place + 1 < history else 0
        state[0] += 1.0
        state[1] = float(oldest)
        if state[0] < history:
            return self._unknown
        inner: list[float] = [0.0] * self._inner
        found: Any = self._unknown
        for k in (*range(oldest, history), *range(oldest)):
            found = self._step(inner, *state[2 + k * width : 2 + (k + 1) * width], *self._scalars)
        state[self._size :] = inner
        return found if isinstance(found, tuple) else (found,)

    def batch(self, *inputs: FloatArray) -> dict[str, FloatArray]:
        """Output -> read-only column of the inputs' length: what `step` gives for each bar, by compiled code."""
        count, scalars = len(inputs[0]), self._scalars
        if self._history is None:
            loop = loop_of(self._kind)
        else:
            loop, scalars = history_loop_of(self._kind), (self._history, self._size, *scalars)
        state = np.array(self._state, dtype=np.float64)
        columns = np.empty((len(self._unknown), count))
        for first, stop in blocks_of(0, count):
            rows = np.empty((stop - first, len(inputs)))
            for k, values in enumerate(inputs):
                rows[:, k] = values[first:stop]
            out = np.empty((stop - first, len(self._unknown)))
            loop(rows, state, out, *scalars)
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
