"""The one loop that runs every kind of feature over many bars, compiled once a kind.

A step function is called once a bar with its inputs as floats; a bar at which an input is unknown (NaN) is skipped: the
outputs are unknown there, and the state stays. Parameters are arguments of the loop, so another length does not
compile again.
"""

import importlib
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

from ideacards.compiled import compiled_loop
from ideacards.indicators.kind import Indicator

__all__ = ["loop_of", "step_of"]

Step = Callable[..., Any]

_TEXT = """
from math import isnan, nan

def {name}(rows, state, out{params}):
    for i in range(len(rows)):
        {inputs} = {values}
        if {unknown}:
            {outputs} = {nans}
        else:
            {outputs} = step(state, {inputs}{params})
"""


@cache
def step_of(reference: str) -> FunctionType:
    """The step function that `module:function` under `ideacards.` names."""
    module, _, name = reference.partition(":")
    found: FunctionType = getattr(importlib.import_module(f"ideacards.{module}"), name)
    return found


@cache
def _loop(step: FunctionType, inputs: int, outputs: int, are_floats: tuple[bool, ...]) -> Step:
    xs = [f"x{k}" for k in range(inputs)]
    text = _TEXT.format(
        name=step.__name__,
        params="".join(f", p{k}" for k in range(len(are_floats))),
        inputs=", ".join(xs),
        values=", ".join(f"rows[i, {k}]" for k in range(inputs)),
        unknown=" or ".join(f"isnan({x})" for x in xs),
        outputs=", ".join(f"out[i, {k}]" for k in range(outputs)),
        nans=", ".join(["nan"] * outputs),
    )
    table = "float64[:, ::1]"
    kinds = "".join(", float64" if is_float else ", int64" for is_float in are_floats)
    return compiled_loop(text, step.__name__, f"void({table}, float64[::1], {table}{kinds})", step)


def loop_of(kind: Indicator) -> Step:
    """`loop(rows, state, out, *scalars)`: fills `out` (a row a bar, a column an output) and advances `state`.

    `rows` has a row a bar and a column an input. All three are writable contiguous float64 arrays. The first call
    compiles, unless an earlier run has left the machine code on disk.
    """
    are_floats = tuple(param.is_float for param in kind.params)
    return _loop(step_of(kind.step), len(kind.inputs), len(kind.outputs), are_floats)
