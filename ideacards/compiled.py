"""The one place that knows numba: `compiled` turns a scalar function into machine code, kept on disk between runs.

The code is plain IEEE arithmetic (no fastmath), so NUMBA_DISABLE_JIT=1 gives the same bytes. Numba stamps what it keeps
with the one file in which the function stands: functions that call one another must share a file.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    import numpy as np

__all__ = ["compiled", "plain", "read_only"]

F = TypeVar("F", bound=Callable[..., Any])
A = TypeVar("A", bound="np.ndarray[Any, Any]")


def compiled(function: F) -> F:
    """`function`, compiled at its first call; not cached where no cache folder can be written."""
    import numba  # 0.2 s, and only a card that computes features needs it

    try:
        result: Any = numba.njit(cache=True)(function)
    except RuntimeError:  # numba raises this when it finds no cache folder
        result = numba.njit(function)
    return cast(F, result)


def plain(function: F) -> F:
    """The Python function behind a compiled one: the same arithmetic, quicker for one call on Python floats."""
    result: F = getattr(function, "py_func", function)
    return result


def read_only(values: A) -> A:
    """A read-only view. Batch loops get this kind only: numba would compile again for writable arrays."""
    view = values.view()
    view.flags.writeable = False
    return view
