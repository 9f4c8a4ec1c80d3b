"""The directory: cells by name, and tombstones of removed names.

A late message to a removed name is a dead letter, not a crash of its sender, so the last names are kept, without spec
or factory. Names that can be used again are kept apart from those that dynamic supervisors have used up: a new child
of the same name takes its tombstone back and continues the count of lives.
"""

from collections import OrderedDict
from typing import Protocol

from runtime.errors import UnknownRef
from runtime.kernel.cell import Cell, Tombstone
from runtime.kernel.dispatch import Dispatch
from runtime.messages import Reason, Ref

__all__ = ["Branches", "Directory"]

_KEPT_NAMES = 10_000
_KEPT_DYNAMIC_NAMES = 1_000


class Branches(Protocol):
    """What the directory asks supervision about names."""

    def is_supervisor(self, ref: Ref) -> bool:
        """Whether a supervisor of that name is in the tree."""

    def was_given(self, ref: Ref) -> bool:
        """Whether a dynamic supervisor has ever given a child that name or one above it."""


class Directory:
    """`nobody` are the handlers of cells that are down; supervision sets `branches` before anything starts."""

    branches: Branches

    def __init__(self, nobody: Dispatch) -> None:
        self.cells: dict[Ref, Cell] = {}
        self.nobody = nobody
        self._gone: OrderedDict[Ref, Tombstone] = OrderedDict()
        self._gone_dynamic: OrderedDict[Ref, Tombstone] = OrderedDict()

    def find(self, ref: Ref) -> Cell:
        """The cell of that name, or its tombstone; UnknownRef if the name never existed."""
        cell = self.cells.get(ref) or self.tombstone(ref)
        if cell is None:
            raise UnknownRef(f"{ref!r} is not in the tree")
        return cell

    def tombstone(self, ref: Ref) -> Tombstone | None:
        """The tombstone of a removed name; None for a name that is not known to have existed."""
        known = self._gone.get(ref) or self._gone_dynamic.get(ref)
        if known is None and self.branches.was_given(ref):
            known = Tombstone(ref, 0, (Reason.NORMAL, "noproc"), self.nobody)
        return known

    def may_live(self, ref: Ref) -> bool:
        """Whether an actor of that name lives or may live again."""
        return ref in self.cells or ref in self._gone

    def remove(self, cell: Cell, *, comes_back: bool) -> None:
        """Remove a cell from the tree; `comes_back` says whether its name can be used again."""
        del self.cells[cell.ref]
        names, most = (self._gone, _KEPT_NAMES) if comes_back else (self._gone_dynamic, _KEPT_DYNAMIC_NAMES)
        names[cell.ref] = Tombstone(cell.ref, cell.incarnation, cell.ended, self.nobody)
        if len(names) > most:
            names.popitem(last=False)

    def take_stone(self, ref: Ref) -> Tombstone | None:
        """Remove and return the tombstone of a name that is used again, or None."""
        return self._gone.pop(ref, None)
