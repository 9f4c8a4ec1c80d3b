"""The one place that knows numba: `compiled` turns a scalar function into machine code, kept on disk between runs.

The code is plain IEEE arithmetic (no fastmath), so NUMBA_DISABLE_JIT=1 gives the same bytes. Numba stamps what it keeps
with the file the function stands in and no other: functions that call one another must share a file.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    import numpy as np

__all__ = ["compiled", "plain", "read_only"]

F = TypeVar("F", bound=Callable[..., Any])
A = TypeVar("A", bound="np.ndarray[Any, Any]")


def compiled(function: F) -> F:
    """`function`, compiled at its first call; without the disk where no cache folder can be written."""
    import numba  # 0.2 s, and only a card that computes features needs it

    try:
        result: Any = numba.njit(cache=True)(function)
    except RuntimeError:  # numba's word for "no folder to keep it in"
        result = numba.njit(function)
    return cast(F, result)


def plain(function: F) -> F:
    """The Python function behind a compiled one: the same arithmetic, quicker for one call on Python floats."""
    result: F = getattr(function, "py_func", function)
    return result


def read_only(values: A) -> A:
    """A read-only view; numba compiles anew for writable arrays, so batch loops are given this kind alone."""
    view = values.view()
    view.flags.writeable = False
    return view
