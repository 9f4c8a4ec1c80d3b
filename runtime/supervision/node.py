"""A node of the tree: a cell, or a supervisor with its own children."""

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
        """The spec it was built from."""
