"""What may stand in a child's place: a cell, or a supervisor with children of its own."""

from typing import Protocol

from runtime.messages import Ref
from runtime.spec import ChildSpec

__all__ = ["Node"]


class Node(Protocol):
    """`incarnation` counts its starts."""

    ref: Ref
    incarnation: int

    @property
    def spec(self) -> ChildSpec:
        """What it was built from."""
