"""Who is where: the cells of the tree by name, and the tombstones of names that are gone for good.

A late message to a gone name is a dead letter, not its sender's crash; so the last names are kept, without spec or
factory. Names that can be given again are kept apart from those that dynamic supervisors have used up: a namesake
takes its stone back and goes on counting lives.
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
    """What supervision knows of names, beside cells."""

    def is_supervisor(self, ref: Ref) -> bool:
        """Whether a supervisor of that name is in the tree."""

    def was_given(self, ref: Ref) -> bool:
        """Whether a dynamic supervisor has ever given that name, or one above it, to a child."""


class Directory:
    """`nobody` are the handlers of whoever is down; `branches` is set by supervision, before anything starts."""

    branches: Branches

    def __init__(self, nobody: Dispatch) -> None:
        self.cells: dict[Ref, Cell] = {}
        self.nobody = nobody
        self._gone: OrderedDict[Ref, Tombstone] = OrderedDict()
        self._gone_dynamic: OrderedDict[Ref, Tombstone] = OrderedDict()

    def find(self, ref: Ref) -> Cell:
        """The cell of that name, or the tombstone of one that is gone; UnknownRef if there never was one."""
        cell = self.cells.get(ref) or self.tombstone(ref)
        if cell is None:
            raise UnknownRef(f"{ref!r} is not in the tree")
        return cell

    def tombstone(self, ref: Ref) -> Tombstone | None:
        """Of a name that was in the tree and is gone for good; None for one that never was, as far as is known."""
        known = self._gone.get(ref) or self._gone_dynamic.get(ref)
        if known is None and self.branches.was_given(ref):
            known = Tombstone(ref, 0, (Reason.NORMAL, "noproc"), self.nobody)
        return known

    def may_live(self, ref: Ref) -> bool:
        """Whether somebody lives or may live again under that name."""
        return ref in self.cells or ref in self._gone

    def remove(self, cell: Cell, *, comes_back: bool) -> None:
        """It leaves the tree; `comes_back`: its name can be given again."""
        del self.cells[cell.ref]
        names, most = (self._gone, _KEPT_NAMES) if comes_back else (self._gone_dynamic, _KEPT_DYNAMIC_NAMES)
        names[cell.ref] = Tombstone(cell.ref, cell.incarnation, cell.ended, self.nobody)
        if len(names) > most:
            names.popitem(last=False)

    def take_stone(self, ref: Ref) -> Tombstone | None:
        """The stone of a name that is given again, or None."""
        return self._gone.pop(ref, None)
