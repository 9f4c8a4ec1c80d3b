"""Builds cells and supervisors from specs: for a new kernel, an added child, or a branch that starts again.

A name that is used again continues its incarnations, so that they only grow. Dynamic children's names are never used
again; after their tombstones are dropped they are recognised by their number.
"""

from collections import OrderedDict

import attrs

from runtime.kernel.cell import Cell
from runtime.kernel.core import Core
from runtime.messages import Ref
from runtime.rng import RandomStream
from runtime.spec import ActorSpec, ChildSpec, RestartStrategy, SupervisorSpec, child_ref
from runtime.supervision.children import Child, Children
from runtime.supervision.node import Node
from runtime.supervision.restarts import Streak
from runtime.supervision.supervisor import Supervisor, Tree

__all__ = ["TreeBuilder"]

_KEPT_NAMES = 10_000


@attrs.frozen
class _Numbers:
    """What a later supervisor of the same name continues: its number of lives and of dynamic children so far."""

    incarnation: int
    children_started: int
    template: str


class TreeBuilder:
    """Adds cells to the kernel's directory and supervisors to `supervisors`; it is the directory's `Branches`."""

    def __init__(self, core: Core, tree: Tree) -> None:
        self._core = core
        self._tree = tree
        self.supervisors: dict[Ref, Supervisor] = {}
        self._gone: OrderedDict[Ref, _Numbers] = OrderedDict()
        core.directory.branches = self

    def root(self, spec: SupervisorSpec) -> Supervisor:
        """Build the whole tree; nothing is started."""
        return self._supervisor(spec, Ref(""), None)

    def children_of(self, supervisor: Supervisor) -> Children:
        """The children of a supervisor's spec, in existing cells if any; forgets those added at run time."""
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
        """Build one child, not started."""
        ref = child_ref(supervisor.ref, spec.id)
        site = f"backoff/{supervisor.ref}/{supervisor.incarnation}/{spec.id}"
        streak = Streak(spec.backoff, RandomStream(self._core.seed, site))
        if isinstance(spec, ActorSpec):
            return Child(spec, self._cell(spec, ref, supervisor), streak)
        known = self.supervisors.get(ref)
        if known is None or known.spec is not spec:
            known = self._supervisor(spec, ref, supervisor)
        return Child(spec, known, streak)

    def forget(self, node: Node) -> None:
        """Free a node's name; its number of lives is kept for a later node of that name."""
        if isinstance(node, Cell):
            self._forget_cell(node)
        elif isinstance(node, Supervisor):
            self._forget_supervisor(node)

    def is_supervisor(self, ref: Ref) -> bool:
        """Whether a supervisor of that name is in the tree."""
        return ref in self.supervisors

    def was_given(self, ref: Ref) -> bool:
        """Whether a dynamic supervisor has ever given a child that name or one above it."""
        above = Ref("")
        for name in ref.split("/"):
            living, numbers = self.supervisors.get(above), self._gone.get(above)
            if living is not None and living.spec.strategy is RestartStrategy.DYNAMIC:
                numbers = _Numbers(0, living.children_started, living.spec.children[0].id)
            if numbers is not None and numbers.children_started:
                template, _, number = name.rpartition("-")
                if template == numbers.template and number.isdecimal() and 1 <= int(number) <= numbers.children_started:
                    return True
            above = child_ref(above, name)
        return False

    def _forget_supervisor(self, node: Supervisor) -> None:
        for child in node.children:
            self.forget(child.node)
        self.supervisors.pop(node.ref, None)
        if _comes_back(node.parent):
            template = node.spec.children[0].id if node.spec.strategy is RestartStrategy.DYNAMIC else ""
            self._gone[node.ref] = _Numbers(node.incarnation, node.children_started, template)
            if len(self._gone) > _KEPT_NAMES:
                self._gone.popitem(last=False)

    def _forget_cell(self, cell: Cell) -> None:
        core = self._core
        if cell.ref not in core.directory.cells:
            return
        core.mailboxes.closed(cell.spec.mailbox)
        core.quarantine.forget(cell)
        comes_back = _comes_back(self.supervisors.get(cell.parent))
        if not comes_back:
            core.watches.drop_watched(cell.ref)
        core.directory.remove(cell, comes_back=comes_back)

    def _supervisor(self, spec: SupervisorSpec, ref: Ref, parent: Supervisor | None) -> Supervisor:
        supervisor = Supervisor(spec, ref, parent, self._tree)
        earlier = self._gone.pop(ref, None)
        if earlier is not None:
            supervisor.incarnation = earlier.incarnation
            supervisor.children_started = earlier.children_started
        self.supervisors[ref] = supervisor
        supervisor.children = self.children_of(supervisor)
        return supervisor

    def _cell(self, spec: ActorSpec, ref: Ref, supervisor: Supervisor) -> Cell:
        core, directory = self._core, self._core.directory
        cell = directory.cells.get(ref)
        if cell is None:
            cell = directory.cells[ref] = Cell(ref, spec, supervisor.ref, directory.nobody)
            stone = directory.take_stone(ref)
            if stone is not None:
                cell.incarnation, cell.ended = stone.incarnation, stone.ended
        else:
            core.mailboxes.closed(cell.spec.mailbox)
        cell.spec = spec
        cell.parent = supervisor.ref
        core.mailboxes.opened(spec.mailbox)
        return cell


def _comes_back(supervisor: Supervisor | None) -> bool:
    """Whether a name can be used again: not below a dynamic supervisor."""
    while supervisor is not None:
        if supervisor.spec.strategy is RestartStrategy.DYNAMIC:
            return False
        supervisor = supervisor.parent
    return True
