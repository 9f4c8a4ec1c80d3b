"""The trap: in simulation a handler that reads a clock or uses its own randomness raises ImpureHandler.

The lint finds such calls in our source; the trap finds them at run time, also in libraries that an actor calls.
Clocks, `random`, `uuid` and `os.urandom` are replaced while a driver runs, and raise only in the thread of a kernel
that runs a handler: a progress bar, a log or a test in other threads uses the real ones. Functions imported by name
before (`from time import time`) cannot be replaced.
"""

import os
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from runtime.errors import ImpureHandler
from runtime.kernel.envelope import NOBODY
from runtime.kernel.kernel import Kernel

__all__ = ["no_clocks_in_handlers"]

_NOW, _DICE = "ctx.now or ctx.wall", "ctx.rng(site)"
_CLOCKS = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")
_THROWS = ("random", "randint", "randrange", "choice", "shuffle", "sample", "uniform", "gauss")
_TRAPPED: tuple[tuple[ModuleType, str, str], ...] = (
    *((time, name, _NOW) for name in _CLOCKS),
    *((random, name, _DICE) for name in _THROWS),
    *((uuid, name, _DICE) for name in ("uuid1", "uuid4")),
    (os, "urandom", _DICE),
    (time, "sleep", "ctx.after"),
)


@contextmanager
def no_clocks_in_handlers(kernel: Kernel) -> Iterator[None]:
    """A context manager in which such a call in a handler of `kernel` raises ImpureHandler."""
    if kernel.is_trapped:
        yield
        return
    owner = threading.get_ident()
    real = [(module, name, getattr(module, name)) for module, name, _ in _TRAPPED]
    kernel.is_trapped = True
    for (module, name, instead), (_, _, function) in zip(_TRAPPED, real, strict=True):
        setattr(module, name, _trap(kernel, owner, function, f"{module.__name__}.{name}", instead))
    try:
        yield
    finally:
        kernel.is_trapped = False
        for module, name, function in reversed(real):
            setattr(module, name, function)


def _trap(kernel: Kernel, owner: int, real: Callable[..., Any], name: str, instead: str) -> Callable[..., Any]:
    def trapped(*args: Any, **named: Any) -> Any:
        if kernel.in_hand is not NOBODY and threading.get_ident() == owner:
            raise ImpureHandler(f"{kernel.in_hand.receiver.ref} calls {name}() in a handler: take {instead}")
        return real(*args, **named)

    return trapped
