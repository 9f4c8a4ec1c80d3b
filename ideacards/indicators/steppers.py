"""One value at a time, for live: keeps the state for the same step function that batch runs.

`Recursive` keeps a few numbers, `Windowed` the last `length` inputs. Neither does arithmetic of its own.
"""

from collections import deque
from collections.abc import Callable, Collection
from typing import Any, Protocol

from ideacards.bars import FloatArray
from ideacards.compiled import plain

__all__ = ["Recursive", "State", "Stepper", "Window", "Windowed"]

State = FloatArray | list[float]  # state of a recursive step function: an array in batch, a list live
Window = Collection[float]  # inputs of a windowed step function, oldest first: a slice in batch, a deque live


class Stepper(Protocol):
    """Takes the inputs of the next bar, gives its outputs in the registry's order (NaN = undefined)."""

    def step(self, *inputs: float) -> tuple[float, ...]: ...


def _as_tuple(result: Any) -> tuple[float, ...]:
    return result if isinstance(result, tuple) else (result,)


class Recursive:
    """A step function `f(state, *inputs, *settings)` that keeps `size` floats, all 0 at the start."""

    def __init__(self, function: Callable[..., Any], size: int, *settings: Any) -> None:
        self._function = plain(function)
        self._state = [0.0] * size
        self._settings = settings

    def step(self, *inputs: float) -> tuple[float, ...]:
        """The outputs after one more bar."""
        return _as_tuple(self._function(self._state, *inputs, *self._settings))


class Windowed:
    """A step function `f(window, *settings)` of the last `length` inputs, oldest first."""

    def __init__(self, function: Callable[..., Any], length: int, undefined: tuple[float, ...], *settings: Any) -> None:
        self._function = plain(function)
        self._window: deque[float] = deque(maxlen=length)
        self._undefined = undefined
        self._settings = settings

    def step(self, *inputs: float) -> tuple[float, ...]:
        """The outputs after one more bar; undefined until the window is full."""
        self._window.extend(inputs)
        if len(self._window) < (self._window.maxlen or 0):
            return self._undefined
        return _as_tuple(self._function(self._window, *self._settings))
