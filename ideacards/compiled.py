"""The one place that knows numba: turns scalar functions into machine code, kept on disk between runs.

The code is plain IEEE arithmetic (no fastmath), so NUMBA_DISABLE_JIT=1 gives the same bytes. Numba stamps what it keeps
with the file in which one function stands: functions marked `compiled` that call one another must share a file. A loop
made by `compiled_loop` has no such limit, because its name on disk holds a digest of every file it was made from.
"""

import hashlib
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    import numpy as np

__all__ = ["compiled", "compiled_loop", "digest_of_sources", "is_on_disk", "plain", "read_only"]

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


def compiled_loop(text: str, name: str, signature: str, step: FunctionType) -> Callable[..., Any]:
    """The function `name` of the source `text`, which calls `step`, compiled for one numba signature.

    `step` and the plain functions it calls, in whatever modules, are compiled into it. It is kept beside the file of
    `step`, under a name that changes with that file, with those of the functions it calls, and with `text`.
    """
    import numba

    loop = _loop_of(text, name, step)
    try:
        result: Any = numba.njit(signature, cache=True)(loop)
    except RuntimeError:
        result = numba.njit(signature)(loop)
    return cast(Callable[..., Any], result)


def is_on_disk(text: str, name: str, step: FunctionType) -> bool:
    """Whether an earlier run has left the machine code of this loop, for this Python, where it will be looked for."""
    import numba

    loop = _loop_of(text, name, step)
    try:
        folder: Any = numba.njit(cache=True)(loop).stats.cache_path  # without a signature nothing is compiled
    except RuntimeError:
        return False
    index = (
        f"{Path(loop.__code__.co_filename).stem}.{loop.__qualname__}-*.py{sys.version_info[0]}{sys.version_info[1]}.nbi"
    )
    return any(Path(folder).glob(index))


def _loop_of(text: str, name: str, step: FunctionType) -> FunctionType:
    """The function `name` of `text`, not compiled, under a name that says what it was made from."""
    names: dict[str, Any] = {"step": _jitted(step)}
    exec(compile(text, step.__code__.co_filename, "exec"), names)  # the text is ours: a loop around one call
    loop: FunctionType = names[name]
    loop.__qualname__ = f"{name}_{digest_of_sources(step, text)}"
    loop.__module__ = step.__module__
    return loop


@cache
def _jitted(function: FunctionType) -> Any:
    """A compilable copy of a plain function: the plain functions that it calls are replaced by compilable copies."""
    import numba

    called = {name: _jitted(each) for name, each in _called_by(function)}
    copy = FunctionType(function.__code__, {**function.__globals__, **called}, function.__name__, function.__defaults__)
    copy.__module__ = function.__module__
    return numba.njit(copy)


def _called_by(function: FunctionType) -> Iterator[tuple[str, FunctionType]]:
    """The plain functions among the global names that a function uses; itself is left out."""
    for name in function.__code__.co_names:
        found = function.__globals__.get(name)
        if isinstance(found, FunctionType) and found is not function:
            yield name, found


def digest_of_sources(step: FunctionType, text: str = "") -> str:
    """16 hex digits of `text` and of the files of `step` and of all plain functions below it."""
    digest = hashlib.blake2b(text.encode(), digest_size=8)
    for file in sorted(_files_below(step)):
        digest.update(Path(file).read_bytes())
    return digest.hexdigest()


def _files_below(function: FunctionType) -> dict[str, None]:
    files = {function.__code__.co_filename: None}
    for _, each in _called_by(function):
        files |= _files_below(each)
    return files


def plain(function: F) -> F:
    """The Python function behind a compiled one: the same arithmetic, quicker for one call on Python floats."""
    result: F = getattr(function, "py_func", function)
    return result


def read_only(values: A) -> A:
    """A read-only view. Batch loops get this kind only: numba would compile again for writable arrays."""
    view = values.view()
    view.flags.writeable = False
    return view
