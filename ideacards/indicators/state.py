"""The state of a step function: floats by index, in batch an array, step by step a list."""

from collections.abc import Iterable
from typing import Protocol, overload

__all__ = ["State"]


class State(Protocol):
    """All 0.0 at the start. A loop over a slice is quicker than one over indices, compiled or not."""

    @overload
    def __getitem__(self, index: int, /) -> float: ...

    @overload
    def __getitem__(self, index: slice, /) -> Iterable[float]: ...

    def __setitem__(self, index: int, value: float, /) -> None: ...
