"""From specs to cells and supervisors, at the kernel's making and whenever a child is added or a branch starts again.

A name that comes back gets its place back, so that incarnations only grow. Of a name that is gone for good a tombstone
is left, without spec or factory, so that a late message to it is a dead letter and not its sender's crash. Dynamic
children's names never come back, and are known by their number when their tombstones are gone too.
"""

from collections import OrderedDict
from typing import TYPE_CHECKING, TypeVar

import attrs

from runtime.kernel.cell import Cell, Tombstone
from runtime.messages import Reason, Ref
from runtime.rng import RandomStream
from runtime.spec import ActorSpec, ChildSpec, RestartStrategy, SupervisorSpec, child_ref
from runtime.supervision.children import Child, Children
from runtime.supervision.restarts import Streak
from runtime.supervision.supervisor import Supervisor

if TYPE_CHECKING:
    from runtime.kernel.core import Core
    from runtime.supervision.lifecycle import Lifecycle

__all__ = ["TreeBuilder"]

Kept = TypeVar("Kept")
_KEPT_NAMES = 10_000
_KEPT_DYNAMIC_NAMES = 1_000


@attrs.frozen
class _Numbers:
    """What a namesake of a supervisor goes on from: its lives, and its dynamic children's names used so far."""

    incarnation: int
    reports: int
    template: str


class TreeBuilder:
    """Fills `kernel.cells` and `supervisors`."""

    def __init__(self, kernel: "Core", life: "Lifecycle") -> None:
        self._kernel = kernel
        self._life = life
        self.supervisors: dict[Ref, Supervisor] = {}
        self.gone: OrderedDict[Ref, Tombstone] = OrderedDict()
        self._gone_dynamic: OrderedDict[Ref, Tombstone] = OrderedDict()
        self._gone_supervisors: OrderedDict[Ref, _Numbers] = OrderedDict()

    def root(self, spec: SupervisorSpec) -> Supervisor:
        """The whole tree, none of it started."""
        return self._supervisor(spec, Ref(""), None)

    def children_of(self, supervisor: Supervisor) -> Children:
        """The children of its spec, in places that exist already; what was added at run time is forgotten."""
        before = {child.spec.id: child for child in supervisor.children}
        fresh = () if supervisor.spec.strategy is RestartStrategy.DYNAMIC else supervisor.spec.children
        for spec in fresh:
            before.pop(spec.id, None)
        for lost in before.values():
            self.forget(lost.node)
        children = supervisor.no_children()
        for spec in fresh:
            children.add(self.child(supervisor, spec))
        return children

    def child(self, supervisor: Supervisor, spec: ChildSpec) -> Child:
        """A child in its place, not started."""
        ref = child_ref(supervisor.ref, spec.id)
        site = f"backoff/{supervisor.ref}/{supervisor.incarnation}/{spec.id}"
        streak = Streak(spec.backoff, RandomStream(self._kernel.seed, site))
        if isinstance(spec, ActorSpec):
            return Child(spec, self._cell(spec, ref, supervisor), streak)
        known = self.supervisors.get(ref)
        if known is None or known.spec is not spec:
            known = self._supervisor(spec, ref, supervisor)
        return Child(spec, known, streak)

    def forget(self, node: Cell | Supervisor) -> None:
        """Its name is free; the number of its lives is kept, for a namesake."""
        if isinstance(node, Cell):
            self._forget_cell(node)
            return
        for child in node.children:
            self.forget(child.node)
        self.supervisors.pop(node.ref, None)
        if _comes_back(node.parent):
            template = node.spec.children[0].id if node.spec.strategy is RestartStrategy.DYNAMIC else ""
            numbers = _Numbers(node.incarnation, node.reports, template)
            _keep(self._gone_supervisors, node.ref, numbers, _KEPT_NAMES)

    def tombstone(self, ref: Ref) -> Tombstone | None:
        """Of a name that was in the tree and is gone for good; None for one that never was, as far as is known."""
        known = self.gone.get(ref) or self._gone_dynamic.get(ref)
        if known is None and self._was_dynamic(ref):
            known = Tombstone(ref, 0, (Reason.NORMAL, "noproc"), self._life.root, self._kernel.nobody)
        return known

    def _forget_cell(self, cell: Cell) -> None:
        kernel = self._kernel
        if kernel.cells.pop(cell.ref, None) is None:
            return
        kernel.bound_gone(cell.spec.mailbox)
        kernel.quarantine.forget(cell)
        stone = Tombstone(cell.ref, cell.incarnation, cell.ended, self._life.root, kernel.nobody)
        if _comes_back(cell.supervisor):
            _keep(self.gone, cell.ref, stone, _KEPT_NAMES)
        else:
            kernel.watch_no_more(cell.ref)
            _keep(self._gone_dynamic, cell.ref, stone, _KEPT_DYNAMIC_NAMES)

    def _was_dynamic(self, ref: Ref) -> bool:
        """Whether a dynamic supervisor has once given that name, or one above it, to a child."""
        above = Ref("")
        for name in ref.split("/"):
            living, numbers = self.supervisors.get(above), self._gone_supervisors.get(above)
            if living is not None and living.spec.strategy is RestartStrategy.DYNAMIC:
                numbers = _Numbers(0, living.reports, living.spec.children[0].id)
            if numbers is not None and numbers.reports:
                template, _, number = name.rpartition("-")
                if template == numbers.template and number.isdecimal() and 1 <= int(number) <= numbers.reports:
                    return True
            above = child_ref(above, name)
        return False

    def _supervisor(self, spec: SupervisorSpec, ref: Ref, parent: Supervisor | None) -> Supervisor:
        supervisor = Supervisor(spec, ref, parent, self._life)
        earlier = self._gone_supervisors.pop(ref, None)
        if earlier is not None:
            supervisor.incarnation = earlier.incarnation
            supervisor.reports = earlier.reports
        self.supervisors[ref] = supervisor
        supervisor.children = self.children_of(supervisor)
        return supervisor

    def _cell(self, spec: ActorSpec, ref: Ref, supervisor: Supervisor) -> Cell:
        kernel = self._kernel
        cell = kernel.cells.get(ref)
        if cell is None:
            cell = Cell(ref, spec, supervisor, kernel.nobody)
            stone = self.gone.pop(ref, None)
            if stone is not None:
                cell.incarnation, cell.ended = stone.incarnation, stone.ended
        else:
            kernel.bound_gone(cell.spec.mailbox)
        cell.spec = spec
        cell.supervisor = supervisor
        kernel.cells[ref] = cell
        kernel.bound_by(spec.mailbox)
        return cell


def _comes_back(supervisor: Supervisor | None) -> bool:
    """Whether names below it can be given again: not where a dynamic supervisor stands above."""
    while supervisor is not None:
        if supervisor.spec.strategy is RestartStrategy.DYNAMIC:
            return False
        supervisor = supervisor.parent
    return True


def _keep(names: OrderedDict[Ref, Kept], ref: Ref, kept: Kept, most: int) -> None:
    names[ref] = kept
    if len(names) > most:
        names.popitem(last=False)
