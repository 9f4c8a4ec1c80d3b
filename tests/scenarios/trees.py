"""Facts of the running tree that a fault hook reads."""

from runtime.kernel.cell import Cell
from runtime.kernel.context import KernelContext
from runtime.supervision.building import TreeBuilder

__all__ = ["has_been_up"]


def has_been_up(cell: Cell) -> bool:
    """Whether the whole tree was once up; of an actor that lives."""
    assert isinstance(cell.context, KernelContext), "a hook is asked of living actors"
    branches = cell.context._core.directory.branches
    assert isinstance(branches, TreeBuilder)
    return branches.supervisors[cell.parent].life.has_been_up
