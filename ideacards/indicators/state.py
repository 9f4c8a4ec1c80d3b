"""The state of a step function: floats by index, in batch an array, step by step a list."""

from typing import Protocol

__all__ = ["State"]


class State(Protocol):
    """All 0.0 at the start."""

    def __getitem__(self, index: int, /) -> float: ...

    def __setitem__(self, index: int, value: float, /) -> None: ...
