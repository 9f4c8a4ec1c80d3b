"""The loops that run a kind of feature over many bars, compiled once a kind.

A step function is called once a bar with its inputs as floats; a bar at which an input is unknown (NaN) is skipped: the
outputs are unknown there, and the state stays. Parameters are arguments of the loop, so another length does not
compile again. The loop for `history` starts anew at each bar, that many bars back.
"""

import importlib
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

from ideacards.compiled import compiled_loop, is_on_disk
from ideacards.indicators.kind import Indicator

__all__ = ["has_loop", "history_loop_of", "loop_of", "own_loop_of", "step_of"]

Step = Callable[..., Any]

_TABLE = "float64[:, ::1]"
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
_HISTORY = """
from math import isnan, nan

def {name}(rows, state, out, history, size{params}):
    inner = state[size:]
    for i in range(len(rows)):
        {inputs} = {values}
        if {unknown}:
            {outputs} = {nans}
            continue
        place = int(state[1])
        {kept} = {inputs}
        place = place + 1 if place + 1 < history else 0
        state[0] += 1.0
        state[1] = place
        if state[0] < history:
            {outputs} = {nans}
            continue
        for k in range(len(inner)):
            inner[k] = 0.0
        for _ in range(history):
            {inputs} = {kept}
            {outputs} = step(inner, {inputs}{params})
            place = place + 1 if place + 1 < history else 0
"""
_OWN = """
from ideacards.indicators.own_bar import OwnBar

def {name}(rows, state, out):
    for i in range(len(rows)):
        out[i, 0] = step(state, OwnBar({values}))
"""


@cache
def step_of(reference: str) -> FunctionType:
    """The step function that `module:function` under `ideacards.` names."""
    module, _, name = reference.partition(":")
    found: FunctionType = getattr(importlib.import_module(f"ideacards.{module}"), name)
    return found


@cache
def _loop(text: str, name: str, step: FunctionType, shape: tuple[int, int], are_floats: tuple[bool, ...]) -> Step:
    """The loop of `text`, of a step with so many inputs and outputs, and a float or an int for each parameter."""
    kinds = ["int64", "int64"] if text is _HISTORY else []
    kinds += ["float64" if is_float else "int64" for is_float in are_floats]
    signature = f"void({', '.join((_TABLE, 'float64[::1]', _TABLE, *kinds))})"
    return compiled_loop(_filled(text, name, shape, len(are_floats)), name, signature, step)


def _filled(text: str, name: str, shape: tuple[int, int], params: int) -> str:
    inputs, outputs = shape
    xs = [f"x{k}" for k in range(inputs)]
    return text.format(
        name=name,
        params="".join(f", p{k}" for k in range(params)),
        inputs=", ".join(xs),
        values=", ".join(f"rows[i, {k}]" for k in range(inputs)),
        kept=", ".join(f"state[2 + place * {inputs} + {k}]" for k in range(inputs)),
        unknown=" or ".join(f"isnan({x})" for x in xs),
        outputs=", ".join(f"out[i, {k}]" for k in range(outputs)),
        nans=", ".join(["nan"] * outputs),
    )


def loop_of(kind: Indicator) -> Step:
    """`loop(rows, state, out, *scalars)`: fills `out` (a row a bar, a column an output) and advances `state`.

    `rows` has a row a bar and a column an input. All three are writable contiguous float64 arrays. The first call
    compiles, unless an earlier run has left the machine code on disk.
    """
    return _loop(_TEXT, kind.name, *_shape(kind))


def history_loop_of(kind: Indicator) -> Step:
    """`loop(rows, state, out, history, size, *scalars)`: each value is that of a start `history` bars back.

    `state` holds 2 + history * inputs = `size` floats for the last bars, and then what the step function needs.
    """
    return _loop(_HISTORY, f"{kind.name}_history", *_shape(kind))


@cache
def has_loop(kind: Indicator, *, history: bool) -> bool:
    """Whether the machine code of `loop_of`, or `history_loop_of`, was on disk when this process first asked."""
    text, name = (_HISTORY, f"{kind.name}_history") if history else (_TEXT, kind.name)
    step, shape, are_floats = _shape(kind)
    return is_on_disk(_filled(text, name, shape, len(are_floats)), name, step)


def own_loop_of(step: FunctionType, inputs: int) -> Step:
    """`loop(rows, state, out)` of a user's step function, which gets the state and a bar of `inputs` numbers."""
    return _loop(_OWN, step.__name__, step, (inputs, 1), ())


def _shape(kind: Indicator) -> tuple[FunctionType, tuple[int, int], tuple[bool, ...]]:
    are_floats = tuple(param.is_float for param in kind.params)
    return step_of(kind.step), (len(kind.inputs), len(kind.outputs)), are_floats
